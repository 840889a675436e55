//! The logarithm −2·ln U: the squared radius of the Box–Muller transform.

use super::horner::even_odd_f64;
use crate::simd::{Polynomial, Simd};

/// Coefficients of −2·ln(1 + f)/f on [√½ − 1, √2 − 1], relative error 3.4e-8.
const LOG32: Polynomial<9> = Polynomial::new(
    0.4143,
    [-2.0, 0.99999976, -0.66667926, 0.50003874, -0.39923516, 0.33135065, -0.29837185, 0.2864698, -0.17498359],
);

/// Coefficients of −2·ln(1 + f)/f on [√½ − 1, √2 − 1], relative error 3.0e-16.
const LOG64: [f64; 19] = [
    -2.0,
    0.9999999999999685,
    -0.6666666666666304,
    0.5000000000155624,
    -0.40000000002361197,
    0.33333333109794455,
    -0.2857142813040882,
    0.25000014310570245,
    -0.22222257587303415,
    0.19999524195427593,
    -0.1818037056309848,
    0.16675169590338837,
    -0.15417114490398873,
    0.1421195188626676,
    -0.12933666558202736,
    0.12622956314252573,
    -0.1418927290214458,
    0.13384568742390618,
    -0.06135889034778728,
];

const SQRT_HALF_F32: u32 = 0x3F35_04F3;
const SQRT_HALF_F64: u64 = 0x3FE6_A09E_667F_3BCD;
const NEG_TWO_LN_2: f64 = -2.0 * std::f64::consts::LN_2;

/// Returns −2·ln(x·2⁻³¹) for x in [1, 2³¹].
///
/// The scale is folded into the exponent, so that nothing cancels where the result is near 0, and
/// the result is never negative.
#[inline(always)]
pub(crate) fn neg_two_ln_f32<S: Simd>(simd: S, x: S::F32) -> S::F32 {
    let bits = simd.u32_of_f32(x);
    let h = simd.sub_u32(bits, simd.splat_u32(SQRT_HALF_F32 + (31 << 23)));
    // 2²³·k: subtracting it leaves the mantissa between √½ and √2, times 2³¹.
    let e = simd.and_u32(h, simd.splat_u32(0xFF80_0000));
    let m = simd.f32_of_u32(simd.sub_u32(bits, e));
    let f = simd.fma_of_exact_f32(m, simd.splat_f32(2f32.powi(-31)), simd.splat_f32(-1.0));
    let tail = simd.mul_f32(simd.f32_from_i32(e), simd.splat_f32((NEG_TWO_LN_2 / 8_388_608.0) as f32));
    simd.horner_from_f32(tail, &LOG32, f)
}

/// Returns −2·ln(u) for normal u above 0.
#[inline(always)]
pub(crate) fn neg_two_ln_f64<S: Simd>(simd: S, u: S::F64) -> S::F64 {
    let h = simd.add_u64(simd.u64_of_f64(u), simd.splat_u64((1023 << 52) - SQRT_HALF_F64));
    let k = simd.exponent_f64(simd.f64_of_u64(h));
    let mantissa = simd.and_u64(h, simd.splat_u64(0x000F_FFFF_FFFF_FFFF));
    let m = simd.f64_of_u64(simd.add_u64(mantissa, simd.splat_u64(SQRT_HALF_F64)));
    let f = simd.sub_f64(m, simd.splat_f64(1.0));
    let tail = simd.mul_f64(k, simd.splat_f64(NEG_TWO_LN_2));
    simd.fma_f64(f, even_odd_f64(simd, &LOG64, f), tail)
}
