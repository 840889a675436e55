//! Layers: how PyTorch, Keras and Flax initialise the parameters of a layer by default.
//!
//! Each function returns the layer's parameters with their names, shapes, layouts and initializers;
//! [`Layer`] is the choice between them by name. The initializers of a convolution with groups and
//! of opened gates are library only: no command or recipe uses them.
//!
//! ```
//! use init_core::layer::{self, Framework};
//!
//! let [weight, bias] = &layer::linear(Framework::Torch, 784, 256)?[..] else { unreachable!() };
//! assert_eq!(weight.name, "weight");
//! // ±1/√784, which PyTorch computes as kaiming_uniform with a = √5.
//! let distribution = weight.initializer.distribution(&weight.shape, &weight.layout).unwrap();
//! assert!((distribution.support().1 - 1.0 / 28.0).abs() < 1e-17);
//!
//! let keras = layer::linear(Framework::Keras, 784, 256)?;
//! assert_eq!(keras[0].initializer.to_string(), "xavier_uniform");
//! assert_eq!(keras[0].shape.to_string(), "[784, 256]");
//! # Ok::<(), init_core::ShapeError>(())
//! ```

mod attention;
mod conv;
mod embedding;
mod kind;
mod linear;
mod norm;
mod parameter;
mod recurrent;

pub use attention::multihead_attention;
pub use conv::{ConvSizes, conv};
pub use embedding::embedding;
pub use kind::{Layer, LayerError};
pub use linear::linear;
pub use norm::norm;
pub use parameter::{Framework, LayerParameter};
pub use recurrent::{GateOpening, gru, lstm};
