//! Normal values by the Box–Muller transform: a radius from one step, an angle from the next.
//!
//! G. E. P. Box, M. E. Muller, *A note on the generation of random normal deviates*, 1958: with U
//! and V uniform, √(−2 ln U)·cos 2πV and √(−2 ln U)·sin 2πV are independent standard normal values.
//! Here the angle's word gives a half circle, and the bit that the radius does not use makes it a
//! whole circle.
//!
//! In pseudo-code, for f32:
//!
//! ```text
//! radius = √(−2 ln((bits mod 2³¹ | 1)·2⁻³¹))
//! sin, cos = sine and cosine of π/2 · next·2⁻³¹
//! cos = −cos if the top bit of bits is set
//! values = mean + std·radius·cos, mean + std·radius·sin
//! ```

use std::mem::MaybeUninit;

use super::{
    group::{Kernel, vectors},
    parameters::Parameters,
};
use crate::{
    geometry::{GROUP, STEPS32, STEPS64, WIDTH64},
    lanes::Lanes,
    math::{neg_two_ln_f32, neg_two_ln_f64, sin_cos_f32, sin_cos_f64},
    scalar::{Narrowed, Scalar},
    simd::Simd,
    uniforms::{signed_f32, signed_f64, unit_f64},
};

/// The kernel of a normal distribution. 31 bits of radius in f32 reach 6.556 standard deviations,
/// 53 bits in f64 8.572.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Normal<R> {
    mean: R,
    std: R,
}

impl<R: Scalar> Normal<R> {
    /// Returns the kernel, with mean and standard deviation rounded to its precision.
    pub(crate) fn new(mean: f64, std: f64) -> Self {
        Self { mean: R::from_f64(mean), std: R::from_f64(std) }
    }
}

impl<R: Scalar> Parameters for Normal<R> {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        vec![("mean", self.mean.to_f64()), ("std", self.std.to_f64())]
    }
}

impl Normal<f32> {
    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, z: S::F32) -> S::F32 {
        simd.fma_f32(z, simd.splat_f32(self.std), simd.splat_f32(self.mean))
    }
}

impl<E: Narrowed> Kernel<E> for Normal<f32> {
    const STEPS: usize = STEPS32;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        let bits = lanes.step_u32(simd);
        // Odd, so that it is never 0 and is in the middle of its cell of two.
        let x = simd.or_u32(simd.and_u32(bits, simd.splat_u32(0x7FFF_FFFF)), simd.splat_u32(1));
        let radius = simd.sqrt_f32(neg_two_ln_f32(simd, simd.f32_from_i32(x)));

        let quarters = simd.mul_f32(signed_f32(simd, lanes), simd.splat_f32(2f32.powi(-31)));
        let (sin, cos) = sin_cos_f32(simd, quarters);
        let sign = simd.and_u32(bits, simd.splat_u32(0x8000_0000));
        let cos = simd.f32_of_u32(simd.xor_u32(simd.u32_of_f32(cos), sign));

        let values = [self.value(simd, simd.mul_f32(radius, cos)), self.value(simd, simd.mul_f32(radius, sin))];
        E::store(simd, values, dst);
    }
}

impl Kernel<f64> for Normal<f64> {
    const STEPS: usize = STEPS64;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<f64>; GROUP]) {
        for pair in vectors::<f64, { 2 * WIDTH64 }>(dst) {
            let bits = lanes.step(simd);
            let radius = simd.sqrt_f64(neg_two_ln_f64(simd, unit_f64(simd, bits)));

            let quarters = simd.mul_f64(signed_f64(simd, lanes.step(simd)), simd.splat_f64(2f64.powi(-51)));
            let (sin, cos) = sin_cos_f64(simd, quarters);
            let sign = simd.shl_u64::<63>(bits);
            let cos = simd.f64_of_u64(simd.xor_u64(simd.u64_of_f64(cos), sign));

            for (dst, direction) in pair.as_chunks_mut::<WIDTH64>().0.iter_mut().zip([cos, sin]) {
                let z = simd.mul_f64(radius, direction);
                simd.store_f64(simd.fma_f64(z, simd.splat_f64(self.std), simd.splat_f64(self.mean)), dst);
            }
        }
    }
}
