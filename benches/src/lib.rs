//! What the benchmarks share: the laws that they sample, and the checks that a measured fill wrote the right values.

pub mod instructions;
pub mod peer;

use std::fmt::Debug;

use init_core::Distribution;
use init_kernels::{Element, Filler, Level, Stream};

/// A buffer that stays in the caches next to a core: 64 KiB.
pub const CACHE_BYTES: usize = 64 * 1024;

/// A buffer for which fills leave the caches alone: 256 MiB.
pub const MEMORY_BYTES: usize = 256 * 1024 * 1024;

/// The samplers, each in its commonest form.
#[must_use]
pub fn laws() -> [(&'static str, Distribution); 3] {
    [
        ("uniform", Distribution::Uniform { low: -0.0759555, high: 0.0759555 }),
        ("normal", Distribution::Normal { mean: 0.0, std: 0.02 }),
        ("truncated_normal", Distribution::TruncatedNormal { mean: 0.0, std: 0.02, low: -0.04, high: 0.04 }),
    ]
}

/// The law of a name.
///
/// # Panics
/// If no law has it.
#[must_use]
pub fn law(name: &str) -> Distribution {
    let found = laws().into_iter().find(|(law, _)| *law == name);
    found.unwrap_or_else(|| panic!("no law `{name}`")).1
}

/// One value everywhere: at the best level, in a large buffer, what the machine can write.
pub const LIMIT: Distribution = Distribution::Constant(0.5);

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
    filler.fill(buffer, &LIMIT, stream()).expect("a constant fits every type");
    filler.fill(buffer, law, stream()).expect("a benchmark's law fits its type");
    check_ends(buffer, law);
}

/// Compares the ends of a filled buffer with the portable level's values.
///
/// # Panics
/// If they differ.
pub fn check_ends<T: Element + Debug>(buffer: &[T], law: &Distribution) {
    const END: usize = 5000;
    let portable = Filler::new().level(Level::Portable).parallel(false);
    let end = buffer.len().min(END);
    for start in [0, buffer.len() - end] {
        let found = &buffer[start..start + end];
        let mut expected = found.to_vec();
        portable.fill_at(&mut expected, start as u64, law, stream()).expect("as above");
        assert!(found == expected, "{law} from {start}");
    }
}
