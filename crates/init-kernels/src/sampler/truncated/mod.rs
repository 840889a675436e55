//! Truncated normal values by the inverse of the distribution function: one word an element, no rejection.
//!
//! Five regimes, chosen once for a tensor by its bounds α and β, in standard deviations from the mean:
//!
//! * [`Central`]: both within 2.0005, on either side of 0, as nearly everywhere in practice: in f32;
//! * none at all: both so far out that no normal value reaches them: the values are those of the normal law;
//! * [`Interior`]: all other bounds that leave some of [−12, 12]: both tails are exact sums, so that neither loses digits;
//! * [`Far`]: beyond 12, where the tail is so steep that values are measured from the near bound;
//! * [`Narrow`]: so narrow that the density is a straight line.

mod central;
mod far;
mod interior;
mod narrow;

use std::mem::MaybeUninit;

use super::{GROUP, STEPS32, STEPS64, Sampler, vectors};
use crate::element::Range;
use crate::element::sealed::Narrowed;
use crate::lanes::Lanes;
use crate::simd::{Simd, WIDTH64};
use crate::uniforms::Unit;

pub(crate) use central::Central;
use far::{Far, Side};
use interior::Interior;
use narrow::Narrow;

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

    /// Whether the density is a straight line between the bounds, as good as.
    pub(crate) fn is_narrow(mean: f64, std: f64, low: f64, high: f64) -> bool {
        let (alpha, beta) = ((low - mean) / std, (high - mean) / std);
        (beta - alpha) * 1f64.max(alpha.abs()).max(beta.abs()) < 2f64.powi(-17)
    }

    /// Whether no normal value that reaches up to `reach` standard deviations lies outside the bounds.
    pub(crate) fn is_idle(reach: f64, mean: f64, std: f64, low: f64, high: f64) -> bool {
        (low - mean) / std <= -reach && (high - mean) / std >= reach
    }

    pub(crate) fn new(mean: f64, std: f64, low: f64, high: f64) -> Result<Self, TooFar> {
        let (alpha, beta) = ((low - mean) / std, (high - mean) / std);
        Ok(if Self::is_narrow(mean, std, low, high) {
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

impl<R: Regime> Held<R, f32> {
    #[inline(always)]
    fn value<S: Simd>(&self, simd: S, [low, high]: [Unit<S>; 2]) -> S::F32 {
        let values = [self.regime.values(simd, low), self.regime.values(simd, high)];
        self.held.hold(simd, simd.f32_from_f64(values))
    }
}

impl<E: Narrowed, R: Regime> Sampler<E> for Held<R, f32> {
    const STEPS: usize = STEPS32;
    const FAST: bool = false;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<E>; GROUP]) {
        let values = [self.value(simd, Unit::from_u32(simd, lanes)), self.value(simd, Unit::from_u32(simd, lanes))];
        E::store(simd, values, dst);
    }
}

impl<R: Regime> Sampler<f64> for Held<R, f64> {
    const STEPS: usize = STEPS64;
    const FAST: bool = false;

    #[inline(always)]
    fn sample<S: Simd>(&self, simd: S, lanes: &mut Lanes<S>, dst: &mut [MaybeUninit<f64>; GROUP]) {
        for dst in vectors::<f64, WIDTH64>(dst) {
            let values = self.regime.values(simd, Unit::from_u64(simd, lanes));
            simd.store_f64(self.held.hold(simd, values), dst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

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
