//! Bounds close to each other, in f64.

use super::{super::parameters::Parameters, clamped::Regime};
use crate::{simd::Simd, uniforms::Unit};

/// The regime of bounds so close that the density is linear between them, to 2⁻³⁷.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Narrow {
    /// Half of the decrease of the density over the interval, relative to its middle.
    half_slope: f64,
    low: f64,
    width: f64,
}

impl Narrow {
    pub(super) fn new(alpha: f64, beta: f64, low: f64, high: f64) -> Self {
        Self { half_slope: 0.5 * (0.5 * alpha + 0.5 * beta) * (beta - alpha), low, width: high - low }
    }
}

impl Parameters for Narrow {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        vec![("half_slope", self.half_slope), ("low", self.low), ("width", self.width)]
    }
}

impl Regime for Narrow {
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, unit: Unit<S>) -> S::F64 {
        let bend = simd.fma_f64(simd.splat_f64(-self.half_slope), unit.complement, simd.splat_f64(1.0));
        simd.fma_f64(simd.mul_f64(simd.splat_f64(self.width), unit.u), bend, simd.splat_f64(self.low))
    }
}
