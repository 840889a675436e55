//! Quantiles of the standard normal distribution, for truncated samplers.

use super::{
    horner::{even_odd_f64, horner_f64},
    ln::neg_two_ln_f64,
};
use crate::simd::{Polynomial, Simd};

/// erf(2.0005/√2)², rounded up: the centre of the rational function below, chosen so that all
/// coefficients are positive and nothing cancels.
const CENTRE32: f32 = 0.911_172_8;
/// Numerator of √2·erf⁻¹(t)/t in powers of CENTRE32 − t², relative error 1.1e-7.
const P32: Polynomial<5> = Polynomial::new(1.0, [2.095744, 27.905708, 94.04613, 75.120674, 6.659146]);

/// Denominator of √2·erf⁻¹(t)/t.
const Q32: Polynomial<5> = Polynomial::new(1.0, [1.0, 15.193879, 63.178703, 73.053925, 15.525603]);

/// Numerator of z/(s − √(2 ln 2)) in powers of s − √(2 ln 2), where Q(z) = exp(−s²/2) and s ≤ 15.2,
/// relative error 1.8e-16.
const PQ64: [f64; 10] = [
    1.4756646266356057,
    4.032380473154657,
    4.483089580480135,
    2.6511420551249048,
    0.9183206010056679,
    0.1926709190239314,
    0.024011518510242306,
    0.001626272045867648,
    4.99388123044721e-05,
    4.765277381354833e-07,
];

/// Denominator of the same.
const QQ64: [f64; 10] = [
    1.0,
    2.8966300933013533,
    3.419208888257564,
    2.14368316281479,
    0.7833204422373381,
    0.17226830338487203,
    0.022399358380451654,
    0.0015711865588939687,
    4.9380236185155524e-05,
    4.76522520895917e-07,
];

/// Coefficients of (1 − z·Q(z)/φ(z))/t with t = 1/z² ≤ 1/144, relative error 2.6e-10.
const MILLS: [f64; 5] =
    [0.999999999743463, -2.999998127948656, 14.997806933462703, -104.09283488332163, 788.1936057795008];

/// Coefficients of −ln(z·Q(z)/φ(z))/t with t = 1/z² ≤ 1/144, relative error 1.2e-13.
const LN_MILLS: [f64; 7] = [
    0.9999999999998856,
    -2.4999999983645105,
    12.333329507292866,
    -88.246630846415,
    814.7763777749368,
    -8887.002069166847,
    86292.88089058921,
];

/// √(2 ln 2): s at z = 0.
const SQRT_TWO_LN_2: f64 = 1.1774100225154747;

/// Returns √2·erf⁻¹(t) for |t| ≤ erf(2.0005/√2), with an error of at most 5.4e-7.
#[inline(always)]
pub(crate) fn quantile_central<S: Simd>(simd: S, t: S::F32) -> S::F32 {
    let v = simd.fnma_f32(t, t, simd.splat_f32(CENTRE32));
    let [numerator, denominator] = simd.horner_pair_f32(&P32, &Q32, v);
    simd.div_f32(simd.mul_f32(t, numerator), denominator)
}

/// Returns the z whose upper tail is q, for q in [e^−115, ½], with an error of at most 1e-15.
#[inline(always)]
pub(crate) fn quantile_interior<S: Simd>(simd: S, q: S::F64) -> S::F64 {
    let s = simd.sqrt_f64(neg_two_ln_f64(simd, q));
    let v = simd.max_f64(simd.sub_f64(s, simd.splat_f64(SQRT_TWO_LN_2)), simd.splat_f64(0.0));
    simd.div_f64(simd.mul_f64(v, even_odd_f64(simd, &PQ64, v)), even_odd_f64(simd, &QQ64, v))
}

/// Returns z·Q(z)/φ(z), Mills's ratio times z, from t = 1/z², z ≥ 12.
#[inline(always)]
pub(crate) fn mills<S: Simd>(simd: S, t: S::F64) -> S::F64 {
    simd.fnma_f64(t, horner_f64(simd, &MILLS, t), simd.splat_f64(1.0))
}

/// Returns −ln(z·Q(z)/φ(z)) from t = 1/z², z ≥ 12.
#[inline(always)]
pub(crate) fn ln_mills<S: Simd>(simd: S, t: S::F64) -> S::F64 {
    simd.mul_f64(t, horner_f64(simd, &LN_MILLS, t))
}
