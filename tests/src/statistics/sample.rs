//! Values from the kernels, in reused buffers.

use init_core::Distribution;
use init_kernels::{Filler, Stream};
use rayon::prelude::*;

use crate::oracle::Value;

/// Elements per buffer: a whole number of pairs of blocks, and small enough for the L2 cache.
pub const CHUNK: usize = 1 << 16;

/// Returns whether the long forms of the slowest tests are to run: `FANIN_LONG=1`, as in `.ci/run`.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os("FANIN_LONG").is_some_and(|value| value != "0")
}

/// Accumulates over the first `chunks` chunks of a tensor.
///
/// # Panics
///
/// If the kernels refuse the distribution.
pub fn sample<T: Value + init_kernels::Element, A: Send>(
    chunks: u64,
    distribution: &Distribution,
    stream: Stream,
    start: impl Fn() -> A + Send + Sync,
    add: impl Fn(&mut A, &[T]) + Send + Sync,
    join: impl Fn(A, A) -> A + Send + Sync,
) -> A {
    let fill = |chunk: u64, buffer: &mut [T]| {
        let filler = Filler::new().threads(1);
        filler.fill_at(buffer, chunk * CHUNK as u64, distribution, stream).expect("a distribution that fits");
    };
    sample_chunks(chunks, fill, start, add, join)
}

/// Accumulates over chunks that a function fills, in any order.
pub fn sample_chunks<T: Value, A: Send>(
    chunks: u64,
    fill: impl Fn(u64, &mut [T]) + Send + Sync,
    start: impl Fn() -> A + Send + Sync,
    add: impl Fn(&mut A, &[T]) + Send + Sync,
    join: impl Fn(A, A) -> A + Send + Sync,
) -> A {
    let parts = (0..chunks).into_par_iter().fold(
        || (start(), vec![T::default(); CHUNK]),
        |(mut sum, mut buffer), chunk| {
            fill(chunk, &mut buffer);
            add(&mut sum, &buffer);
            (sum, buffer)
        },
    );
    parts.map(|(sum, _)| sum).reduce(&start, &join)
}
