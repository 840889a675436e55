//! Dense layers, forward and backward.

use std::borrow::Cow;

use init_core::{Activation, Initializer, ResolveError};
use init_kernels::{FillError, Stream};
use rayon::prelude::*;

use crate::{Drawn, Matrix, Stack};

/// A dense layer: φ(x·Wᵀ + b).
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// W, of shape (outputs, inputs).
    pub weight: Matrix,
    /// b, one an output.
    pub bias: Vec<f32>,
    /// φ.
    pub activation: Activation,
    /// The negative slope of `leaky_relu`, which the others ignore.
    pub slope: f64,
}

/// Dense layers, one after the other.
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
/// // The gradient of the first output, with respect to all weights and the input.
/// let gradients = network.backward(&pass, Matrix::new(1, 2, vec![1.0, 0.0])?);
/// assert_eq!(gradients.layers[0].0.columns(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Network {
    /// The layers, from the input on; each takes as many inputs as the one before it has outputs.
    pub layers: Vec<Layer>,
}

/// What a batch becomes in each layer.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    /// The input, then what each layer gives.
    pub activations: Vec<Matrix>,
    /// x·Wᵀ + b of each layer, before φ.
    pub sums: Vec<Matrix>,
}

impl Pass {
    /// What the last layer gives; the input where there is no layer.
    ///
    /// # Panics
    ///
    /// If this is no pass that [`Network::forward`] made.
    #[must_use]
    pub fn output(&self) -> &Matrix {
        self.activations.last().expect("a pass has its input")
    }
}

/// Gradients of a loss.
#[derive(Clone, Debug, Default)]
pub struct Gradients {
    /// Of each layer's weight and bias, summed over the batch.
    pub layers: Vec<(Matrix, Vec<f32>)>,
    /// Of each layer's input, one row an example; the first is the gradient of the batch itself.
    pub inputs: Vec<Matrix>,
}

impl Network {
    /// Layers of these sizes with weights of an initializer, biases of zero and one activation after each. Layer l, from 1 on, draws from
    /// `stream.child("layers.L.weight")`, L = l − 1.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] if there are fewer than two sizes, or a layer cannot have the initializer.
    pub fn drawn(
        sizes: &[usize],
        activation: Activation,
        slope: f64,
        initializer: &Initializer,
        stream: Stream,
    ) -> Result<Self, NetworkError> {
        let drawn = Drawn::new(sizes, activation, slope, initializer, stream)?;
        let layers = (1..sizes.len()).map(|layer| drawn.layer(layer - 1).map(Cow::into_owned));
        Ok(Self { layers: layers.collect::<Result<_, _>>()? })
    }

    /// The sizes: of the input, then of each layer.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        let first = self.layers.first().map(|layer| layer.weight.columns());
        first.into_iter().chain(self.layers.iter().map(|layer| layer.weight.rows())).collect()
    }

    /// Sends a batch through, one row an example, and keeps what [`backward`](Self::backward) needs.
    ///
    /// # Panics
    ///
    /// If the batch has not as many columns as the first layer has inputs.
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

    /// Sends the gradient of a loss with respect to the output back through the pass.
    ///
    /// # Panics
    ///
    /// If the pass is not this network's, or the gradient has another shape than the output.
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

impl Layer {
    /// x·Wᵀ + b of a batch.
    ///
    /// # Panics
    ///
    /// If the batch has not as many columns as the layer has inputs.
    #[must_use]
    pub fn sums(&self, batch: &Matrix) -> Matrix {
        let mut sums = batch.times_transposed(&self.weight);
        for row in sums.values_mut().chunks_exact_mut(self.bias.len().max(1)) {
            for (value, bias) in row.iter_mut().zip(&self.bias) {
                *value += bias;
            }
        }
        sums
    }

    /// φ of each sum.
    #[must_use]
    pub fn activate(&self, sums: &Matrix) -> Matrix {
        let mut activations = sums.clone();
        each(activations.values_mut(), |value| self.activation.value(value, self.slope));
        activations
    }

    /// Multiplies gradients by φ′ at the sums.
    fn scale_by_slope(&self, gradients: &mut Matrix, sums: &Matrix) {
        let at = |&sum: &f32| self.activation.derivative(f64::from(sum), self.slope) as f32;
        let pairs = gradients.values_mut().par_chunks_mut(CHUNK).zip(sums.values().par_chunks(CHUNK));
        pairs.for_each(|(gradients, sums)| {
            for (gradient, sum) in gradients.iter_mut().zip(sums) {
                *gradient *= at(sum);
            }
        });
    }
}

/// Values that one thread takes at a time: some ten microseconds of a transcendental function.
const CHUNK: usize = 1024;

fn each(values: &mut [f32], function: impl Fn(f64) -> f64 + Sync) {
    values.par_chunks_mut(CHUNK).for_each(|chunk| {
        for value in chunk {
            *value = function(f64::from(*value)) as f32;
        }
    });
}

/// Why a network cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// No layer.
    #[error("{given} sizes make no layer; give at least two, the input's and the output's")]
    Sizes {
        /// The number of sizes given.
        given: usize,
    },
    /// A layer of no units, or of too many weights.
    #[error("layer {layer} would have a weight of {outputs} × {inputs}; give sizes from 1 on that fit into memory")]
    Shape {
        /// The layer, from 1.
        layer: usize,
        /// Its inputs.
        inputs: usize,
        /// Its outputs.
        outputs: usize,
    },
    /// An initializer that the layer cannot have.
    #[error("layer {layer}: {source}")]
    Resolve {
        /// The layer, from 1.
        layer: usize,
        /// What is wrong.
        source: ResolveError,
    },
    /// The values cannot be made here.
    #[error(transparent)]
    Fill(#[from] FillError),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gradient that differences of the loss itself give.
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
    fn what_makes_no_network_is_refused() {
        let drawn = |sizes: &[usize], init: &str| {
            Network::drawn(sizes, Activation::Relu, 0.0, &init.parse().unwrap(), Stream::new(0)).unwrap_err()
        };
        assert_eq!(drawn(&[3], "zeros"), NetworkError::Sizes { given: 1 });
        assert!(drawn(&[3, 2, 0], "xavier_uniform").to_string().contains("layer 2"));
        assert!(drawn(&[3, usize::MAX], "zeros").to_string().contains("layer 1"));
    }
}
