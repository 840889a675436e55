//! The mean-field map of a deep plain network, and the edge of chaos.
//!
//! Library only: no command or recipe uses it.

use crate::{
    distribution::{family::Family, normal::expectation},
    initializer::registry::Initializer,
    scheme::correlation::Correlation,
    shape::fan::Mode,
};

/// The mean-field limit of a deep plain network of infinite width: how the variance of a signal and
/// the correlation of two change from layer to layer.
///
/// With weights of variance σ_w² / fan_in, biases of variance σ_b², z and z′ independent from N(0,
/// 1), and z″ = c·z + √(1 − c²)·z′:
///
/// ```text
/// q ← σ_w²·E[φ(√q·z)²] + σ_b²                        the variance of a unit, which converges to q*
/// c ← (σ_w²·E[φ(√q*·z)·φ(√q*·z″)] + σ_b²) / q*       the correlation of two inputs, which converges to c*
/// χ = σ_w²·E[φ′(√q*·z)²]                             the factor on a small difference, and on a gradient
/// ξ_q = 1 / |ln dq/dq|, dq/dq = σ_w²·E[φ·φ′·z] / √q*   the layers in which a variance's distance from q* falls by e
/// ξ_c = 1 / |ln dc/dc|, dc/dc = σ_w²·E[φ′(√q*·z)·φ′(√q*·z″)] at c*   the same of a correlation
/// ξ = 1 / |ln χ|                                     the same, or the growth, of a gradient
/// ```
///
/// Below χ = 1 is the ordered phase: signals become alike, c* = 1, ξ_c = ξ, and gradients vanish.
/// Above it is the chaotic phase: signals decorrelate, c* < 1, and gradients explode. At 1, the
/// edge of chaos, ξ and ξ_c are infinite and networks of any depth can train. Poole et al. 2016
/// (arXiv:1606.05340), section 2; Schoenholz et al. 2017 (arXiv:1611.01232), sections 3 and 4.
///
/// Variances are exact to about 1e-13, c* to about 1e-11 / (1 − dc/dc). In the chaotic phase the
/// expectations over two variables take some hundred thousand calls of φ and φ′ each; where φ′
/// jumps, as for hardtanh, they take seconds.
///
/// ```
/// use init_core::scheme::MeanField;
/// use init_core::Activation;
///
/// let tanh = |x| Activation::Tanh.value(x, 0.0);
/// let slope = |x| Activation::Tanh.derivative(x, 0.0);
/// let ordered = MeanField::new(tanh, slope, 1.0, 0.3)?;
/// assert!(ordered.chi < 1.0 && ordered.depth_scale < 10.0);
/// assert_eq!((ordered.correlation, ordered.correlation_depth), (1.0, ordered.depth_scale));
/// let chaotic = MeanField::new(tanh, slope, 2.0, 0.3)?;
/// assert!(chaotic.chi > 1.0 && chaotic.correlation < 0.5);
/// # Ok::<(), init_core::scheme::MeanFieldError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanField {
    /// The fixed point q* of the variance.
    pub variance: f64,
    /// χ at the fixed point.
    pub chi: f64,
    /// ξ, in layers; infinite at the edge of chaos.
    pub depth_scale: f64,
    /// The fixed point c* of the correlation of two inputs, from 0 to 1.
    pub correlation: f64,
    /// ξ_q, in layers.
    pub variance_depth: f64,
    /// ξ_c, in layers; infinite at the edge of chaos.
    pub correlation_depth: f64,
}

/// The maximum number of steps to the fixed point: near the edge of chaos convergence is slow.
const MAX_STEPS: usize = 10_000;

impl MeanField {
    /// Returns the fixed point that a signal of variance 1 converges to, by iteration.
    ///
    /// # Errors
    ///
    /// [`MeanFieldError`] if a number is negative or not finite, and if the variance diverges or
    /// does not converge within 10 000 layers.
    pub fn new(
        phi: impl Fn(f64) -> f64,
        derivative: impl Fn(f64) -> f64,
        sigma_w: f64,
        sigma_b: f64,
    ) -> Result<Self, MeanFieldError> {
        for (what, value) in [("sigma_w", sigma_w), ("sigma_b", sigma_b)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(MeanFieldError::OutOfRange { what, value });
            }
        }
        let mut variance: f64 = 1.0;
        for _ in 0..MAX_STEPS {
            let next = sigma_w * sigma_w * square(&phi, variance) + sigma_b * sigma_b;
            if !next.is_finite() {
                break;
            }
            let settled = (next - variance).abs() <= 1e-13 * next;
            variance = next;
            if settled || variance < 1e-290 {
                let chi = sigma_w * sigma_w * square(&derivative, variance);
                let std = libm::sqrt(variance);
                let rate = expectation(|z| phi(std * z) * derivative(std * z) * z) * sigma_w * sigma_w / std;
                let maps = Correlation { phi: &phi, derivative: &derivative, sigma_w, sigma_b, variance };
                let (correlation, slope) = if chi > 1.0 { maps.fixed_point() } else { (1.0, chi) };
                let [depth_scale, variance_depth, correlation_depth] =
                    [chi, rate, slope].map(|factor| 1.0 / libm::log(factor.abs()).abs());
                return Ok(Self { variance, chi, depth_scale, correlation, variance_depth, correlation_depth });
            }
        }
        Err(MeanFieldError::Unsettled { sigma_w, sigma_b, variance })
    }
}

/// One layer of the map that [`MeanField`] iterates: the moments of φ and of its slope, for sums of
/// one variance.
///
/// ```
/// use init_core::scheme::MeanFieldLayer;
///
/// let relu = MeanFieldLayer::new(|x| x.max(0.0), |x| if x > 0.0 { 1.0 } else { 0.0 }, 2.0);
/// assert!((relu.mean * relu.mean + relu.std * relu.std - 1.0).abs() < 1e-12); // half of the variance
/// assert!((relu.slope - 0.5).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanFieldLayer {
    /// E\[φ(√q·z)\].
    pub mean: f64,
    /// The standard deviation of φ(√q·z).
    pub std: f64,
    /// E\[φ′(√q·z)²\].
    pub slope: f64,
}

impl MeanFieldLayer {
    /// Computes the moments for sums from N(0, q), q being `variance`.
    #[must_use]
    pub fn new(phi: impl Fn(f64) -> f64, derivative: impl Fn(f64) -> f64, variance: f64) -> Self {
        let std = libm::sqrt(variance);
        let mean = expectation(|z| phi(std * z));
        let spread = square(&|x| phi(x) - mean, variance);
        Self { mean, std: libm::sqrt(spread.max(0.0)), slope: square(&derivative, variance) }
    }
}

/// The weights and biases at which a network with a given activation is at the edge of chaos.
///
/// ```
/// use init_core::scheme::EdgeOfChaos;
/// use init_core::Activation;
///
/// let tanh = |x| Activation::Tanh.value(x, 0.0);
/// let slope = |x| Activation::Tanh.derivative(x, 0.0);
/// let edge = EdgeOfChaos::with_bias(tanh, slope, 0.05_f64.sqrt())?;
/// assert!((edge.sigma_w * edge.sigma_w - 1.76).abs() < 0.005); // the paper's 1.76 for σ_b² = 0.05
/// let relu = EdgeOfChaos::at_variance(|x| x.max(0.0), |x| if x > 0.0 { 1.0 } else { 0.0 }, 1.0)?;
/// assert!((relu.sigma_w - 2_f64.sqrt()).abs() < 1e-14 && relu.sigma_b < 1e-7);
/// # Ok::<(), init_core::scheme::MeanFieldError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeOfChaos {
    /// The standard deviation of the weights, times √fan_in.
    pub sigma_w: f64,
    /// The standard deviation of the biases.
    pub sigma_b: f64,
    /// The fixed point q* of the variance.
    pub variance: f64,
}

impl EdgeOfChaos {
    /// Returns the edge at which units have the variance q*: σ_w² = 1 / E\[φ′²\], σ_b² = q* −
    /// σ_w²·E\[φ²\].
    ///
    /// # Errors
    ///
    /// [`MeanFieldError`] if `variance` is not a number above 0, or if there is no such σ_b.
    pub fn at_variance(
        phi: impl Fn(f64) -> f64,
        derivative: impl Fn(f64) -> f64,
        variance: f64,
    ) -> Result<Self, MeanFieldError> {
        if !(variance.is_finite() && variance > 0.0) {
            return Err(MeanFieldError::OutOfRange { what: "variance", value: variance });
        }
        let (weights, biases) = squares(&phi, &derivative, variance);
        // Where no bias is needed, rounding leaves a few units in the last place.
        if !(weights.is_finite() && biases >= -1e-13 * variance) {
            return Err(MeanFieldError::NoEdge { variance });
        }
        Ok(Self { sigma_w: libm::sqrt(weights), sigma_b: libm::sqrt(biases.max(0.0)), variance })
    }

    /// Returns the edge at which biases have the standard deviation `sigma_b`, by bisection of q*
    /// between 1e-6 and 1e4.
    ///
    /// # Errors
    ///
    /// [`MeanFieldError`] if `sigma_b` is negative or not finite, or no q* has it: relu, for
    /// example, is at the edge at every q*, and only without biases.
    pub fn with_bias(
        phi: impl Fn(f64) -> f64,
        derivative: impl Fn(f64) -> f64,
        sigma_b: f64,
    ) -> Result<Self, MeanFieldError> {
        if !(sigma_b.is_finite() && sigma_b >= 0.0) {
            return Err(MeanFieldError::OutOfRange { what: "sigma_b", value: sigma_b });
        }
        let excess = |log: f64| squares(&phi, &derivative, libm::exp(log)).1 - sigma_b * sigma_b;
        let (mut low, mut high) = (libm::log(1e-6), libm::log(1e4));
        let (below, above) = (excess(low), excess(high));
        if !(below <= 0.0 && above >= 0.0 && below < above) {
            return Err(MeanFieldError::NoBias { sigma_b });
        }
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if excess(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Self::at_variance(phi, derivative, libm::exp(high))
    }

    /// Returns the initializer of the weights: normal, of variance σ_w² / fan_in.
    #[must_use]
    pub fn weight(&self) -> Initializer {
        let scale = self.sigma_w * self.sigma_w;
        Initializer::VarianceScaling { scale, mode: Mode::FanIn, distribution: Family::Normal }
    }

    /// Returns the initializer of the biases: normal, of standard deviation σ_b.
    #[must_use]
    pub fn bias(&self) -> Initializer {
        Initializer::Normal { mean: 0.0, std: self.sigma_b }
    }
}

/// Returns E f(√q·z)².
fn square(f: &impl Fn(f64) -> f64, variance: f64) -> f64 {
    let std = libm::sqrt(variance);
    expectation(|z| {
        let y = f(std * z);
        y * y
    })
}

/// Returns σ_w² and σ_b² at the edge of chaos.
fn squares(phi: &impl Fn(f64) -> f64, derivative: &impl Fn(f64) -> f64, variance: f64) -> (f64, f64) {
    let weights = 1.0 / square(derivative, variance);
    (weights, variance - weights * square(phi, variance))
}

/// The error for numbers that have no fixed point or no edge of chaos.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MeanFieldError {
    /// A number is negative or not finite.
    #[error("`{what}` must be finite and at least 0 (a variance: above 0), got {value}")]
    OutOfRange {
        /// Its name.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// The variance does not converge.
    #[error(
        "with sigma_w = {sigma_w} and sigma_b = {sigma_b} the variance of the signal does not converge (the last \
         value is {variance}): take a smaller sigma_w"
    )]
    Unsettled {
        /// σ_w.
        sigma_w: f64,
        /// σ_b.
        sigma_b: f64,
        /// The last variance.
        variance: f64,
    },
    /// No biases have this fixed point.
    #[error("this activation has no edge of chaos at a variance of {variance}; use a larger variance")]
    NoEdge {
        /// The variance given.
        variance: f64,
    },
    /// No fixed point has these biases.
    #[error("this activation has no edge of chaos with biases of {sigma_b}; choose the variance instead")]
    NoBias {
        /// σ_b.
        sigma_b: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gain::activation::Activation;

    #[test]
    fn the_edge_has_an_infinite_depth_scale() {
        for activation in [Activation::Tanh, Activation::Erf, Activation::Hardtanh, Activation::Arctan] {
            let (phi, slope) = (|x| activation.value(x, 0.0), |x| activation.derivative(x, 0.0));
            for sigma_b in [0.1, 0.5, 1.0] {
                let edge = EdgeOfChaos::with_bias(phi, slope, sigma_b).unwrap();
                assert!((edge.sigma_b - sigma_b).abs() < 1e-9, "{activation}: {edge:?}");
                let field = MeanField::new(phi, slope, edge.sigma_w, edge.sigma_b).unwrap();
                assert!((field.chi - 1.0).abs() < 1e-9, "{activation}: {field:?}");
                assert!((field.variance / edge.variance - 1.0).abs() < 1e-9, "{activation}: {field:?}");
                assert!(field.depth_scale > 1e8);
                // Slightly smaller weights are ordered, slightly larger ones chaotic.
                let less = MeanField::new(phi, slope, edge.sigma_w * 0.9, edge.sigma_b).unwrap();
                let more = MeanField::new(phi, slope, edge.sigma_w * 1.1, edge.sigma_b).unwrap();
                assert!(less.chi < 1.0 && more.chi > 1.0, "{activation}");
                assert!((less.depth_scale + 1.0 / libm::log(less.chi)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn numbers_without_an_edge_are_an_error() {
        let (relu, step) = (|x: f64| x.max(0.0), |x: f64| if x > 0.0 { 1.0 } else { 0.0 });
        assert!(matches!(EdgeOfChaos::with_bias(relu, step, 0.1), Err(MeanFieldError::NoBias { .. })));
        assert!(matches!(MeanField::new(relu, step, 2.0, 0.0), Err(MeanFieldError::Unsettled { .. })));
        assert!(matches!(MeanField::new(relu, step, -1.0, 0.0), Err(MeanFieldError::OutOfRange { .. })));
        assert!(matches!(EdgeOfChaos::at_variance(relu, step, 0.0), Err(MeanFieldError::OutOfRange { .. })));
        // 1 + x adds variance, which no bias can remove.
        let found = EdgeOfChaos::at_variance(|x| 1.0 + x, |_| 1.0, 1.0);
        assert!(matches!(found, Err(MeanFieldError::NoEdge { .. })), "{found:?}");
    }
}
