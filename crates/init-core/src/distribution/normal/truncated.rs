//! Moments and probabilities of a truncated normal, accurate in far and one-sided tails too.

use super::functions::{exp, mills, sf};

/// Nodes and weights of the eight-point Gauss–Legendre rule on [−1, 1]; those below 0 mirror them.
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_27),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// The number of panels of the support. Each spans an exponent of at most 2.5, for which the rule
/// is exact to about 1e-16 of the whole.
const PANELS: u32 = 64;

/// Integration ends where the density has fallen to e⁻⁶⁴ of its maximum: weighted with the fourth
/// power of its distance, the rest is below 1e-19 of the whole.
const FALL: f64 = 64.0;

/// Infinite distances are taken as this many standard deviations, so that no ∞ · 0 arises.
const FARTHEST: f64 = 1e150;

pub(crate) struct Truncated {
    std: f64,
    low: f64,
    high: f64,
    /// The point of [low, high] at which the density is maximal, and its distance from the mean
    /// before truncation, in standard deviations before truncation.
    mode: f64,
    z: f64,
}

pub(crate) struct Moments {
    pub(crate) mean: f64,
    pub(crate) std: f64,
    pub(crate) kurtosis: f64,
}

impl Truncated {
    pub(crate) fn new(mean: f64, std: f64, low: f64, high: f64) -> Self {
        let mode = if mean < low {
            low
        } else if mean > high {
            high
        } else {
            mean
        };
        let z = ((mode - mean) / std).clamp(-FARTHEST, FARTHEST);
        Self { std, low, high, mode, z }
    }

    /// Returns the density at `mode + distance`, divided by that at `mode`.
    fn density(&self, distance: f64) -> f64 {
        let d = distance / self.std;
        exp(-d * (self.z + 0.5 * d))
    }

    /// Returns mean, standard deviation and kurtosis by quadrature around the mode: only positive
    /// terms are added, so nothing cancels, however far out or narrow the interval is.
    pub(crate) fn moments(&self) -> Moments {
        // The distance at which |z|·d + d²/2 reaches FALL, written so that it cannot cancel.
        let z = self.z.abs();
        let reach = 2.0 * FALL / (z + libm::sqrt(z * z + 2.0 * FALL)) * self.std;
        let below = (self.mode - self.low).min(reach).min(f64::MAX);
        let above = (self.high - self.mode).min(reach).min(f64::MAX);
        // Distances are in units of the longer side: a power of a width could underflow.
        let unit = below.max(above);
        if unit.is_nan() || unit <= 0.0 {
            return Moments { mean: self.mode, std: 0.0, kurtosis: f64::NAN };
        }
        let (from, to) = (-below / unit, above / unit);
        let integral =
            |weight: &dyn Fn(f64) -> f64| quadrature(from, to, PANELS, |u| weight(u) * self.density(unit * u));
        let total = integral(&|_| 1.0);
        let centre = integral(&|u| u) / total;
        let variance = integral(&|u| (u - centre) * (u - centre)) / total;
        let fourth = integral(&|u| {
            let square = (u - centre) * (u - centre);
            square * square
        }) / total;
        Moments {
            mean: (self.mode + unit * centre).max(self.low).min(self.high),
            std: unit * libm::sqrt(variance),
            kurtosis: fourth / (variance * variance),
        }
    }

    /// Returns the probability of a value of at most x, for low ≤ x < high.
    pub(crate) fn cdf(&self, x: f64) -> f64 {
        let (low, high) = (self.low - self.mode, self.high - self.mode);
        let x = x - self.mode;
        // Over an exponent this small one panel of the rule is exact, and differences of tails
        // would cancel.
        let width = (high - low) / self.std;
        if width * (self.z.abs() + width) < 0.5 {
            let part = |to| quadrature(low, to, 1, |distance| self.density(distance));
            return part(x) / part(high);
        }
        if self.z > 0.0 {
            (1.0 - self.tail(x)) / (1.0 - self.tail(high))
        } else if self.z < 0.0 {
            let beyond = self.tail(low);
            (self.tail(x) - beyond) / (1.0 - beyond)
        } else {
            // The mode is the mean: the interval contains both sides of it.
            let z = |distance: f64| distance / self.std;
            let (outside, part) = (sf(-z(low)) + sf(z(high)), (z(x), z(low)));
            let inside = 1.0 - outside;
            if x <= 0.0 { (sf(-part.0) - sf(-part.1)) / inside } else { 1.0 - (sf(part.0) - sf(z(high))) / inside }
        }
    }

    /// Returns the probability, before truncation, of a value at least `distance` beyond the mode,
    /// divided by that of a value beyond the mode; for a mode that is not the mean.
    fn tail(&self, distance: f64) -> f64 {
        let z = self.z.abs();
        let d = (distance / self.std).abs();
        if z < 2.0 {
            return sf(z + d) / sf(z);
        }
        let fall = self.density(distance);
        // 0 · mills(∞) as well is 0.
        if fall == 0.0 { 0.0 } else { fall * (mills(z + d) / mills(z)) }
    }
}

/// Returns ∫ f over [from, to], in equal panels.
fn quadrature(from: f64, to: f64, panels: u32, f: impl Fn(f64) -> f64) -> f64 {
    let half = (to - from) / f64::from(panels) / 2.0;
    let mut sum = 0.0;
    for panel in 0..panels {
        let centre = from + half * (2.0 * f64::from(panel) + 1.0);
        for (node, weight) in GAUSS {
            sum += weight * (f(centre - half * node) + f(centre + half * node));
        }
    }
    sum * half
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFINITY: f64 = f64::INFINITY;

    fn moments(mean: f64, std: f64, low: f64, high: f64) -> [f64; 3] {
        let Moments { mean, std, kurtosis } = Truncated::new(mean, std, low, high).moments();
        [mean, std, kurtosis]
    }

    fn close(found: f64, expected: f64, relative: f64) -> bool {
        (found - expected).abs() <= relative * expected.abs().max(1e-300)
    }

    /// Mean, standard deviation and kurtosis by mpmath's quadrature with 50 digits.
    #[test]
    fn moments_are_accurate_near_and_far() {
        #[rustfmt::skip]
        let cases = [
            // mean, std, low, high; mean, std and kurtosis after truncation
            (0.0, 1.0, -2.0, 2.0, 0.0, 0.8796256610342398, 2.3655367171296495),
            (0.0, 1.0, -1.0, 1.0, 0.0, 0.539560093754897, 1.940919919903119),
            (0.0, 1.0, -1.5, 1.5, 0.0, 0.7426468984393265, 2.1221149331840232),
            (0.0, 1.0, -2.5, 2.5, 0.0, 0.9545974863445807, 2.6242201609275844),
            (0.0, 1.0, -3.0, 3.0, 0.0, 0.9865783925581086, 2.828885563602256),
            (0.0, 1.0, -4.0, 4.0, 0.0, 0.9994645018070796, 2.9860474733711038),
            (0.0, 1.0, 5.0, INFINITY, 5.186503967125842, 0.1808215546253052, 7.7591828604083535),
            (0.0, 1.0, 100.0, INFINITY, 100.00999800099926, 0.009997002048027372, 8.995207067568558),
            (0.0, 1.0, -INFINITY, -8.0, -8.121368112236112, 0.119686605112439, 8.386353723456871),
            (0.0, 1.0, 1.0, 1.000001, 1.0000004999999166, 2.886751345710525e-07, 1.8000000000002),
            (0.0, 1.0, -INFINITY, INFINITY, 0.0, 1.0, 3.0),
            (0.0, 1.0, -INFINITY, 1.0, -0.2875999709391784, 0.7935277473262075, 3.0013812948895007),
            (0.0, 1.0, 3.0, 4.0, 3.260454285590021, 0.22198602158107417, 3.5682772541606274),
            (0.0, 1.0, -100.0, 100.0, 0.0, 1.0, 3.0),
            (0.0, 1.0, 100000000.0, INFINITY, 100000000.00000001, 9.999999999999997e-09, 8.999999999999995),
            (3.0, 0.5, -INFINITY, 2.0, 1.8133922335885797, 0.16902595985090668, 6.018595775839019),
            (0.5, 0.02, -0.1, 0.51, 0.48981679132325934, 0.013945256336064494, 3.3730130186980087),
            (0.0, 1.0, 30.0, 30.001, 30.00049749999592, 0.0002886686345362943, 1.8001491815626136),
            (0.0, 1.0, 0.0, INFINITY, 0.7978845608028654, 0.602810274989087, 3.8691773036059742),
            (0.0, 1.0, 1.9, INFINITY, 2.284946915476739, 0.3470111422694371, 5.926601092492012),
            (0.0, 1.0, 2.1, 2.6, 2.302513922762349, 0.13902672117130377, 2.0315526631032004),
            (0.0, 1.0, 29.0, 40.0, 29.034401237736326, 0.03436074051541211, 8.94390564473178),
            (1.0, 0.001, -5.0, 0.5, 0.4999980000159997, 1.9999760006559746e-06, 8.999808011327202),
        ];
        for (mean, std, low, high, expected_mean, expected_std, expected_kurtosis) in cases {
            let [m, s, k] = moments(mean, std, low, high);
            let case = (mean, std, low, high, m, s, k);
            assert!((m - expected_mean).abs() <= 1e-15 * (expected_std + expected_mean.abs()), "{case:?}");
            assert!(close(s, expected_std, 3e-15), "{case:?}");
            assert!(close(k, expected_kurtosis, 1e-14), "{case:?}");
        }
    }

    /// √(1 − 2c·φ(c) / (2Φ(c) − 1)).
    #[test]
    fn symmetric_truncations_have_their_closed_form() {
        for c in [0.5, 1.0, 2.0, 3.3, 4.0, 7.0] {
            let inside = 1.0 - 2.0 * sf(c);
            let expected = libm::sqrt(1.0 - 2.0 * c * crate::distribution::normal::pdf(c) / inside);
            let [m, s, _] = moments(3.0, 0.5, 3.0 - 0.5 * c, 3.0 + 0.5 * c);
            assert!(close(m, 3.0, 1e-15) && close(s, 0.5 * expected, 1e-13), "{c}");
        }
    }

    #[test]
    fn extreme_scales_stay_finite() {
        // Nearly uniform: the standard deviation before truncation is far wider than the bounds.
        let [m, s, k] = moments(0.0, 1e300, -1.0, 1.0);
        assert!(m.abs() < 1e-15 && close(s, 1.0 / libm::sqrt(3.0), 3e-15) && close(k, 1.8, 1e-14));
        // Nearly exponential: far out in a thin tail.
        let [m, s, k] = moments(0.0, 1e-300, 1e10, INFINITY);
        assert!(m == 1e10 && s == 0.0 && k.is_nan()); // 1e-610 underflows
        let [m, s, k] = moments(-1e308, 1.0, 1e308, INFINITY);
        assert!(m == 1e308 && s < 1e-100 && close(k, 9.0, 1e-12));
        // Widths that overflow.
        let [m, s, k] = moments(0.0, 1e308, -1.7e308, 1.7e308);
        assert!(m.abs() < 1e293 && (0.5e308..1e308).contains(&s) && (1.8..3.0).contains(&k));
        let [m, s, _] = moments(0.0, f64::MAX, -INFINITY, INFINITY);
        assert!(m.is_finite() && s.is_finite());
        // One point.
        let [m, s, k] = moments(0.0, 1.0, 2.5, 2.5);
        assert!(m == 2.5 && s == 0.0 && k.is_nan());
        let tiny = f64::from_bits(1);
        assert!(moments(0.0, tiny, -INFINITY, INFINITY)[0] == 0.0);
    }

    /// mean, std, low, high, x, the probability up to x (mpmath, 80 digits).
    #[test]
    fn probabilities_are_accurate_in_tails_and_narrow_intervals() {
        let cases = [
            (0.0, 1.0, -2.0, 2.0, -1.9, 0.0062508428678860846),
            (0.0, 1.0, -2.0, 2.0, 0.5, 0.7005893286629717),
            (0.0, 1.0, 5.0, INFINITY, 5.1, 0.4075499408517749),
            (0.0, 1.0, 100.0, INFINITY, 100.01, 0.6321757274157787),
            (0.0, 1.0, -INFINITY, -8.0, -8.2, 0.19320732544817365),
            (0.0, 1.0, 1.0, 1.000001, 1.0000003, 0.300000104977848),
            (3.0, 0.5, -INFINITY, 2.0, 1.8, 0.3603291595525105),
            (0.5, 0.02, -0.1, 0.51, 0.49, 0.4462101068473177),
            (0.0, 1.0, 1.9, INFINITY, 2.0, 0.2077695903009214),
            (0.0, 1.0, 29.0, 40.0, 29.05, 0.766125021833537),
            (0.0, 1.0, 0.5, 9.0, 0.75, 0.26547883504659503),
            (0.0, 1.0, -INFINITY, INFINITY, -3.0, 0.0013498980316300946),
        ];
        for (mean, std, low, high, x, expected) in cases {
            let found = Truncated::new(mean, std, low, high).cdf(x);
            assert!((found - expected).abs() < 2e-15, "{:?}", (mean, std, low, high, x, found));
        }
    }

    #[test]
    fn probabilities_rise_from_0_to_1() {
        for (low, high) in [(-2.0, 2.0), (1.0, 1.2), (5.0, INFINITY), (-INFINITY, -60.0), (0.3, 9.0)] {
            let truncated = Truncated::new(0.0, 1.0, low, high);
            let (from, to) = (low.max(-61.0), high.min(10.0));
            let mut before = -1e-15;
            for i in 0..1000 {
                let p = truncated.cdf(from + (to - from) * f64::from(i) / 1000.0);
                assert!((-1e-15..=1.0 + 1e-15).contains(&p) && p >= before - 1e-15, "{low} {high} {p}");
                before = p;
            }
        }
    }
}
