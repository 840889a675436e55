//! Normalisation layers.

use alloc::vec::Vec;

use super::parameter::{Framework, LayerParameter, parameter};
use crate::{
    initializer::registry::Initializer,
    shape::{dims::ShapeError, layout::Layout},
};

/// Returns the parameters of a normalisation (batch, layer, group, instance): a scale of 1 and a
/// shift of 0.
///
/// ```
/// use init_core::layer::{self, Framework};
///
/// let names: Vec<_> = layer::norm(Framework::Keras, 64).unwrap().iter().map(|p| p.name).collect();
/// assert_eq!(names, ["gamma", "beta"]);
/// ```
///
/// # Errors
///
/// [`ShapeError`](crate::ShapeError) for a size that is too large.
pub fn norm(framework: Framework, size: usize) -> Result<Vec<LayerParameter>, ShapeError> {
    let (scale, shift, layout) = match framework {
        Framework::Torch => ("weight", "bias", Layout::Torch),
        Framework::Keras => ("gamma", "beta", Layout::Keras),
        Framework::Flax => ("scale", "bias", Layout::Jax),
    };
    Ok([
        parameter(scale, [size], layout.clone(), Initializer::Ones)?,
        parameter(shift, [size], layout, Initializer::Zeros)?,
    ]
    .into())
}
