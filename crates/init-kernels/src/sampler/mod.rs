//! From raw steps to the values of a distribution: what happens to each group of 32 elements.

mod normal;
mod truncated;
mod uniform;

use std::mem::MaybeUninit;

use crate::element::Range;
use crate::lanes::Lanes;
use crate::simd::{Simd, WIDTH32, WIDTH64};

pub(crate) use normal::{Normal32, Normal64};
pub(crate) use truncated::{Central, Held, Truncation};
pub(crate) use uniform::{Uniform32, Uniform64, is_tiny_f32, is_tiny_f64};

/// Elements that are made together: what two steps give in f32, four in f64.
pub(crate) const GROUP: usize = 32;

/// Steps of a group of an f32-stream type.
pub(crate) const STEPS32: usize = GROUP / WIDTH32;

/// Steps of a group of f64.
pub(crate) const STEPS64: usize = GROUP / WIDTH64;

/// Makes the values of one distribution, a group at a time, always from the same number of steps.
pub(crate) trait Sampler<E>: Copy + Send + Sync {
    /// Steps of a group.
    const STEPS: usize;
    /// Whether the memory may be what it waits for. The others are not compiled for the way past the caches.
    const FAST: bool = true;

    /// Takes the next [`STEPS`](Self::STEPS) steps of the lanes and writes the group that they give.
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]);
}

/// Splits a group into the vectors that fill it.
#[inline(always)]
fn vectors<E, const N: usize>(dst: &mut [MaybeUninit<E>; GROUP]) -> &mut [[MaybeUninit<E>; N]] {
    dst.as_chunks_mut().0
}

impl Range<f32> {
    #[inline(always)]
    fn hold<S: Simd>(self, simd: S, x: S::F32) -> S::F32 {
        simd.min_f32(simd.max_f32(x, simd.splat_f32(self.lowest)), simd.splat_f32(self.highest))
    }
}

impl Range<f64> {
    #[inline(always)]
    fn hold<S: Simd>(self, simd: S, x: S::F64) -> S::F64 {
        simd.min_f64(simd.max_f64(x, simd.splat_f64(self.lowest)), simd.splat_f64(self.highest))
    }
}
