//! The trait of kernels.

use std::mem::MaybeUninit;

use crate::{geometry::GROUP, lanes::Lanes, simd::Simd};

/// Samples one distribution, a group at a time, always from the same number of steps.
pub(crate) trait Kernel<E>: Copy + Send + Sync {
    /// Steps per group.
    const STEPS: usize;
    /// Whether the kernel is fast enough to be limited by memory. The others are not compiled for
    /// stores past the caches.
    const FAST: bool = true;

    /// Takes the next [`STEPS`](Self::STEPS) steps of the lanes and writes the group sampled from
    /// them.
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]);
}

/// Splits a group into the vectors that fill it.
#[inline(always)]
pub(super) fn vectors<E, const N: usize>(dst: &mut [MaybeUninit<E>; GROUP]) -> &mut [[MaybeUninit<E>; N]] {
    dst.as_chunks_mut().0
}
