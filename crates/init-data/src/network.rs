//! Networks of dense layers: the forward and the backward pass.

use std::borrow::Cow;

use init_core::{Activation, Initializer};
use init_kernels::Stream;

use crate::{
    layer::Layer,
    layer_source::{DrawnLayers, LayerMoments, LayerSource, NetworkError},
    matrix::Matrix,
};

/// A network of consecutive dense layers.
///
/// ```
/// use init_core::Activation;
/// use init_data::{Matrix, Network};
/// use init_kernels::Stream;
///
/// let init = "xavier_uniform".parse()?;
/// let network = Network::drawn(&[3, 5, 2], Activation::Tanh, 0.0, &init, Stream::new(42))?;
/// let x = Matrix::new(1, 3, vec![0.5, -1.0, 2.0])?;
/// let pass = network.forward(&x);
/// assert_eq!(pass.output().columns(), 2);
///
/// // The gradient of the first output with respect to all weights and the input.
/// let gradients = network.backward(&pass, Matrix::new(1, 2, vec![1.0, 0.0])?);
/// assert_eq!(gradients.layers[0].0.columns(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Network {
    /// The layers, from the input on; each takes as many inputs as the one before it has outputs.
    pub layers: Vec<Layer>,
}

/// The activations and sums of each layer for a batch.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    /// The input, then the output of each layer.
    pub activations: Vec<Matrix>,
    /// x·Wᵀ + b of each layer, before φ.
    pub sums: Vec<Matrix>,
}

impl Pass {
    /// Returns the output of the last layer, or the input if there is no layer.
    ///
    /// # Panics
    ///
    /// Panics if the pass is empty; those of [`Network::forward`] are not.
    #[must_use]
    pub fn output(&self) -> &Matrix {
        self.activations.last().expect("a pass has its input")
    }
}

/// The gradients of a loss.
#[derive(Clone, Debug, Default)]
pub struct Gradients {
    /// With respect to each layer's weight and bias, summed over the batch.
    pub layers: Vec<(Matrix, Vec<f32>)>,
    /// With respect to each layer's input, one row per example; the first is the gradient of the
    /// batch itself.
    pub inputs: Vec<Matrix>,
}

impl Network {
    /// Creates a network of these sizes, with weights drawn from an initializer, biases of zero and
    /// the same activation after each layer. Layer `index`, from 0 on, draws from
    /// `stream.child("layers.INDEX.weight")`.
    ///
    /// # Errors
    ///
    /// Returns [`NetworkError`] if there are fewer than two sizes, or a layer cannot have the
    /// initializer.
    pub fn drawn(
        sizes: &[usize],
        activation: Activation,
        slope: f64,
        initializer: &Initializer,
        stream: Stream,
    ) -> Result<Self, NetworkError> {
        let drawn = DrawnLayers::new(sizes, activation, slope, initializer, stream)?;
        let layers = (1..sizes.len()).map(|layer| drawn.layer(layer - 1).map(Cow::into_owned));
        Ok(Self { layers: layers.collect::<Result<_, _>>()? })
    }

    /// Returns the sizes of the input, then of each layer.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        let first = self.layers.first().map(|layer| layer.weight.columns());
        first.into_iter().chain(self.layers.iter().map(|layer| layer.weight.rows())).collect()
    }

    /// Computes the outputs for a batch, one row per example, and keeps what
    /// [`backward`](Self::backward) needs.
    ///
    /// # Panics
    ///
    /// Panics unless the batch has as many columns as the first layer has inputs.
    #[must_use]
    pub fn forward(&self, batch: &Matrix) -> Pass {
        let mut pass = Pass { activations: vec![batch.clone()], sums: Vec::new() };
        for layer in &self.layers {
            let sums = layer.sums(pass.output());
            pass.activations.push(layer.activate(&sums));
            pass.sums.push(sums);
        }
        pass
    }

    /// Propagates the gradient of a loss with respect to the output back through a pass.
    ///
    /// # Panics
    ///
    /// Panics if the pass is not of this network, or the gradient has another shape than the
    /// output.
    #[must_use]
    pub fn backward(&self, pass: &Pass, output: Matrix) -> Gradients {
        let mut gradients = Gradients::default();
        let mut flowing = output;
        for (index, layer) in self.layers.iter().enumerate().rev() {
            layer.scale_by_slope(&mut flowing, &pass.sums[index]);
            let weight = flowing.transposed_times(&pass.activations[index]);
            let bias = flowing.column_sums().into_iter().map(|sum| sum as f32).collect();
            flowing = flowing.times(&layer.weight);
            gradients.layers.push((weight, bias));
            gradients.inputs.push(flowing.clone());
        }
        gradients.layers.reverse();
        gradients.inputs.reverse();
        gradients
    }
}

impl LayerSource for Network {
    fn sizes(&self) -> Vec<usize> {
        self.sizes()
    }

    fn layer(&self, index: usize) -> Result<Cow<'_, Layer>, NetworkError> {
        Ok(Cow::Borrowed(&self.layers[index]))
    }

    /// Returns `None`: where the weights came from is not known.
    fn moments(&self, _: usize) -> Option<LayerMoments> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let init = "normal(0, 0.7)".parse().unwrap();
        let x = Matrix::new(3, 4, (0..12).map(|i| (i as f32 * 0.7).sin()).collect()).unwrap();
        for activation in [Activation::Tanh, Activation::Sigmoid, Activation::Gelu, Activation::Linear] {
            let mut network = Network::drawn(&[4, 6, 5, 2], activation, 0.0, &init, Stream::new(7)).unwrap();
            network.layers[1].bias = vec![0.1, -0.2, 0.3, 0.0, 0.5];
            // The loss: half the sum of all squared outputs.
            let loss = |network: &Network, x: &Matrix| {
                network.forward(x).output().values().iter().map(|&y| 0.5 * f64::from(y).powi(2)).sum::<f64>()
            };
            let pass = network.forward(&x);
            let gradients = network.backward(&pass, pass.output().clone());
            let close = |given: f32, difference: f64| {
                assert!(
                    (f64::from(given) - difference).abs() < 2e-3 * (1.0 + difference.abs()),
                    "{given} {difference}"
                );
            };
            let step = 1e-2;
            for layer in 0..3 {
                for index in [0, 3, 7] {
                    let moved = |by: f32| {
                        let mut network = network.clone();
                        network.layers[layer].weight.values_mut()[index] += by;
                        loss(&network, &x)
                    };
                    close(gradients.layers[layer].0.values()[index], (moved(step) - moved(-step)) / 2e-2);
                }
                let moved = |by: f32| {
                    let mut network = network.clone();
                    network.layers[layer].bias[1] += by;
                    loss(&network, &x)
                };
                close(gradients.layers[layer].1[1], (moved(step) - moved(-step)) / 2e-2);
            }
            let moved = |by: f32| {
                let mut x = x.clone();
                x.values_mut()[5] += by;
                loss(&network, &x)
            };
            close(gradients.inputs[0].values()[5], (moved(step) - moved(-step)) / 2e-2);
        }
    }

    #[test]
    fn invalid_sizes_are_refused() {
        let drawn = |sizes: &[usize], init: &str| {
            Network::drawn(sizes, Activation::Relu, 0.0, &init.parse().unwrap(), Stream::new(0)).unwrap_err()
        };
        assert_eq!(drawn(&[3], "zeros"), NetworkError::Sizes { given: 1 });
        assert!(drawn(&[3, 2, 0], "xavier_uniform").to_string().contains("layer 2"));
        assert!(drawn(&[3, usize::MAX], "zeros").to_string().contains("layer 1"));
    }
}
