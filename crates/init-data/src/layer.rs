//! One dense layer: its sums, its activations, and the slope on the way back.

use init_core::Activation;
use rayon::prelude::*;

use crate::matrix::Matrix;

/// A dense layer: φ(x·Wᵀ + b).
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// W, of shape (outputs, inputs).
    pub weight: Matrix,
    /// b, one per output.
    pub bias: Vec<f32>,
    /// φ.
    pub activation: Activation,
    /// The negative slope of `leaky_relu`, which the other activations ignore.
    pub slope: f64,
}

impl Layer {
    /// Returns x·Wᵀ + b of a batch.
    ///
    /// # Panics
    ///
    /// Panics unless the batch has as many columns as the layer has inputs.
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

    /// Applies φ to each sum.
    #[must_use]
    pub fn activate(&self, sums: &Matrix) -> Matrix {
        let mut activations = sums.clone();
        each(activations.values_mut(), |value| self.activation.value(value, self.slope));
        activations
    }

    /// Multiplies gradients by φ′ at the sums.
    pub(crate) fn scale_by_slope(&self, gradients: &mut Matrix, sums: &Matrix) {
        let at = |&sum: &f32| self.activation.derivative(f64::from(sum), self.slope) as f32;
        let pairs = gradients.values_mut().par_chunks_mut(CHUNK).zip(sums.values().par_chunks(CHUNK));
        pairs.for_each(|(gradients, sums)| {
            for (gradient, sum) in gradients.iter_mut().zip(sums) {
                *gradient *= at(sum);
            }
        });
    }
}

/// Values per task: about ten microseconds of a transcendental function.
const CHUNK: usize = 1024;

fn each(values: &mut [f32], function: impl Fn(f64) -> f64 + Sync) {
    values.par_chunks_mut(CHUNK).for_each(|chunk| {
        for value in chunk {
            *value = function(f64::from(*value)) as f32;
        }
    });
}
