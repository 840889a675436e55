//! Elementary functions over [`Simd`](crate::simd::Simd): polynomials whose coefficients and
//! evaluation order are part of the value format. `docs/value-format.md` defines them and states
//! their errors.

mod horner;
mod ln;
mod quantile;
mod sin_cos;

pub(crate) use ln::{neg_two_ln_f32, neg_two_ln_f64};
pub(crate) use quantile::{ln_mills, mills, quantile_central, quantile_interior};
pub(crate) use sin_cos::{sin_cos_f32, sin_cos_f64};

#[cfg(test)]
mod tests;
