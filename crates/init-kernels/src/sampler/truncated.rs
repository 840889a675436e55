//! Truncated normal values by the inverse of the distribution function: one word an element, no rejection.
//!
//! Four regimes, chosen once for a tensor by its bounds α and β, in standard deviations from the mean:
//!
//! * [`Central`]: both within 2.0005, on either side of 0, as nearly everywhere in practice: in f32;
//! * [`Interior`]: all other bounds that leave some of [−12, 12]: both tails are exact sums, so that neither loses digits;
//! * [`Far`]: beyond 12, where the tail is so steep that values are measured from the near bound;
//! * [`Narrow`]: so narrow that the density is a straight line.

use std::mem::MaybeUninit;

use init_core::normal_law::{cdf, exp, sf};

use super::{GROUP, STEPS32, STEPS64, Sampler, vectors};
use crate::element::Range;
use crate::element::sealed::Narrowed;
use crate::lanes::Lanes;
use crate::math::{ln_mills, mills, neg_two_ln_f64, quantile_central, quantile_interior};
use crate::simd::{Portable, Simd, WIDTH32, WIDTH64};
use crate::uniforms::{Unit, signed_f32};

/// The regime of a truncation in f64 arithmetic.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Truncation {
    Interior(Interior),
    Far(Far),
    Narrow(Narrow),
}

/// The bounds lie so far from the mean that the squared distance overflows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooFar;

impl Truncation {
    /// Greater than any distance, in standard deviations, of a value from the mean or, in a tail, from the near bound.
    pub(crate) const REACH: f64 = 8.5718;

    pub(crate) fn new(mean: f64, std: f64, low: f64, high: f64) -> Result<Self, TooFar> {
        let (alpha, beta) = ((low - mean) / std, (high - mean) / std);
        Ok(if (beta - alpha) * 1f64.max(alpha.abs()).max(beta.abs()) < 2f64.powi(-17) {
            Self::Narrow(Narrow::new(alpha, beta, low, high))
        } else if alpha > 12.0 {
            Self::Far(Far::new(alpha, beta, Side::Upper, std, low)?)
        } else if beta < -12.0 {
            Self::Far(Far::new(-beta, -alpha, Side::Lower, -std, high)?)
        } else {
            Self::Interior(Interior::new(mean, std, alpha, beta))
        })
    }
}

/// A regime that works in f64, for one vector of values that are not yet held in the bounds.
pub(crate) trait Regime: Copy + Send + Sync {
    fn values<S: Simd>(&self, simd: S, unit: Unit<S>) -> S::F64;
}

/// A regime's values, held in the bounds as the destination has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held<R, T> {
    pub(crate) regime: R,
    pub(crate) held: Range<T>,
}

impl<E: Narrowed, R: Regime> Sampler<E> for Held<R, f32> {
    const STEPS: usize = STEPS32;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        for dst in vectors::<E, WIDTH32>(dst) {
            let [low, high] = Unit::from_u32(simd, lanes);
            let values = [self.regime.values(simd, low), self.regime.values(simd, high)];
            E::store(simd, self.held.hold(simd, simd.f32_from_f64(values)), dst);
        }
    }
}

impl<R: Regime> Sampler<f64> for Held<R, f64> {
    const STEPS: usize = STEPS64;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<f64>; GROUP]) {
        for dst in vectors::<f64, WIDTH64>(dst) {
            let values = self.regime.values(simd, Unit::from_u64(simd, lanes));
            simd.store_f64(self.held.hold(simd, values), dst);
        }
    }
}

/// Bounds within 2.0005 standard deviations, the mean between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Central {
    /// 2Φ − 1 over the interval: half its width for each unit of the word, and its centre.
    scale: f32,
    centre: f32,
    std: f32,
    mean: f32,
    held: Range<f32>,
}

impl Central {
    /// None, if the bounds are not central.
    pub(crate) fn new(mean: f64, std: f64, low: f64, high: f64, held: Range<f32>) -> Option<Self> {
        const LIMIT: f64 = 2.0005;
        let (alpha, beta) = ((low - mean) / std, (high - mean) / std);
        if alpha < -LIMIT || alpha >= 0.0 || beta <= 0.0 || beta > LIMIT {
            return None;
        }
        let (t_alpha, t_beta) = (-(1.0 - 2.0 * sf(-alpha)), 1.0 - 2.0 * sf(beta));
        Some(Self {
            scale: ((t_beta * 0.5 - t_alpha * 0.5) * 2f64.powi(-31)) as f32,
            centre: (t_beta * 0.5 + t_alpha * 0.5) as f32,
            std: std as f32,
            mean: mean as f32,
            held,
        })
    }
}

impl<E: Narrowed> Sampler<E> for Central {
    const STEPS: usize = STEPS32;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        for dst in vectors::<E, WIDTH32>(dst) {
            let t = simd.fma_f32(signed_f32(simd, lanes), simd.splat_f32(self.scale), simd.splat_f32(self.centre));
            let z = quantile_central(simd, t);
            let value = simd.fma_f32(z, simd.splat_f32(self.std), simd.splat_f32(self.mean));
            E::store(simd, self.held.hold(simd, value), dst);
        }
    }
}

/// Bounds that leave some of [−12, 12].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interior {
    mean: f64,
    std: f64,
    /// What the bounds cut off below and above, and what lies between.
    below: f64,
    above: f64,
    mass: f64,
}

impl Interior {
    fn new(mean: f64, std: f64, alpha: f64, beta: f64) -> Self {
        let (below, above) = (cdf(alpha), sf(beta));
        // From the side on which the interval's tails are small, so that the difference keeps its digits.
        let mass = if alpha > 0.0 { sf(alpha) - above } else { cdf(beta) - below };
        Self { mean, std, below, above, mass }
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

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Upper,
    Lower,
}

/// Bounds beyond 12 standard deviations on one side.
///
/// With E the exponential variate by which the tail at the value is smaller than the tail at the near bound a,
/// √(a² + 2E) would be the value if the density were that of Rayleigh; one Newton step and its curvature lead from there to
/// the normal law's, in which −ln Q(z) = z²/2 + ln z − ln(z·Q(z)/φ(z)) + ½ ln 2π.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Far {
    side: Side,
    /// The near bound, in standard deviations, as if above the mean.
    a: f64,
    /// The part of the tail at the near bound that lies beyond the far one.
    beyond: f64,
    ln_mills: f64,
    /// Away from the mean.
    std: f64,
    bound: f64,
}

impl Far {
    fn new(a: f64, b: f64, side: Side, std: f64, bound: f64) -> Result<Self, TooFar> {
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
        let curvature = simd.mul_f64(simd.mul_f64(newton, newton), simd.mul_f64(simd.splat_f64(0.5), inverse));

        let rayleigh = simd.div_f64(twice_e, simd.add_f64(w, a));
        let delta = simd.sub_f64(simd.sub_f64(rayleigh, newton), curvature);
        simd.fma_f64(simd.splat_f64(self.std), delta, simd.splat_f64(self.bound))
    }
}

/// Bounds so close that, to 2⁻³⁷, the density is a straight line between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Narrow {
    /// Half of what the density loses over the interval, relative to its middle.
    half_slope: f64,
    low: f64,
    width: f64,
}

impl Narrow {
    fn new(alpha: f64, beta: f64, low: f64, high: f64) -> Self {
        Self { half_slope: 0.5 * (0.5 * alpha + 0.5 * beta) * (beta - alpha), low, width: high - low }
    }
}

impl Regime for Narrow {
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, unit: Unit<S>) -> S::F64 {
        let bend = simd.fma_f64(simd.splat_f64(-self.half_slope), unit.complement, simd.splat_f64(1.0));
        simd.fma_f64(simd.mul_f64(simd.splat_f64(self.width), unit.u), bend, simd.splat_f64(self.low))
    }
}
