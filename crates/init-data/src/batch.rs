//! The requirements on a batch that a network is scaled by.

use crate::{layer::Layer, matrix::Matrix, network::Network};

/// An error in a batch that a network is to be scaled by, or in a layer's output for it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Too few examples to have a variance.
    #[error("a batch needs at least two examples to have a variance, better several hundred, got {rows}")]
    Few {
        /// The number of examples.
        rows: usize,
    },
    /// A number of columns that differs from the inputs of the first layer.
    #[error("the examples have {columns} values, but the first layer takes {inputs}; they must be equal")]
    Columns {
        /// The values of an example.
        columns: usize,
        /// The inputs of the first layer.
        inputs: usize,
    },
    /// A layer whose output is the same for all examples: no factor makes its variance 1.
    #[error(
        "the output of layer {layer} is the same for the whole batch, so it cannot be scaled; check that the data \
         are not constant, that no weight is all zeros, and that the activation before it is not zero for every \
         input (scale the data, or choose another activation)"
    )]
    Constant {
        /// The layer, from 1.
        layer: usize,
    },
    /// A unit whose output is the same for all examples.
    #[error(
        "the output of unit {unit} of layer {layer} is the same for the whole batch, so it cannot be scaled; give more \
         examples, or an initializer without rows of zeros"
    )]
    ConstantUnit {
        /// The layer, from 1.
        layer: usize,
        /// The unit, from 1.
        unit: usize,
    },
    /// A layer whose output overflows.
    #[error("the output of layer {layer} is not finite; scale the data, for instance to mean 0 and variance 1")]
    NotFinite {
        /// The layer, from 1.
        layer: usize,
    },
}

/// Checks that a batch fits the network and has enough examples.
pub(crate) fn check(network: &Network, batch: &Matrix) -> Result<(), BatchError> {
    let inputs = network.layers.first().map_or(batch.columns(), |layer| layer.weight.columns());
    if batch.columns() != inputs {
        return Err(BatchError::Columns { columns: batch.columns(), inputs });
    }
    if batch.rows() < 2 {
        return Err(BatchError::Few { rows: batch.rows() });
    }
    Ok(())
}

/// Returns mean and variance, in f64 and in two passes.
pub(crate) fn moments(values: impl ExactSizeIterator<Item = f32> + Clone) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.clone().map(f64::from).sum::<f64>() / count;
    (mean, values.map(|value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count)
}

/// Whether values of this mean and variance are equal to within rounding.
pub(crate) fn is_constant(mean: f64, variance: f64) -> bool {
    variance.sqrt() <= 1e-6 * mean.abs()
}

/// Returns mean and variance of all sums of a layer, before φ.
pub(crate) fn spread(layer: &Layer, input: &Matrix, index: usize) -> Result<(f64, f64), BatchError> {
    let sums = layer.sums(input);
    let (mean, variance) = moments(sums.values().iter().copied());
    if !variance.is_finite() {
        return Err(BatchError::NotFinite { layer: index + 1 });
    }
    if is_constant(mean, variance) {
        return Err(BatchError::Constant { layer: index + 1 });
    }
    Ok((mean, variance))
}
