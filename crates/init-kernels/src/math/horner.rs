//! Polynomials by Horner's rule, every step fused.

use crate::simd::Simd;

/// `c[0] + c[1]·x + … + c[N − 1]·xᴺ⁻¹`.
#[inline(always)]
pub(crate) fn horner_f32<S: Simd, const N: usize>(simd: S, coefficients: &[f32; N], x: S::F32) -> S::F32 {
    let mut y = simd.splat_f32(coefficients[N - 1]);
    for &c in coefficients[..N - 1].iter().rev() {
        y = simd.fma_f32(y, x, simd.splat_f32(c));
    }
    y
}

/// `c[0] + c[1]·x + … + c[N − 1]·xᴺ⁻¹`.
#[inline(always)]
pub(crate) fn horner_f64<S: Simd, const N: usize>(simd: S, coefficients: &[f64; N], x: S::F64) -> S::F64 {
    let mut y = simd.splat_f64(coefficients[N - 1]);
    for &c in coefficients[..N - 1].iter().rev() {
        y = simd.fma_f64(y, x, simd.splat_f64(c));
    }
    y
}
