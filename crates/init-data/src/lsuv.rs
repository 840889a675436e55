//! Layer-sequential unit-variance initialisation.

use init_core::{Activation, Gain, Initializer};
use init_kernels::Stream;

use crate::{
    BatchError, Matrix, Network, NetworkError,
    batch::{check, spread},
};

/// Layer-sequential unit variance: orthonormal weights, then layer by layer, from the first on, W ← W / √Var(x·Wᵀ + b)
/// until the variance of what the layer gives for a batch is 1.
///
/// D. Mishkin and J. Matas 2016, *All you need is a good init* (arXiv:1511.06422), algorithm 1. What a layer gives is
/// its sum before φ, and its variance is that of all units and examples together. Without biases one division is
/// enough; with biases, which are not divided, it takes several.
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
    /// How near to 1 the variance must come: finite, above 0.
    pub tolerance: f64,
    /// The most divisions of one layer, so that one whose biases alone vary by more does not take for ever.
    pub iterations: usize,
}

impl Default for Lsuv {
    /// A tolerance of 0.1, and at most 10 divisions.
    fn default() -> Self {
        Self { tolerance: 0.1, iterations: 10 }
    }
}

/// What became of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    /// How often its weight was divided.
    pub iterations: usize,
    /// The variance that it has now. It is not within the tolerance only if all iterations were used up.
    pub variance: f64,
}

impl Lsuv {
    /// A network of these sizes, drawn orthonormal as [`Network::drawn`] does it, and scaled.
    ///
    /// # Errors
    ///
    /// [`LsuvError`], if there can be no such network, or for what [`scale`](Self::scale) refuses.
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

    /// Scales the weights of a network that begins with others. After an error it is as before.
    ///
    /// # Errors
    ///
    /// [`LsuvError`] for a tolerance that is none, a batch that does not fit, and a layer whose output is constant or
    /// not finite.
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

/// Why there is no such initialisation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LsuvError {
    /// A tolerance that no variance keeps, or every one.
    #[error("a tolerance of {given} is none; give a finite number above 0, such as 0.1")]
    Tolerance {
        /// What was given.
        given: f64,
    },
    /// The network itself.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The batch, or what a layer makes of it.
    #[error(transparent)]
    Batch(#[from] BatchError),
}
