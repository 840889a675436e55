//! Sine and cosine of up to a quarter turn in either direction: a half circle, which the sampler's
//! spare bit completes.

use std::f64::consts::FRAC_PI_2;

use super::horner::horner_f64;
use crate::simd::{Polynomial, Simd};

/// Coefficients of sin(π/2·u)/u in powers of u², |u| ≤ 1, relative error 2.8e-8.
const SIN32: Polynomial<5> = Polynomial::new(1.0, [1.5707964, -0.6459644, 0.07969203, -0.00467682, 1.5281438e-4]);

/// Coefficients of cos(π/2·u) in powers of u², |u| ≤ 1, error 1.2e-9.
const COS32: Polynomial<6> =
    Polynomial::new(1.0, [1.0, -1.2337005, 0.25366914, -0.020862188, 9.171655e-4, -2.3606073e-5]);

/// Coefficients of sin(π/2·u)/u in powers of u², |u| ≤ 1, relative error 3.9e-17.
const SIN64: [f64; 9] = [
    FRAC_PI_2,
    -0.6459640975062434,
    0.07969262624612766,
    -0.004681754135072084,
    0.00016044118395700964,
    -3.5988416188143724e-06,
    5.69198803037616e-08,
    -6.676061630359427e-10,
    5.678921315981494e-12,
];

/// Coefficients of cos(π/2·u) in powers of u², |u| ≤ 1, error 1.1e-18.
const COS64: [f64; 10] = [
    1.0,
    -1.2337005501361697,
    0.25366950790104603,
    -0.02086348076333431,
    0.0009192602747502727,
    -2.520204212932524e-05,
    4.710870790055703e-07,
    -6.3862136921149905e-09,
    6.54462111644539e-11,
    -4.744456117481519e-13,
];

/// Returns sin(π/2·u) and cos(π/2·u) for |u| ≤ 1.
#[inline(always)]
pub(crate) fn sin_cos_f32<S: Simd>(simd: S, u: S::F32) -> (S::F32, S::F32) {
    let w = simd.mul_f32(u, u);
    let [sin_over_u, cos] = simd.horner_pair_f32(&SIN32, &COS32, w);
    (simd.mul_f32(u, sin_over_u), cos)
}

/// Returns sin(π/2·u) and cos(π/2·u) for |u| ≤ 1.
#[inline(always)]
pub(crate) fn sin_cos_f64<S: Simd>(simd: S, u: S::F64) -> (S::F64, S::F64) {
    let w = simd.mul_f64(u, u);
    (simd.mul_f64(u, horner_f64(simd, &SIN64, w)), horner_f64(simd, &COS64, w))
}
