//! Shared code of the benchmarks: the distributions that they sample, and checks that a measured
//! fill wrote the right values.

pub mod instructions;
pub mod peer;

use std::fmt::Debug;

use init_core::Distribution;
use init_kernels::{Element, Filler, Level, Stream};

/// Size of a buffer that fits into the caches of a core: 64 KiB.
pub const CACHE_BYTES: usize = 64 * 1024;

/// Size of a buffer whose fills bypass the caches: 256 MiB.
pub const MEMORY_BYTES: usize = 256 * 1024 * 1024;

/// Returns the distributions to sample, by name, each in its most common form.
#[must_use]
pub fn distributions() -> [(&'static str, Distribution); Distribution::TYPICAL.len()] {
    Distribution::TYPICAL.map(|distribution| (distribution.name(), distribution))
}

/// Returns the distribution with a name.
///
/// # Panics
///
/// Panics if no distribution has the name.
#[must_use]
pub fn distribution(name: &str) -> Distribution {
    let found = distributions().into_iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("unknown distribution `{name}`")).1
}

/// A constant, which at the best level, in a large buffer, is limited by the machine's write
/// bandwidth.
pub const LIMIT: Distribution = Distribution::Constant(0.5);

/// Returns the stream of every benchmark.
#[must_use]
pub fn stream() -> Stream {
    Stream::new(42).child("bench")
}

/// Fills the buffer once and compares its ends with the values of the portable level.
///
/// # Panics
///
/// Panics if they differ: the measurement would not be of the fill.
pub fn check<T: Element + Debug>(filler: Filler, buffer: &mut [T], distribution: &Distribution) {
    filler.fill(buffer, &LIMIT, stream()).expect("a constant fits every type");
    filler.fill(buffer, distribution, stream()).expect("the distribution of a benchmark fits its type");
    check_ends(buffer, distribution);
}

/// Compares the ends of a filled buffer with the values of the portable level.
///
/// # Panics
///
/// Panics if they differ.
pub fn check_ends<T: Element + Debug>(buffer: &[T], distribution: &Distribution) {
    const END: usize = 5000;
    let portable = Filler::new().level(Level::Portable).threads(1);
    let end = buffer.len().min(END);
    for start in [0, buffer.len() - end] {
        let found = &buffer[start..start + end];
        let mut expected = found.to_vec();
        portable.fill_at(&mut expected, start as u64, distribution, stream()).expect("as above");
        assert!(found == expected, "{distribution} from index {start}");
    }
}
