//! Layer-sequential unit-variance initialisation.

use init_core::{Activation, Gain, Initializer};
use init_kernels::Stream;

use crate::{
    batch::{BatchError, check, spread},
    layer_source::NetworkError,
    matrix::Matrix,
    network::Network,
};

/// Layer-sequential unit-variance initialisation: orthonormal weights, then, layer by layer from
/// the first, W ← W / √Var(x·Wᵀ + b) until the variance of the layer's output for a batch is 1.
///
/// D. Mishkin and J. Matas 2016, *All you need is a good init* (arXiv:1511.06422), algorithm 1. The
/// output is taken before φ, and its variance over all units and examples. Without biases one
/// division is enough; with biases, which are not divided, it takes several.
///
/// ```
/// use init_core::Activation;
/// use init_data::{Lsuv, Matrix};
/// use init_kernels::Stream;
///
/// let batch = Matrix::new(100, 8, (0..800).map(|i| (i as f32 * 0.7).sin() * 40.0).collect())?;
/// let sizes = [8, 32, 32, 3];
/// let (network, scaled) = Lsuv::default().drawn(&sizes, Activation::Relu, 0.0, &batch, Stream::new(42))?;
/// assert_eq!(network.sizes(), sizes);
/// assert!(scaled.iter().all(|layer| (layer.variance - 1.0).abs() < 0.1 && layer.iterations == 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lsuv {
    /// The maximum distance of the variance from 1: finite, above 0.
    pub tolerance: f64,
    /// The maximum number of divisions per layer; one whose biases alone vary by more never reaches
    /// 1.
    pub iterations: usize,
}

impl Default for Lsuv {
    /// A tolerance of 0.1, and at most 10 divisions.
    fn default() -> Self {
        Self { tolerance: 0.1, iterations: 10 }
    }
}

/// The result of scaling one layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    /// The number of times its weight was divided.
    pub iterations: usize,
    /// The variance after the last division. It is outside the tolerance only if all iterations
    /// were used up.
    pub variance: f64,
}

impl Lsuv {
    /// Draws a network of these sizes with orthonormal weights, as [`Network::drawn`] does, and
    /// scales it.
    ///
    /// # Errors
    ///
    /// Returns [`LsuvError`] if the sizes are invalid, and as [`scale`](Self::scale) does.
    pub fn drawn(
        &self,
        sizes: &[usize],
        activation: Activation,
        slope: f64,
        batch: &Matrix,
        stream: Stream,
    ) -> Result<(Network, Vec<Scaled>), LsuvError> {
        let orthonormal = Initializer::Orthogonal { gain: Gain::Value(1.0), column_axis: None };
        let mut network = Network::drawn(sizes, activation, slope, &orthonormal, stream)?;
        let scaled = self.scale(&mut network, batch)?;
        Ok((network, scaled))
    }

    /// Scales the weights of any network. After an error it is unchanged.
    ///
    /// # Errors
    ///
    /// Returns [`LsuvError`] for an invalid tolerance, a batch that does not fit, and a layer whose
    /// output is constant or not finite.
    pub fn scale(&self, network: &mut Network, batch: &Matrix) -> Result<Vec<Scaled>, LsuvError> {
        if !(self.tolerance > 0.0 && self.tolerance.is_finite()) {
            return Err(LsuvError::Tolerance { given: self.tolerance });
        }
        check(network, batch)?;
        let mut layers = network.layers.clone();
        let mut input = batch.clone();
        let mut scaled = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter_mut().enumerate() {
            let mut iterations = 0;
            let mut variance = spread(layer, &input, index)?.1;
            while (variance - 1.0).abs() >= self.tolerance && iterations < self.iterations {
                let std = variance.sqrt();
                for weight in layer.weight.values_mut() {
                    *weight = (f64::from(*weight) / std) as f32;
                }
                iterations += 1;
                variance = spread(layer, &input, index)?.1;
            }
            scaled.push(Scaled { iterations, variance });
            input = layer.activate(&layer.sums(&input));
        }
        network.layers = layers;
        Ok(scaled)
    }
}

/// An error of layer-sequential unit-variance initialisation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LsuvError {
    /// An invalid tolerance.
    #[error("the tolerance must be a finite number above 0, such as 0.1, got {given}")]
    Tolerance {
        /// The value given.
        given: f64,
    },
    /// Invalid sizes of the network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// An invalid batch, or a layer's output for it.
    #[error(transparent)]
    Batch(#[from] BatchError),
}
