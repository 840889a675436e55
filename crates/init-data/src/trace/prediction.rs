use init_core::quadrature::expectation;

use crate::LayerLaw;

/// What mean-field theory says of a layer: exact for infinite width, and over all draws of the weights.
///
/// With E\[w²\] and the sizes of the layer itself, biases of mean m and variance σ_b², and z from N(0, 1):
///
/// ```text
/// q_l = inputs·E[w²]·E[x²] + σ_b²          the variance of a sum, x the layer's inputs
/// forward: E[φ(m + √q_l·z)] and its std
/// χ_l = outputs·E[w²]·E[φ′(m + √q_l·z)²]   backward: the variance of the gradient is times χ_l
/// ```
///
/// Poole et al. 2016 (arXiv:1606.05340), equation 3; Schoenholz et al. 2017 (arXiv:1611.01232), equation 16.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    /// The mean of what the layer gives; NaN where the theory has no answer.
    pub forward_mean: f64,
    /// Its standard deviation; NaN where the theory has no answer.
    pub forward_std: f64,
    /// The standard deviation of the gradient with respect to the layer's input; NaN where the theory has no answer.
    pub backward_std: f64,
}

/// One step of the recursion.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) mean: f64,
    pub(super) std: f64,
    /// √χ.
    pub(super) factor: f64,
}

/// The recursion: from layer to layer.
pub(super) struct Recursion {
    /// E[x²] of the next layer's inputs; NaN once a layer had no law.
    square: f64,
    /// The last layer: at a fixed point the next one is the same.
    last: Option<(LayerLaw, f64, Step)>,
}

impl Recursion {
    pub(super) fn new(square: f64) -> Self {
        Self { square, last: None }
    }

    /// The next layer. Three integrals, or none where the variance has settled.
    pub(super) fn next(&mut self, law: Option<LayerLaw>, inputs: usize, outputs: usize) -> Step {
        let nothing = Step { mean: f64::NAN, std: f64::NAN, factor: f64::NAN };
        let Some(law) = law.filter(|_| self.square.is_finite()) else {
            self.square = f64::NAN;
            return nothing;
        };
        let variance = inputs as f64 * law.weight_square * self.square + law.bias_variance;
        let spread = outputs as f64 * law.weight_square;
        let mut step = match self.last {
            Some((before, settled, step)) if before == law && (variance - settled).abs() <= 1e-10 * variance => step,
            _ => integrals(&law, variance),
        };
        self.last = Some((law, variance, step));
        self.square = step.mean * step.mean + step.std * step.std;
        step.factor *= spread.sqrt();
        step
    }
}

/// Mean and standard deviation of φ, and √E[φ′²].
fn integrals(law: &LayerLaw, variance: f64) -> Step {
    let LayerLaw { bias_mean, activation, slope, .. } = *law;
    let std = variance.sqrt();
    let value = |z: f64| activation.value(bias_mean + std * z, slope);
    let mean = expectation(value);
    let square = expectation(|z| (value(z) - mean).powi(2));
    let factor = expectation(|z| activation.derivative(bias_mean + std * z, slope).powi(2));
    Step { mean, std: square.max(0.0).sqrt(), factor: factor.sqrt() }
}

#[cfg(test)]
mod tests {
    use init_core::{Activation, scheme::MeanField};

    use super::*;

    #[test]
    fn the_recursion_ends_where_mean_field_theory_has_its_fixed_point() {
        let law = |activation, sigma_w: f64, sigma_b: f64| LayerLaw {
            weight_square: sigma_w * sigma_w / 100.0,
            bias_mean: 0.0,
            bias_variance: sigma_b * sigma_b,
            activation,
            slope: 0.0,
        };
        for (activation, sigma_w, sigma_b) in [(Activation::Tanh, 1.5, 0.3), (Activation::Sigmoid, 2.0, 0.1)] {
            let mut recursion = Recursion::new(1.0);
            let law = law(activation, sigma_w, sigma_b);
            let last = (0..200).map(|_| recursion.next(Some(law), 100, 100)).last().unwrap();
            let field =
                MeanField::new(|x| activation.value(x, 0.0), |x| activation.derivative(x, 0.0), sigma_w, sigma_b)
                    .unwrap();
            assert!((last.factor.powi(2) / field.chi - 1.0).abs() < 1e-8, "{activation}");
            let variance = sigma_w * sigma_w * recursion.square + sigma_b * sigma_b;
            assert!((variance / field.variance - 1.0).abs() < 1e-8, "{activation}");
        }
    }

    #[test]
    fn after_a_layer_without_a_law_there_is_no_prediction() {
        let law = LayerLaw {
            weight_square: 0.02,
            bias_mean: 0.0,
            bias_variance: 0.0,
            activation: Activation::Relu,
            slope: 0.0,
        };
        let mut recursion = Recursion::new(1.0);
        // He's weights: χ = 1.
        assert!((recursion.next(Some(law), 100, 100).factor - 1.0).abs() < 1e-12);
        assert!(recursion.next(None, 100, 100).factor.is_nan());
        assert!(recursion.next(Some(law), 100, 100).std.is_nan());
    }
}
