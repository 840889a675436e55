//! Bounds in the body of the distribution, in f64.

use init_core::distribution::normal::{cdf, sf};

use super::{super::parameters::Parameters, clamped::Regime};
use crate::{math::quantile_interior, simd::Simd, uniforms::Unit};

/// The regime of bounds that leave some of [−12, 12].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interior {
    mean: f64,
    std: f64,
    /// The probabilities below, above and between the bounds.
    below: f64,
    above: f64,
    mass: f64,
}

impl Interior {
    pub(super) fn new(mean: f64, std: f64, alpha: f64, beta: f64) -> Self {
        let (below, above) = (cdf(alpha), sf(beta));
        // The difference of the smaller tails, which keeps its digits.
        let mass = if alpha > 0.0 { sf(alpha) - above } else { cdf(beta) - below };
        Self { mean, std, below, above, mass }
    }
}

impl Parameters for Interior {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        vec![("mean", self.mean), ("std", self.std), ("below", self.below), ("above", self.above), ("mass", self.mass)]
    }
}

impl Regime for Interior {
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, unit: Unit<S>) -> S::F64 {
        let mass = simd.splat_f64(self.mass);
        let lower = simd.fma_f64(unit.u, mass, simd.splat_f64(self.below));
        let upper = simd.fma_f64(unit.complement, mass, simd.splat_f64(self.above));
        let tail = simd.min_f64(simd.min_f64(lower, upper), simd.splat_f64(0.5));
        let std = simd.select_gt_f64(lower, upper, simd.splat_f64(self.std), simd.splat_f64(-self.std));
        simd.fma_f64(quantile_interior(simd, tail), std, simd.splat_f64(self.mean))
    }
}
