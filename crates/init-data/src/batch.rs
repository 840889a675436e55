//! What a batch must be to scale a network by.

use crate::{Layer, Matrix, Network};

/// Why a network cannot be scaled by a batch.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Too few examples to have a variance.
    #[error("a batch of {rows} examples has no variance; give at least two, better some hundred")]
    Few {
        /// The number of examples.
        rows: usize,
    },
    /// Another number of columns than the first layer has inputs.
    #[error("the examples have {columns} values, and the first layer takes {inputs}; give a network of as many inputs")]
    Columns {
        /// The values of an example.
        columns: usize,
        /// The inputs of the first layer.
        inputs: usize,
    },
    /// A layer that gives the same for all examples: no factor makes its variance 1.
    #[error(
        "layer {layer} gives one and the same value for the whole batch, and no factor can mend that; check that the data is not \
         constant, that no weight is all zeros, and that the activation before it does not give zero for every input (scale the \
         data, or choose another activation)"
    )]
    Constant {
        /// The layer, from 1.
        layer: usize,
    },
    /// A unit that gives the same for all examples.
    #[error(
        "unit {unit} of layer {layer} gives one and the same value for the whole batch, and no factor can mend that; give more \
         examples, or an initializer that leaves no row of zeros"
    )]
    ConstantUnit {
        /// The layer, from 1.
        layer: usize,
        /// The unit, from 1.
        unit: usize,
    },
    /// A layer whose output overflows.
    #[error("layer {layer} gives values that are not finite; scale the data, to mean 0 and variance 1 for instance")]
    NotFinite {
        /// The layer, from 1.
        layer: usize,
    },
}

/// Refuses a batch that cannot go into the network, or has too few examples.
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

/// Mean and variance, in f64 and in two passes.
pub(crate) fn moments(values: impl ExactSizeIterator<Item = f32> + Clone) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.clone().map(f64::from).sum::<f64>() / count;
    (mean, values.map(|value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count)
}

/// Whether values of this mean and variance are the same up to their rounding.
pub(crate) fn is_constant(mean: f64, variance: f64) -> bool {
    variance.sqrt() <= 1e-6 * mean.abs()
}

/// Mean and variance of all that a layer gives before φ.
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
