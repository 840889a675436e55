//! The parameters of a layer, and initializers that several layers share.

use alloc::vec::Vec;

use crate::{
    distribution::family::Truncation,
    gain::nonlinearity::{Gain, Nonlinearity},
    initializer::registry::Initializer,
    shape::{
        dims::{Shape, ShapeError},
        fan::Mode,
        layout::Layout,
    },
    word::words,
};

words! {
    /// The framework whose defaults apply: torch.nn 2.15, Keras 3.15 or flax.nnx 0.12.
    #[derive(Default)]
    Framework, "framework", {
        /// PyTorch's `torch.nn`.
        #[default]
        Torch = "torch",
        /// Keras 3.
        Keras = "keras",
        /// Flax's `nnx`.
        Flax = "flax",
    }
}

/// A parameter of a layer and its initializer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerParameter {
    /// The name in the layer, as in the framework.
    pub name: &'static str,
    /// The shape.
    pub shape: Shape,
    /// The layout by which the framework computes its fans.
    pub layout: Layout,
    /// The initializer.
    pub initializer: Initializer,
}

pub(super) fn parameter(
    name: &'static str,
    dims: impl Into<Vec<usize>>,
    layout: Layout,
    initializer: Initializer,
) -> Result<LayerParameter, ShapeError> {
    Ok(LayerParameter { name, shape: Shape::new(dims)?, layout, initializer })
}

/// Returns the uniform initializer on ±1 / √n, PyTorch's default of most biases; the bound is 0 for
/// n = 0.
pub(super) fn within_root(n: usize) -> Initializer {
    let bound = if n == 0 { 0.0 } else { 1.0 / libm::sqrt(n as f64) };
    Initializer::Uniform { low: -bound, high: bound }
}

/// Returns PyTorch's default for the weights of linear and convolutional layers:
/// `kaiming_uniform(a=√5)`, that is, uniform on ±1 / √fan_in.
pub(super) fn torch_weight() -> Initializer {
    Initializer::KaimingUniform { a: libm::sqrt(5.0), mode: Mode::FanIn, nonlinearity: Nonlinearity::LeakyRelu }
}

pub(super) const GLOROT_UNIFORM: Initializer = Initializer::XavierUniform { gain: Gain::Value(1.0) };

pub(super) const JAX_LECUN_NORMAL: Initializer = Initializer::LecunNormal { truncation: Truncation::Corrected };

pub(super) const ORTHOGONAL: Initializer = Initializer::Orthogonal { gain: Gain::Value(1.0), column_axis: None };
