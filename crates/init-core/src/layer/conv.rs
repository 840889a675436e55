//! Convolutional layers.

use alloc::vec::Vec;

use super::parameter::{
    Framework, GLOROT_UNIFORM, JAX_LECUN_NORMAL, LayerParameter, parameter, torch_weight, within_root,
};
use crate::{
    initializer::registry::Initializer,
    shape::{dims::ShapeError, layout::Layout},
};

/// The sizes of a convolution.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConvSizes {
    /// The number of input channels of all groups together.
    pub inputs: usize,
    /// The number of output channels of all groups together.
    pub outputs: usize,
    /// The sizes of the kernel.
    pub kernel: Vec<usize>,
    /// The number of groups, at least 1.
    pub groups: usize,
}

/// Returns the parameters of a convolution with its bias: PyTorch's `Conv1d` to `Conv3d`, Keras's
/// and Flax's `Conv`.
///
/// | | weight | bias |
/// |---|---|---|
/// | PyTorch | `(out, in/groups, *kernel)`, ±1/√fan_in | ±1/√fan_in |
/// | Keras | `(*kernel, in/groups, out)`, `glorot_uniform` | 0 |
/// | Flax | `(*kernel, in/groups, out)`, `lecun_normal(truncated)` | 0 |
///
/// The fans are those that the framework computes; see [`Conv`](crate::Conv) for the true ones.
/// `groups` of 0 means 1, and in / groups is rounded down.
///
/// ```
/// use init_core::layer::{self, ConvSizes, Framework};
///
/// let sizes = ConvSizes { inputs: 3, outputs: 64, kernel: vec![7, 7], groups: 1 };
/// let torch = layer::conv(Framework::Torch, &sizes).unwrap();
/// assert_eq!(torch[0].shape.to_string(), "[64, 3, 7, 7]");
/// let flax = layer::conv(Framework::Flax, &sizes).unwrap();
/// assert_eq!(flax[0].initializer.to_string(), "lecun_normal(truncation=corrected)");
/// ```
///
/// # Errors
///
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn conv(framework: Framework, sizes: &ConvSizes) -> Result<Vec<LayerParameter>, ShapeError> {
    let ConvSizes { inputs, outputs, kernel, groups } = sizes;
    let (per_group, outputs) = (inputs / (*groups).max(1), *outputs);
    let last = || kernel.iter().copied().chain([per_group, outputs]).collect::<Vec<_>>();
    Ok(match framework {
        Framework::Torch => {
            let dims: Vec<_> = [outputs, per_group].into_iter().chain(kernel.iter().copied()).collect();
            let weight = parameter("weight", dims, Layout::Torch, torch_weight())?;
            // The shape has been checked: the product does not overflow.
            let fan_in = per_group * kernel.iter().product::<usize>();
            [weight, parameter("bias", [outputs], Layout::Torch, within_root(fan_in))?]
        }
        Framework::Keras => [
            parameter("kernel", last(), Layout::Keras, GLOROT_UNIFORM)?,
            parameter("bias", [outputs], Layout::Keras, Initializer::Zeros)?,
        ],
        Framework::Flax => [
            parameter("kernel", last(), Layout::Jax, JAX_LECUN_NORMAL)?,
            parameter("bias", [outputs], Layout::Jax, Initializer::Zeros)?,
        ],
    }
    .into())
}
