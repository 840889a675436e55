//! Polynomials in a fixed order of evaluation, each step fused.

use crate::simd::Simd;

/// Evaluates `c[0] + c[1]·x + … + c[N − 1]·xᴺ⁻¹` by Horner's rule.
#[inline(always)]
pub(super) fn horner_f64<S: Simd, const N: usize>(simd: S, coefficients: &[f64; N], x: S::F64) -> S::F64 {
    simd.horner_f64(coefficients, 0, 1, x)
}

/// Evaluates `c[0] + c[1]·x + … + c[N − 1]·xᴺ⁻¹` by Horner's rule in x², separately for odd and
/// even powers: one operation more, in a chain half as long. For the 19 coefficients of a logarithm
/// this makes the f64 normal kernel a sixth faster.
#[inline(always)]
pub(super) fn even_odd_f64<S: Simd, const N: usize>(simd: S, coefficients: &[f64; N], x: S::F64) -> S::F64 {
    let square = simd.mul_f64(x, x);
    let (even, odd) = (simd.horner_f64(coefficients, 0, 2, square), simd.horner_f64(coefficients, 1, 2, square));
    simd.fma_f64(odd, x, even)
}
