//! Fully connected layers.

use alloc::vec::Vec;

use super::parameter::{
    Framework, GLOROT_UNIFORM, JAX_LECUN_NORMAL, LayerParameter, parameter, torch_weight, within_root,
};
use crate::{
    initializer::registry::Initializer,
    shape::{dims::ShapeError, layout::Layout},
};

/// Returns the parameters of a fully connected layer with its bias: PyTorch's `Linear`, Keras's
/// `Dense`, Flax's `Linear`.
///
/// | | weight | bias |
/// |---|---|---|
/// | PyTorch | `(out, in)`, ±1/√in | ±1/√in |
/// | Keras | `(in, out)`, `glorot_uniform` | 0 |
/// | Flax | `(in, out)`, `lecun_normal(truncated)` | 0 |
///
/// # Errors
///
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn linear(framework: Framework, inputs: usize, outputs: usize) -> Result<Vec<LayerParameter>, ShapeError> {
    Ok(match framework {
        Framework::Torch => [
            parameter("weight", [outputs, inputs], Layout::Torch, torch_weight())?,
            parameter("bias", [outputs], Layout::Torch, within_root(inputs))?,
        ],
        Framework::Keras => [
            parameter("kernel", [inputs, outputs], Layout::Keras, GLOROT_UNIFORM)?,
            parameter("bias", [outputs], Layout::Keras, Initializer::Zeros)?,
        ],
        Framework::Flax => [
            parameter("kernel", [inputs, outputs], Layout::Jax, JAX_LECUN_NORMAL)?,
            parameter("bias", [outputs], Layout::Jax, Initializer::Zeros)?,
        ],
    }
    .into())
}
