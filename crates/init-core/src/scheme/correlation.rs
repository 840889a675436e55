//! The correlation of two inputs of a deep plain network, from layer to layer.
//!
//! Library only: no command or recipe uses it.

use crate::distribution::normal::{expectation, expectation_within};

/// The map of the correlation from one layer to the next, at a fixed variance.
#[derive(Debug)]
pub(super) struct Correlation<F, G> {
    pub(super) phi: F,
    pub(super) derivative: G,
    pub(super) sigma_w: f64,
    pub(super) sigma_b: f64,
    pub(super) variance: f64,
}

/// The difference below which the map and the identity count as equal.
const EQUAL: f64 = 1e-11;

impl<F: Fn(f64) -> f64, G: Fn(f64) -> f64> Correlation<F, G> {
    /// Returns the correlation after a layer.
    fn next(&self, correlation: f64) -> f64 {
        let weights = self.sigma_w * self.sigma_w;
        (weights * self.pair(&self.phi, correlation, 1e-12) + self.sigma_b * self.sigma_b) / self.variance
    }

    /// Returns the derivative of [`next`](Self::next), by Price's theorem.
    fn slope(&self, correlation: f64) -> f64 {
        self.sigma_w * self.sigma_w * self.pair(&self.derivative, correlation, 1e-10)
    }

    /// Returns the fixed point below 1 in the chaotic phase, and the slope there.
    ///
    /// The map is a power series in c whose coefficients are squares, so it is convex on [0, 1]; 1
    /// is a fixed point, and its slope there is above 1. So there is exactly one more fixed point,
    /// and secants from below converge to it without passing it. They need no φ′, whose jumps would
    /// take many points.
    pub(super) fn fixed_point(&self) -> (f64, f64) {
        let excess = |correlation: f64| self.next(correlation) - correlation;
        let (mut before, mut above) = (0.0, excess(0.0));
        // This start is below the fixed point: the map is increasing, so its value at 0 does not
        // pass it.
        let mut at = above.max(0.0);
        for _ in 0..100 {
            if above <= EQUAL || at <= before {
                break;
            }
            let left = excess(at);
            let step = left * (at - before) / (above - left);
            (before, above) = (at, left);
            if left <= EQUAL || !(step > 0.0 && at + step < 1.0) {
                break;
            }
            at += step;
        }
        (at, self.slope(at))
    }

    /// Returns E f(√q·z)·f(√q·(c·z + √(1 − c²)·z′)), to a few hundred times `relative` of E
    /// f(√q·z)².
    fn pair(&self, f: impl Fn(f64) -> f64, correlation: f64, relative: f64) -> f64 {
        let std = libm::sqrt(self.variance);
        let rest = libm::sqrt((1.0 - correlation) * (1.0 + correlation));
        // Odd functions have a mean of 0, so tolerances are relative to the mean square. The inner
        // one is finer, so that its errors look smooth to the outer quadrature.
        let square = expectation(|z| f(std * z) * f(std * z)).max(f64::MIN_POSITIVE);
        let (outer, inner) = (relative * square, 0.01 * relative * libm::sqrt(square));
        expectation_within(outer, |z| match f(std * z) {
            0.0 => 0.0,
            value => value * expectation_within(inner, |other| f(std * (correlation * z + rest * other))),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{gain::activation::Activation, scheme::MeanField};

    /// The map of the correlation by the trapezoidal rule on a plane, independent of the solver's
    /// quadrature.
    fn next(phi: impl Fn(f64) -> f64, sigma_w: f64, sigma_b: f64, variance: f64, correlation: f64) -> f64 {
        const STEP: f64 = 1.0 / 12.0;
        let points = || (-108..=108).map(|i| f64::from(i) * STEP);
        let weight = |z: f64| STEP * libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * core::f64::consts::PI);
        let (std, rest) = (libm::sqrt(variance), libm::sqrt(1.0 - correlation * correlation));
        let inner = |z: f64| points().map(|w| weight(w) * phi(std * (correlation * z + rest * w))).sum::<f64>();
        let mean: f64 = points().map(|z| weight(z) * phi(std * z) * inner(z)).sum();
        sigma_w * sigma_w * mean + sigma_b * sigma_b
    }

    /// Layer by layer in both phases: the limits of variance and correlation, and the rates of
    /// convergence.
    #[test]
    fn layers_converge_to_the_fixed_points_at_the_given_rates() {
        for activation in [Activation::Tanh, Activation::Arctan, Activation::Erf] {
            let (phi, slope) = (|x| activation.value(x, 0.0), |x| activation.derivative(x, 0.0));
            for (sigma_w, sigma_b, chaos) in [(0.9, 0.3, false), (1.2, 0.8, false), (2.0, 0.2, true), (2.5, 0.6, true)]
            {
                let field = MeanField::new(phi, slope, sigma_w, sigma_b).unwrap();
                assert_eq!(field.chi > 1.0, chaos, "{activation} {sigma_w} {sigma_b}");
                // A variance of 1 at first, correlated with itself.
                let mut variances = std::vec![1.0_f64];
                for _ in 0..300 {
                    let last = variances[variances.len() - 1];
                    variances.push(next(phi, sigma_w, sigma_b, last, 1.0));
                }
                check(&variances, field.variance, field.variance_depth, activation);
                let mut correlations = std::vec![0.55_f64];
                for _ in 0..300 {
                    let last = correlations[correlations.len() - 1];
                    let next = next(phi, sigma_w, sigma_b, field.variance, last) / field.variance;
                    correlations.push(next.min(1.0));
                }
                check(&correlations, field.correlation, field.correlation_depth, activation);
                assert_eq!(field.correlation < 1.0, chaos);
                assert_eq!(field.correlation_depth == field.depth_scale, !chaos);
            }
        }
    }

    /// The last element of a sequence is its limit, and the distance from it falls by a factor of e
    /// in `depth` steps.
    fn check(sequence: &[f64], limit: f64, depth: f64, activation: Activation) {
        let last = sequence[sequence.len() - 1];
        assert!((last - limit).abs() < 1e-9, "{activation}: {last} for {limit}");
        // Where the distance is small enough to fall exponentially, and large enough to be exact.
        let distances = sequence.iter().map(|x| (x - limit).abs());
        let linear: std::vec::Vec<f64> = distances.filter(|x| (1e-8..1e-5).contains(x)).collect();
        assert!(linear.len() > 2, "{activation}: {} distances", linear.len());
        let measured = (linear.len() - 1) as f64 / libm::log(linear[0] / linear[linear.len() - 1]);
        assert!((measured / depth - 1.0).abs() < 2e-4, "{activation}: {measured} for {depth}");
    }

    /// erf has the map in closed form (Williams 1997): E = 2/π·asin(2qc / (1 + 2q)).
    #[test]
    fn erf_agrees_with_its_closed_form() {
        for (sigma_w, sigma_b) in [(1.5_f64, 0.1_f64), (2.0, 0.5), (4.0, 0.05), (8.0, 1.0)] {
            let erf = Activation::Erf;
            let field = MeanField::new(|x| erf.value(x, 0.0), |x| erf.derivative(x, 0.0), sigma_w, sigma_b).unwrap();
            let scale = sigma_w * sigma_w * 2.0 / core::f64::consts::PI;
            let mut variance = 1.0;
            for _ in 0..5000 {
                variance = scale * libm::asin(2.0 * variance / (1.0 + 2.0 * variance)) + sigma_b * sigma_b;
            }
            assert!((field.variance / variance - 1.0).abs() < 1e-12, "{field:?}");
            let inside = |c: f64| 2.0 * variance * c / (1.0 + 2.0 * variance);
            let mut correlation = 0.5;
            for _ in 0..5000 {
                correlation = (scale * libm::asin(inside(correlation)) + sigma_b * sigma_b) / variance;
            }
            assert!(field.chi > 1.0 && (field.correlation - correlation).abs() < 1e-10, "{field:?} {correlation}");
            let slope = scale * inside(1.0) / libm::sqrt(1.0 - inside(correlation) * inside(correlation)) / variance;
            assert!((field.correlation_depth * libm::log(slope).abs() - 1.0).abs() < 1e-8, "{field:?} {slope}");
        }
    }

    /// The variance map of relu is linear, and relu is in the ordered phase wherever it has a fixed
    /// point; hardtanh has kinks and a chaotic phase.
    #[test]
    fn functions_with_kinks_have_their_fixed_points() {
        let relu = Activation::Relu;
        let field = MeanField::new(|x| relu.value(x, 0.0), |x| relu.derivative(x, 0.0), 1.2, 0.5).unwrap();
        assert!((field.variance - 0.25 / (1.0 - 0.72)).abs() < 1e-11, "{field:?}");
        assert!((field.variance_depth * libm::log(0.72) + 1.0).abs() < 1e-11, "{field:?}");
        assert_eq!((field.correlation, field.correlation_depth), (1.0, field.depth_scale));
        assert!((field.chi - 0.72).abs() < 1e-13);
        let hard = Activation::Hardtanh;
        let (phi, slope) = (|x| hard.value(x, 0.0), |x| hard.derivative(x, 0.0));
        let field = MeanField::new(phi, slope, 2.0, 0.4).unwrap();
        let found = next(phi, 2.0, 0.4, field.variance, field.correlation) / field.variance;
        // The error of the trapezoidal rule at kinks is the square of its step.
        assert!(field.chi > 1.0 && (found - field.correlation).abs() < 2e-3, "{field:?} {found}");
    }

    /// Without biases an odd function decorrelates any two inputs.
    #[test]
    fn odd_functions_without_biases_decorrelate_all_inputs() {
        let tanh = Activation::Tanh;
        let field = MeanField::new(|x| tanh.value(x, 0.0), |x| tanh.derivative(x, 0.0), 2.0, 0.0).unwrap();
        assert!(field.correlation.abs() < 1e-12 && field.correlation_depth.is_finite(), "{field:?}");
        // In the ordered phase the signal itself decays, at the rate of its variance.
        let field = MeanField::new(|x| tanh.value(x, 0.0), |x| tanh.derivative(x, 0.0), 0.5, 0.0).unwrap();
        assert!((field.variance_depth * libm::log(0.25) + 1.0).abs() < 1e-9, "{field:?}");
        assert_eq!(field.correlation, 1.0);
    }
}
