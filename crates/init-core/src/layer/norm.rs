use super::{Framework, Layer, parameter};
use crate::initializer::Initializer;
use crate::layout::Layout;

/// The scale and the shift of a normalisation (batch, layer, group, instance): 1 and 0 everywhere.
///
/// ```
/// use init_core::layer::{self, Framework};
///
/// let names: Vec<_> = layer::norm(Framework::Keras, 64).unwrap().iter().map(|p| p.name).collect();
/// assert_eq!(names, ["gamma", "beta"]);
/// ```
///
/// # Errors
/// [`ShapeError`](crate::ShapeError) for a size that is too large.
pub fn norm(framework: Framework, size: usize) -> Layer {
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
