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
        let central = (-LIMIT..0.0).contains(&alpha) && beta > 0.0 && beta <= LIMIT;
        if !central {
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
        // Half of the hazard rate's relative slope, which is 1/z − 2/z³ + 10/z⁵ − ….
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a regime, in lane 0, where the uniform variate is `u`.
    fn value(regime: impl Regime, u: f64) -> f64 {
        let unit = Unit { u: Portable.splat_f64(u), complement: Portable.splat_f64(1.0 - u) };
        regime.values(Portable, unit).to_array()[0]
    }

    fn regime_value(mean: f64, std: f64, low: f64, high: f64, u: f64) -> f64 {
        match Truncation::new(mean, std, low, high).unwrap() {
            Truncation::Interior(regime) => value(regime, u),
            Truncation::Far(regime) => value(regime, u),
            Truncation::Narrow(regime) => value(regime, u),
        }
    }

    /// Bound a, depth V, and δ where Q(a + δ) = V·Q(a), computed with 60 digits.
    const FAR: [(f64, f64, f64); 17] = [
        (12.5, 0.9999, 7.950147933435311e-06),
        (12.5, 0.5, 0.05498405683270939),
        (12.5, 0.01, 0.3609522760872288),
        (12.5, 1e-6, 1.0543690428493488),
        (12.5, 2.3283064365386963e-10, 1.6550512178563652),
        (20.0, 0.9999, 4.987841375547204e-06),
        (20.0, 0.5, 0.03454167651402209),
        (20.0, 0.01, 0.22838949959530772),
        (20.0, 2.3283064365386963e-10, 1.0774043284774322),
        (37.0, 0.5, 0.018715326832192958),
        (37.0, 1e-6, 0.37126010445178187),
        (100.0, 0.9999, 9.999500233211488e-07),
        (100.0, 0.01, 0.046036503390309715),
        (1e4, 0.5, 6.931471712262087e-05),
        (1e4, 1e-6, 0.0013815509465467683),
        (1e8, 0.9999, 1.000050003333473e-12),
        (1e8, 2.3283064365386963e-10, 2.2180709777918222e-07),
    ];

    #[test]
    fn far_tails_are_right_relative_to_their_own_width() {
        for (a, depth, delta) in FAR {
            let far = Far::new(a, f64::INFINITY, Side::Upper, 1.0, 0.0).unwrap();
            let got = value(far, 1.0 - depth);
            // 1 − V rounds: for the smallest depths that is the greatest error.
            let tolerance = 2e-9 * delta.max(1.0 / a) + 2e-16 / depth / a;
            assert!((got - delta).abs() < tolerance, "a {a}, V {depth}: {got:e} instead of {delta:e}");
        }
    }

    #[test]
    fn each_regime_agrees_with_its_neighbour_where_they_meet() {
        for n in 1..1000 {
            let u = f64::from(n) / 1000.0;
            let close = |a: f64, b: f64, tolerance: f64| assert!((a - b).abs() < tolerance, "u {u}: {a} and {b}");
            // Interior and far, on both sides.
            let (inside, outside) = (12.0, 12.0f64.next_up());
            close(
                regime_value(0.0, 1.0, inside, f64::INFINITY, u),
                regime_value(0.0, 1.0, outside, f64::INFINITY, u),
                1e-9,
            );
            close(regime_value(0.0, 1.0, -15.0, -inside, u), regime_value(0.0, 1.0, -15.0, -outside, u), 1e-9);
            // Narrow and the others.
            for bound in [0.5, -3.0, 11.0, -11.9, 13.0, 50.0] {
                let width = 2f64.powi(-17) / f64::max(1.0, f64::abs(bound));
                let narrow = regime_value(0.0, 1.0, bound, bound + 0.999 * width, u) - bound;
                let wide = regime_value(0.0, 1.0, bound, bound + 1.01 * width, u) - bound;
                close(narrow / 0.999 / width, wide / 1.01 / width, 3e-7);
            }
        }
    }

    #[test]
    fn the_bounds_are_the_ends() {
        for (low, high) in
            [(-2.0, 2.0), (-100.0, 100.0), (1.0, 3.0), (-7.0, -5.0), (14.0, 14.5), (-39.5, -39.0), (3.0, 3.000001)]
        {
            let (first, last) =
                (regime_value(0.0, 1.0, low, high, 1e-16), regime_value(0.0, 1.0, low, high, 1.0 - 1e-16));
            let near =
                |value: f64, bound: f64| (value - bound).abs() < 2e-9 || bound.abs() == 100.0 && value.abs() > 8.0;
            assert!(near(first, low) && near(last, high), "{low}..{high}: {first}..{last}");
        }
    }

    #[test]
    fn bounds_beyond_reason_are_refused() {
        assert!(Truncation::new(0.0, 1e-200, 1.0, 2.0).is_err());
        assert!(Truncation::new(0.0, 1.0, 1e149, 2e149).is_ok());
    }
}
