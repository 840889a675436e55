//! What a layer of PyTorch, Keras or Flax gets when it is made and nothing is said.
//!
//! Each function gives the layer's parameters with their names, shapes, layouts and initializers.
//!
//! ```
//! use init_core::layer::{self, Framework};
//!
//! let [weight, bias] = &layer::linear(Framework::Torch, 784, 256)?[..] else { unreachable!() };
//! assert_eq!(weight.name, "weight");
//! // ±1/√784, which PyTorch writes as kaiming_uniform with a = √5.
//! let (_, bound) = weight.initializer.distribution(&weight.shape, &weight.layout).unwrap().support();
//! assert!((bound - 1.0 / 28.0).abs() < 1e-17);
//!
//! let keras = layer::linear(Framework::Keras, 784, 256)?;
//! assert_eq!(keras[0].initializer.to_string(), "xavier_uniform");
//! assert_eq!(keras[0].shape.to_string(), "[784, 256]");
//! # Ok::<(), init_core::ShapeError>(())
//! ```

mod attention;
mod conv;
mod embedding;
mod linear;
mod norm;
mod recurrent;

use alloc::vec::Vec;

pub use attention::multihead_attention;
pub use conv::{ConvSizes, conv};
pub use embedding::embedding;
pub use linear::linear;
pub use norm::norm;
pub use recurrent::{GateOpening, gru, lstm};

use crate::family::Truncation;
use crate::initializer::Initializer;
use crate::layout::Layout;
use crate::shape::{Shape, ShapeError};
use crate::word::words;

words! {
    /// Whose defaults: those of torch.nn 2.15, Keras 3.15 or flax.nnx 0.12.
    Framework, "framework", 3, {
        /// PyTorch's `torch.nn`.
        #[default]
        Torch = "torch",
        /// Keras 3.
        Keras = "keras",
        /// Flax's `nnx`.
        Flax = "flax",
    }
}

/// A parameter of a layer and what it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerParameter {
    /// Its name in the layer, as the framework has it.
    pub name: &'static str,
    /// Its shape.
    pub shape: Shape,
    /// How the framework counts its fans.
    pub layout: Layout,
    /// What it gets.
    pub initializer: Initializer,
}

/// What a layer's constructor gives.
pub type Layer = Result<Vec<LayerParameter>, ShapeError>;

fn parameter(
    name: &'static str,
    dims: impl Into<Vec<usize>>,
    layout: Layout,
    initializer: Initializer,
) -> Result<LayerParameter, ShapeError> {
    Ok(LayerParameter { name, shape: Shape::new(dims)?, layout, initializer })
}

/// ±1 / √n, which PyTorch gives to most biases; 0 where n is.
fn within_root(n: usize) -> Initializer {
    let bound = if n == 0 { 0.0 } else { 1.0 / libm::sqrt(n as f64) };
    Initializer::Uniform { low: -bound, high: bound }
}

/// What PyTorch gives to the weights of linear and convolutional layers: `kaiming_uniform(a=√5)`, that is,
/// ±1 / √fan_in.
fn torch_weight() -> Initializer {
    use crate::{Mode, Nonlinearity};
    Initializer::KaimingUniform { a: libm::sqrt(5.0), mode: Mode::FanIn, nonlinearity: Nonlinearity::LeakyRelu }
}

const GLOROT_UNIFORM: Initializer = Initializer::XavierUniform { gain: crate::Gain::Value(1.0) };

const JAX_LECUN_NORMAL: Initializer = Initializer::LecunNormal { truncation: Truncation::Corrected };

const ORTHOGONAL: Initializer = Initializer::Orthogonal { gain: crate::Gain::Value(1.0), column_axis: None };
