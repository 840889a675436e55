//! Uniform values: one word per element, scaled by one fused operation and clamped to the bounds.

use std::mem::MaybeUninit;

use super::{
    group::{Kernel, vectors},
    parameters::Parameters,
    precision::Precision,
};
use crate::{
    geometry::{GROUP, STEPS32, STEPS64, WIDTH64},
    lanes::Lanes,
    range::Range,
    scalar::{Narrowed, Scalar},
    simd::Simd,
    uniforms::{signed_f32, signed_f64},
};

/// The kernel of a uniform distribution.
///
/// The value format multiplies by half the width and by the unit of a word at once. In an interval
/// so `TINY` that this constant would lose bits below the normal range, the word is multiplied by
/// its unit first: the exact product is the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uniform<R, const TINY: bool> {
    scale: R,
    centre: R,
    range: Range<R>,
}

impl<R: Precision> Uniform<R, false> {
    /// Returns the kernel of `[low, high)`, clamped to `range`; `None` if the interval is tiny.
    pub(crate) fn new(low: f64, high: f64, range: Range<R>) -> Option<Self> {
        let (half, centre) = half_and_centre(low, high);
        // The product is exact: the unit is a power of two, and nothing underflows in an interval
        // that is not tiny.
        let scale = || R::from_f64(R::from_f64(half).to_f64() * R::WORD_UNIT);
        (half >= R::TINY_HALF_WIDTH).then(|| Self { scale: scale(), centre: R::from_f64(centre), range })
    }
}

impl<R: Precision> Uniform<R, true> {
    /// Returns the kernel of a tiny interval `[low, high)`, clamped to `range`.
    pub(crate) fn tiny(low: f64, high: f64, range: Range<R>) -> Self {
        let (half, centre) = half_and_centre(low, high);
        Self { scale: R::from_f64(half), centre: R::from_f64(centre), range }
    }
}

impl<R: Precision, const TINY: bool> Parameters for Uniform<R, TINY> {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        let mut parameters = vec![("scale", Scalar::to_f64(self.scale)), ("centre", Scalar::to_f64(self.centre))];
        parameters.extend(self.range.parameters());
        parameters
    }
}

impl<const TINY: bool> Uniform<f32, TINY> {
    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, x: S::F32) -> S::F32 {
        let x = if TINY { simd.mul_f32(x, simd.splat_f32(f32::WORD_UNIT as f32)) } else { x };
        self.range.clamp(simd, simd.fma_f32(x, simd.splat_f32(self.scale), simd.splat_f32(self.centre)))
    }
}

impl<E: Narrowed, const TINY: bool> Kernel<E> for Uniform<f32, TINY> {
    const STEPS: usize = STEPS32;
    const FAST: bool = !TINY;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        let values = [self.value(simd, signed_f32(simd, lanes)), self.value(simd, signed_f32(simd, lanes))];
        E::store(simd, values, dst);
    }
}

impl<const TINY: bool> Kernel<f64> for Uniform<f64, TINY> {
    const STEPS: usize = STEPS64;
    const FAST: bool = !TINY;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<f64>; GROUP]) {
        for dst in vectors::<f64, WIDTH64>(dst) {
            let x = signed_f64(simd, lanes.step(simd));
            let x = if TINY { simd.mul_f64(x, simd.splat_f64(f64::WORD_UNIT)) } else { x };
            let value = simd.fma_f64(x, simd.splat_f64(self.scale), simd.splat_f64(self.centre));
            simd.store_f64(self.range.clamp(simd, value), dst);
        }
    }
}

/// Returns half the width of an interval and its centre, also where the width overflows.
fn half_and_centre(low: f64, high: f64) -> (f64, f64) {
    (high * 0.5 - low * 0.5, low * 0.5 + high * 0.5)
}
