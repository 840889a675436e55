//! Bounds far out in a tail, in f64.

use init_core::distribution::normal::exp;

use super::{super::parameters::Parameters, clamped::Regime};
use crate::{
    math::{ln_mills, mills, neg_two_ln_f64},
    simd::{Portable, Simd},
    uniforms::Unit,
};

/// The bounds are so far from the mean that the squared distance overflows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooFar;

/// The tail that contains the bounds.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    Upper,
    Lower,
}

/// The regime of bounds beyond 12 standard deviations on one side.
///
/// Let E be the exponential variate by which the tail at the value is smaller than the tail at the
/// near bound a. For a Rayleigh density the value would be √(a² + 2E); one Newton step and its
/// curvature lead from there to the normal density, where −ln Q(z) is the sum of z²/2, ln z,
/// ½ ln 2π and −ln(z·Q(z)/φ(z)).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Far {
    side: Side,
    /// The near bound, in standard deviations, mirrored to be above the mean.
    a: f64,
    /// The share of the tail at the near bound that is beyond the far bound.
    beyond: f64,
    ln_mills: f64,
    /// The standard deviation, signed so that it points away from the mean.
    std: f64,
    bound: f64,
}

impl Far {
    pub(super) fn new(a: f64, b: f64, side: Side, std: f64, bound: f64) -> Result<Self, TooFar> {
        const LIMIT: f64 = 1e150;
        if a > LIMIT {
            return Err(TooFar);
        }
        let scalar = |f: fn(Portable, wide::f64x8) -> wide::f64x8, z: f64| {
            f(Portable, Portable.splat_f64(1.0 / (z * z))).to_array()[0]
        };
        let beyond = if b == f64::INFINITY {
            0.0
        } else {
            exp(-(b - a) * (0.5 * (b + a))) * (a / b) * (scalar(mills, b) / scalar(mills, a))
        };
        Ok(Self { side, a, beyond, ln_mills: scalar(ln_mills, a), std, bound })
    }
}

impl Parameters for Far {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("upper", if self.side == Side::Upper { 1.0 } else { 0.0 }),
            ("a", self.a),
            ("beyond", self.beyond),
            ("ln_mills", self.ln_mills),
            ("std", self.std),
            ("bound", self.bound),
        ]
    }
}

impl Regime for Far {
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, unit: Unit<S>) -> S::F64 {
        let depth = if self.side == Side::Upper { unit.complement } else { unit.u };
        let tail = simd.fma_f64(depth, simd.splat_f64(1.0 - self.beyond), simd.splat_f64(self.beyond));
        let twice_e = neg_two_ln_f64(simd, tail);

        let a = simd.splat_f64(self.a);
        let squared = simd.fma_f64(a, a, twice_e);
        let w = simd.sqrt_f64(squared);
        let inverse = simd.div_f64(simd.splat_f64(1.0), w);
        let t = simd.mul_f64(inverse, inverse);

        let ratio = simd.div_f64(simd.mul_f64(a, a), squared);
        let excess = simd.sub_f64(ln_mills(simd, t), simd.splat_f64(self.ln_mills));
        let d = simd.fma_f64(neg_two_ln_f64(simd, ratio), simd.splat_f64(0.25), excess);
        let newton = simd.mul_f64(simd.mul_f64(d, inverse), mills(simd, t));
        // Half of the relative slope of the hazard rate, which is 1/z − 2/z³ + 10/z⁵ − ….
        let half_slope = simd.mul_f64(
            simd.mul_f64(simd.splat_f64(0.5), inverse),
            simd.fnma_f64(simd.splat_f64(2.0), t, simd.splat_f64(1.0)),
        );
        let curvature = simd.mul_f64(simd.mul_f64(newton, newton), half_slope);

        let rayleigh = simd.div_f64(twice_e, simd.add_f64(w, a));
        let delta = simd.sub_f64(simd.sub_f64(rayleigh, newton), curvature);
        simd.fma_f64(simd.splat_f64(self.std), delta, simd.splat_f64(self.bound))
    }
}
