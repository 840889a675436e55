//! Uniform values: one word an element, scaled by one fused operation and held in the bounds.

use std::mem::MaybeUninit;

use super::{GROUP, STEPS32, STEPS64, Sampler, vectors};
use crate::element::Range;
use crate::element::sealed::Narrowed;
use crate::lanes::Lanes;
use crate::simd::{Simd, WIDTH64};
use crate::uniforms::{signed_f32, signed_f64};

/// The unit of the word in an interval from −1 to 1.
const ULP32: f32 = 1.0 / 2_147_483_648.0;
const ULP64: f64 = 1.0 / 2_251_799_813_685_248.0;

/// Uniform values of the f32 stream.
///
/// The format multiplies by half the width and by 2⁻³¹ at once. In an interval so `TINY` that this constant would lose bits
/// below the normal range, the word is multiplied by 2⁻³¹ first: the exact product is the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uniform32<const TINY: bool> {
    scale: f32,
    centre: f32,
    held: Range<f32>,
}

/// The widths for which [`Uniform32`] must be `TINY`.
pub(crate) fn is_tiny_f32(low: f64, high: f64) -> bool {
    half_and_centre(low, high).0 < 2f64.powi(-94)
}

/// The widths for which [`Uniform64`] must be `TINY`.
pub(crate) fn is_tiny_f64(low: f64, high: f64) -> bool {
    half_and_centre(low, high).0 < 2f64.powi(-900)
}

impl<const TINY: bool> Uniform32<TINY> {
    pub(crate) fn new(low: f64, high: f64, held: Range<f32>) -> Self {
        let (half, centre) = half_and_centre(low, high);
        let scale = if TINY { half as f32 } else { half as f32 * ULP32 };
        Self { scale, centre: centre as f32, held }
    }

    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, x: S::F32) -> S::F32 {
        let x = if TINY { simd.mul_f32(x, simd.splat_f32(ULP32)) } else { x };
        self.held.hold(simd, simd.fma_f32(x, simd.splat_f32(self.scale), simd.splat_f32(self.centre)))
    }
}

impl<E: Narrowed, const TINY: bool> Sampler<E> for Uniform32<TINY> {
    const STEPS: usize = STEPS32;
    const FAST: bool = !TINY;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        let values = [self.value(simd, signed_f32(simd, lanes)), self.value(simd, signed_f32(simd, lanes))];
        E::store(simd, values, dst);
    }
}

/// Uniform values in f64; `TINY` as in [`Uniform32`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uniform64<const TINY: bool> {
    scale: f64,
    centre: f64,
    held: Range<f64>,
}

impl<const TINY: bool> Uniform64<TINY> {
    pub(crate) fn new(low: f64, high: f64, held: Range<f64>) -> Self {
        let (half, centre) = half_and_centre(low, high);
        Self { scale: if TINY { half } else { half * ULP64 }, centre, held }
    }
}

impl<const TINY: bool> Sampler<f64> for Uniform64<TINY> {
    const STEPS: usize = STEPS64;
    const FAST: bool = !TINY;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<f64>; GROUP]) {
        for dst in vectors::<f64, WIDTH64>(dst) {
            let x = signed_f64(simd, lanes.step(simd));
            let x = if TINY { simd.mul_f64(x, simd.splat_f64(ULP64)) } else { x };
            let value = simd.fma_f64(x, simd.splat_f64(self.scale), simd.splat_f64(self.centre));
            simd.store_f64(self.held.hold(simd, value), dst);
        }
    }
}

/// Half the width of an interval and its centre, also where its width overflows.
fn half_and_centre(low: f64, high: f64) -> (f64, f64) {
    (high * 0.5 - low * 0.5, low * 0.5 + high * 0.5)
}
