//! Uniform variates: the four ways in which raw words become numbers.

use crate::{
    lanes::Lanes,
    simd::{Simd, TWO_52},
};

/// Converts each u32 of a step, read as a signed integer, to the nearest f32, in [−2³¹, 2³¹].
#[inline(always)]
pub(crate) fn signed_f32<S: Simd>(simd: S, lanes: &mut Lanes<S>) -> S::F32 {
    simd.f32_from_i32(lanes.step_u32(simd))
}

/// Returns the upper 52 bits of each u64 minus 2⁵¹: an integer in [−2⁵¹, 2⁵¹).
#[inline(always)]
pub(crate) fn signed_f64<S: Simd>(simd: S, bits: S::U64) -> S::F64 {
    let shifted = simd.or_u64(simd.shr_u64::<12>(bits), simd.splat_u64(TWO_52.to_bits()));
    simd.sub_f64(simd.f64_of_u64(shifted), simd.splat_f64(1.5 * TWO_52))
}

/// Returns (k + ½)·2⁻⁵², where k is the upper 52 bits of each u64: inside (0, 1).
#[inline(always)]
pub(crate) fn unit_f64<S: Simd>(simd: S, bits: S::U64) -> S::F64 {
    let shifted = simd.or_u64(simd.shr_u64::<12>(bits), simd.splat_u64(1f64.to_bits()));
    simd.sub_f64(simd.f64_of_u64(shifted), simd.splat_f64(1.0 - f64::EPSILON / 2.0))
}

/// A uniform variate in (0, 1) and its complement, both exact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit<S: Simd> {
    pub(crate) u: S::F64,
    pub(crate) complement: S::F64,
}

impl<S: Simd> Unit<S> {
    /// Makes a variate from the upper 52 bits of each u64 of a step.
    #[inline(always)]
    pub(crate) fn from_u64(simd: S, lanes: &mut Lanes<S>) -> Self {
        let u = unit_f64(simd, lanes.step(simd));
        Self { u, complement: simd.sub_f64(simd.splat_f64(1.0), u) }
    }

    /// Makes the variate (i + ½)·2⁻³² from each u32 of a step, i: lanes 0 to 7, then 8 to 15.
    #[inline(always)]
    pub(crate) fn from_u32(simd: S, lanes: &mut Lanes<S>) -> [Self; 2] {
        const ULP: f64 = 1.0 / 4_294_967_296.0;
        let (scale, above, below) =
            (simd.splat_f64(ULP), simd.splat_f64(0.5 + ULP / 2.0), simd.splat_f64(0.5 - ULP / 2.0));
        let [low, high] = simd.f64_from_i32(lanes.step_u32(simd));
        [
            Self { u: simd.fma_f64(low, scale, above), complement: simd.fnma_f64(low, scale, below) },
            Self { u: simd.fma_f64(high, scale, above), complement: simd.fnma_f64(high, scale, below) },
        ]
    }
}
