//! The mathematics of weight initialisation: shape → fan → gain → initializer → distribution.
//!
//! A person asks for an [`Initializer`] (`xavier_uniform(gain=relu)`); a kernel samples a
//! [`Distribution`] (`uniform(low=-0.1, high=0.1)`) or fills in a [`Structured`] tensor (`orthogonal`).
//! [`Initializer::resolve`] turns the first into either, given a [`Shape`] and a [`Layout`]. Nothing
//! here draws a random number, allocates more than a few words, or panics on input; the crate needs
//! no standard library.
//!
//! ```
//! use init_core::{Distribution, Initializer, Layout, Shape};
//!
//! let init: Initializer = "xavier_uniform".parse()?;
//! let shape = Shape::new([256, 784])?; // a Linear layer, 784 → 256, in PyTorch's layout
//! let Distribution::Uniform { low, high } = init.distribution(&shape, &Layout::Torch)? else {
//!     unreachable!()
//! };
//! assert!((high - 0.0759555).abs() < 1e-7); // √(6 / (784 + 256))
//! assert_eq!(low, -high);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | noun |
//! |---|---|
//! | [`dtype`] | [`DType`]: the element types |
//! | [`shape`] | [`Shape`]: the sizes of a tensor |
//! | [`layout`], [`layout_text`] | [`Layout`]: which axis means what |
//! | [`axes`], [`conv`] | [`Axes`], [`Conv`]: the same one by one, and for convolutions |
//! | [`fan`] | [`Fans`], [`Mode`]: fan_in, fan_out and the choice between them |
//! | [`gain`] | [`Gain`], [`Nonlinearity`]: what the activation asks for |
//! | [`activation`] | [`Activation`]: activation functions, as functions |
//! | [`exact_gain`] | [`GainFamily`]: gains of any activation, by quadrature |
//! | [`quadrature`] | expectations under the standard normal law |
//! | [`initializer`] | [`Initializer`]: what a person asks for |
//! | [`spec`] | [`Spec`]: the table of names, aliases, parameters and defaults |
//! | [`text`] | [`ParseError`]: the text form |
//! | [`distribution`] | [`Distribution`]: what a kernel samples |
//! | [`family`] | [`Family`], [`Truncation`]: uniform, normal, or cut |
//! | [`structured`] | [`Structured`]: what a kernel fills otherwise |
//! | [`resolved`] | [`Resolved`]: either of them |
//! | [`matrix`], [`filters`], [`stft`] | [`Matrix`], [`Filters`], [`Stft`]: where a structure lies in its tensor |
//! | [`layer`] | what a layer of PyTorch, Keras or Flax gets |
//! | [`scheme`] | schemes for whole architectures: by depth, width or activation |
//! | [`normal_law`] | `pdf`, `cdf`, `sf` and `exp`, the same bits everywhere |
//! | [`word`] | [`UnknownWord`]: the error for a word that is in no table |
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod activation;
pub mod axes;
pub mod conv;
pub mod distribution;
pub mod dtype;
pub mod exact_gain;
pub mod family;
pub mod fan;
pub mod filters;
pub mod gain;
pub mod initializer;
pub mod layer;
pub mod layout;
pub mod layout_text;
pub mod matrix;
pub mod normal_law;
mod parameter_error;
mod parse;
mod placement;
pub mod quadrature;
mod resolve;
mod resolve_structured;
pub mod resolved;
pub mod scheme;
pub mod shape;
pub mod spec;
pub mod stft;
pub mod structured;
mod table;
mod table_structured;
pub mod text;
mod truncated;
mod values;
pub mod word;

pub use activation::Activation;
pub use axes::{Axes, EinsumError};
pub use conv::{Base, Conv};
pub use distribution::{Distribution, DistributionError};
pub use dtype::DType;
pub use exact_gain::GainFamily;
pub use family::{Family, Truncation};
pub use fan::{FanError, Fans, Mode};
pub use filters::{Centre, Filters, Order};
pub use gain::{Gain, Nonlinearity};
pub use initializer::Initializer;
pub use layout::Layout;
pub use layout_text::LayoutError;
pub use matrix::Matrix;
pub use parameter_error::ParameterError;
pub use placement::PlaceError;
pub use resolve::ResolveError;
pub use resolved::Resolved;
pub use shape::{Shape, ShapeError};
pub use spec::{DefaultValue, Kind, Parameter, Spec, Value};
pub use stft::{Scaling, Side, Stft, Window};
pub use structured::{Structured, StructuredError};
pub use text::{ParseError, ParseErrorKind};
pub use word::UnknownWord;
