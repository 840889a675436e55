//! What the benchmarks share: the laws that they sample, and the check that a measured fill wrote the right values.

use std::fmt::Debug;

use init_core::Distribution;
use init_kernels::{Element, Filler, Level, Stream};

/// A buffer that stays in the first-level cache's neighbour: 64 KiB.
pub const CACHE_BYTES: usize = 64 * 1024;

/// A buffer that does not stay in any cache of most machines: 64 MiB.
pub const MEMORY_BYTES: usize = 64 * 1024 * 1024;

/// The samplers, each in its commonest form.
#[must_use]
pub fn laws() -> [(&'static str, Distribution); 3] {
    [
        ("uniform", Distribution::Uniform { low: -0.0759555, high: 0.0759555 }),
        ("normal", Distribution::Normal { mean: 0.0, std: 0.02 }),
        ("truncated_normal", Distribution::TruncatedNormal { mean: 0.0, std: 0.02, low: -0.04, high: 0.04 }),
    ]
}

/// The stream of every benchmark.
#[must_use]
pub fn stream() -> Stream {
    Stream::new(42).child("bench")
}

/// Fills the buffer once and compares its ends with the portable level's values.
///
/// # Panics
/// If they differ: what would be measured then is not the fill.
pub fn check<T: Element + Debug>(filler: Filler, buffer: &mut [T], law: &Distribution) {
    const END: usize = 5000;
    filler.fill(buffer, law, stream()).expect("a benchmark's law fits its type");
    let portable = Filler::new().level(Level::Portable).parallel(false);
    let end = buffer.len().min(END);
    for start in [0, buffer.len() - end] {
        let found = buffer[start..start + end].to_vec();
        let mut expected = found.clone();
        portable.fill_at(&mut expected, start as u64, law, stream()).expect("as above");
        assert_eq!(found, expected, "{law} from {start}");
    }
}
