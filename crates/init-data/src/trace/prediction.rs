//! The predictions of mean-field theory for each layer.

use init_core::scheme::MeanFieldLayer;

use super::outlook::horizon;
use crate::layer_source::{LayerMoments, LayerSource};

/// The predictions of mean-field theory for a layer: exact for infinite width, and averaged over
/// draws of the weights.
///
/// With E\[w²\] and the sizes of the layer itself, biases of mean m and variance σ_b², and z from
/// N(0, 1):
///
/// ```text
/// q_l = inputs·E[w²]·E[x²] + σ_b²          the variance of a sum, x the layer's inputs
/// forward: E[φ(m + √q_l·z)] and its std
/// χ_l = outputs·E[w²]·E[φ′(m + √q_l·z)²]   backward: the factor on the variance of the gradient
/// ```
///
/// Poole et al. 2016 (arXiv:1606.05340), equation 3; Schoenholz et al. 2017 (arXiv:1611.01232),
/// equation 16.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predicted {
    /// The mean of the layer's output; NaN where the theory has no answer.
    pub forward_mean: f64,
    /// Its standard deviation; NaN where the theory has no answer.
    pub forward_std: f64,
    /// The standard deviation of the gradient with respect to the layer's input; NaN where the
    /// theory has no answer.
    pub backward_std: f64,
}

/// The prediction for one layer, whatever the gradient at the output.
#[derive(Clone, Copy)]
pub(super) struct Step {
    mean: f64,
    pub(super) std: f64,
    /// √χ.
    pub(super) factor: f64,
}

/// The recursion from layer to layer.
struct Recursion {
    /// E[x²] of the next layer's inputs; NaN after a layer without moments.
    square: f64,
    /// The last layer and its variance: near a fixed point the next layer is the same.
    last: Option<(LayerMoments, f64, MeanFieldLayer)>,
}

impl Recursion {
    fn new(square: f64) -> Self {
        Self { square, last: None }
    }

    /// Predicts the next layer. The integrals are computed only while the variance has not settled.
    fn next(&mut self, moments: Option<LayerMoments>, inputs: usize, outputs: usize) -> Step {
        let Some(moments) = moments.filter(|_| self.square.is_finite()) else {
            self.square = f64::NAN;
            return Step { mean: f64::NAN, std: f64::NAN, factor: f64::NAN };
        };
        let variance = inputs as f64 * moments.weight_square * self.square + moments.bias_variance;
        let layer = match self.last {
            Some((before, settled, layer)) if before == moments && (variance - settled).abs() <= 1e-10 * variance => {
                layer
            }
            _ => {
                let LayerMoments { bias_mean, activation, slope, .. } = moments;
                let phi = |sum: f64| activation.value(bias_mean + sum, slope);
                MeanFieldLayer::new(phi, |sum| activation.derivative(bias_mean + sum, slope), variance)
            }
        };
        self.last = Some((moments, variance, layer));
        let MeanFieldLayer { mean, std, slope } = layer;
        self.square = mean * mean + std * std;
        Step { mean, std, factor: slope.sqrt() * (outputs as f64 * moments.weight_square).sqrt() }
    }
}

/// The predictions for all layers of a stack, and for those that would follow.
pub(super) struct Prediction {
    steps: Vec<Step>,
    depth: usize,
}

impl Prediction {
    /// Predicts from E[x²] of the input.
    pub(super) fn new(stack: &(impl LayerSource + ?Sized), sizes: &[usize], square: f64) -> Self {
        let depth = sizes.len() - 1;
        let mut recursion = Recursion::new(square);
        let mut steps: Vec<_> =
            (0..depth).map(|index| recursion.next(stack.moments(index), sizes[index], sizes[index + 1])).collect();
        let (inputs, outputs) = (sizes[depth - 1], sizes[depth]);
        if inputs == outputs && steps[depth - 1].std > 0.0 {
            let moments = stack.moments(depth - 1);
            steps.extend((depth..horizon(depth)).map(|_| recursion.next(moments, inputs, outputs)));
        }
        Self { steps, depth }
    }

    /// Returns the prediction for each layer, given the standard deviation of the gradient at the
    /// output.
    pub(super) fn layers(&self, end: f64) -> Vec<Predicted> {
        let mut backward_std = end;
        let layers = self.steps[..self.depth].iter().rev().map(|step| {
            backward_std *= step.factor;
            Predicted { forward_mean: step.mean, forward_std: step.std, backward_std }
        });
        let mut layers: Vec<_> = layers.collect();
        layers.reverse();
        layers
    }

    /// Returns the factor of each layer that would follow the last, if the theory covers it.
    pub(super) fn ahead(&self, factor: impl Fn(&Step, &Step) -> f64) -> Option<Vec<f64>> {
        let pairs = self.steps[self.depth - 1..].windows(2);
        let factors: Vec<_> = pairs.map(|pair| factor(&pair[0], &pair[1])).collect();
        (!factors.is_empty() && factors.iter().all(|factor| factor.is_finite())).then_some(factors)
    }
}

#[cfg(test)]
mod tests {
    use init_core::{Activation, scheme::MeanField};

    use super::*;

    #[test]
    fn the_recursion_converges_to_the_fixed_point_of_mean_field_theory() {
        let moments = |activation, sigma_w: f64, sigma_b: f64| LayerMoments {
            weight_square: sigma_w * sigma_w / 100.0,
            bias_mean: 0.0,
            bias_variance: sigma_b * sigma_b,
            activation,
            slope: 0.0,
        };
        for (activation, sigma_w, sigma_b) in [(Activation::Tanh, 1.5, 0.3), (Activation::Sigmoid, 2.0, 0.1)] {
            let mut recursion = Recursion::new(1.0);
            let moments = moments(activation, sigma_w, sigma_b);
            let last = (0..200).map(|_| recursion.next(Some(moments), 100, 100)).last().unwrap();
            let field =
                MeanField::new(|x| activation.value(x, 0.0), |x| activation.derivative(x, 0.0), sigma_w, sigma_b)
                    .unwrap();
            assert!((last.factor.powi(2) / field.chi - 1.0).abs() < 1e-8, "{activation}");
            let variance = sigma_w * sigma_w * recursion.square + sigma_b * sigma_b;
            assert!((variance / field.variance - 1.0).abs() < 1e-8, "{activation}");
        }
    }

    #[test]
    fn after_a_layer_without_moments_there_is_no_prediction() {
        let moments = LayerMoments {
            weight_square: 0.02,
            bias_mean: 0.0,
            bias_variance: 0.0,
            activation: Activation::Relu,
            slope: 0.0,
        };
        let mut recursion = Recursion::new(1.0);
        // He's weights: χ = 1.
        assert!((recursion.next(Some(moments), 100, 100).factor - 1.0).abs() < 1e-12);
        assert!(recursion.next(None, 100, 100).factor.is_nan());
        assert!(recursion.next(Some(moments), 100, 100).std.is_nan());
    }
}
