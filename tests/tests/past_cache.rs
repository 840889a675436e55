//! Fills large enough for streaming stores give the same values, at any alignment.
//!
//! The values of small fills equal the oracle's (`bit_identity.rs`); here a large fill is compared with small
//! ones.

use fanin_tests::cases::samplers;
use fanin_tests::for_each_dtype;
use fanin_tests::levels::{Both, levels};
use init_core::Distribution;
use init_kernels::{Buffer, Filler, Level, Stream};

/// More than 16 MiB, from which on stores bypass the caches, and not a multiple of a group or a cache line.
const BYTES: usize = (16 << 20) + (16 << 10) + 40;

/// Elements of the small fills: their last blocks are partial.
const PIECE: usize = 100_003;

for_each_dtype! {
    every_sampler_at_every_level => samplers_at_levels;
    every_alignment => alignments;
    from_any_offset => offsets;
}

fn stream() -> Stream {
    Stream::new(42).child("lm_head.weight")
}

/// Fills `BYTES` from the element `shift` of aligned memory, and compares with small fills.
fn check<T: Both>(level: Level, shift: usize, offset: u64, distribution: &Distribution, what: &str) {
    let len = BYTES / size_of::<T>();
    let mut buffer = Buffer::<T>::new(shift + len + 64).expect("memory");
    buffer.fill(T::LARGEST);
    Filler::new().level(level).fill_at(&mut buffer[shift..][..len], offset, distribution, stream()).expect(what);

    let untouched = |x: &T| x.bits() == T::LARGEST.bits();
    assert!(buffer[..shift].iter().all(untouched), "{what}: wrote before");
    assert!(buffer[shift + len..].iter().all(untouched), "{what}: wrote after");
    let mut piece = [T::default(); PIECE];
    for (number, found) in buffer[shift..][..len].chunks(PIECE).enumerate() {
        let expected = &mut piece[..found.len()];
        Filler::new().fill_at(expected, offset + (number * PIECE) as u64, distribution, stream()).expect(what);
        if let Some(at) = (0..found.len()).find(|&i| found[i].bits() != expected[i].bits()) {
            panic!("{what}: {:?} instead of {:?} at {}", found[at], expected[at], number * PIECE + at);
        }
    }
}

fn samplers_at_levels<T: Both>() {
    for (number, (name, distribution)) in samplers().into_iter().enumerate() {
        for level in levels() {
            check::<T>(level, number, 0, &distribution, &format!("{name}, {level}"));
        }
    }
}

fn alignments<T: Both>() {
    let normal = Distribution::Normal { mean: 0.0, std: 0.02 };
    for level in levels().into_iter().filter(|&level| level != Level::Portable) {
        for shift in 0..33 {
            check::<T>(level, shift, 0, &normal, &format!("{level}, {shift} elements after the start of a page"));
        }
    }
}

fn offsets<T: Both>() {
    let uniform = Distribution::Uniform { low: -0.1, high: 0.1 };
    for level in levels().into_iter().filter(|&level| level != Level::Portable) {
        for offset in [1, 31, 32, 4095, 4096, 1_000_000_000_005] {
            check::<T>(level, 3, offset, &uniform, &format!("{level}, from {offset}"));
        }
    }
}
