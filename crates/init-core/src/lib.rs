//! The mathematics of weight initialisation: shape → fan → gain → initializer → distribution.
//!
//! A person asks for an [`Initializer`] (`xavier_uniform(gain=relu)`); a kernel samples a
//! [`Distribution`] (`uniform(low=-0.1, high=0.1)`). [`Initializer::resolve`] turns the first into
//! the second, given a [`Shape`] and a [`Layout`]. Nothing here draws a random number, allocates
//! more than a few words, or panics on input; the crate needs no standard library.
//!
//! ```
//! use init_core::{Distribution, Initializer, Layout, Shape};
//!
//! let init: Initializer = "xavier_uniform".parse()?;
//! let shape = Shape::new([256, 784])?; // a Linear layer, 784 → 256, in PyTorch's layout
//! let Distribution::Uniform { low, high } = init.resolve(&shape, &Layout::Torch)? else {
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
//! | [`layout`] | [`Layout`], [`Axes`]: which axis means what |
//! | [`fan`] | [`Fans`], [`Mode`]: fan_in, fan_out and the choice between them |
//! | [`gain`] | [`Gain`], [`Nonlinearity`]: what the activation asks for |
//! | [`initializer`] | [`Initializer`]: what a person asks for |
//! | [`spec`] | [`Spec`]: the table of names, aliases, parameters and defaults |
//! | [`text`] | [`ParseError`]: the text form |
//! | [`distribution`] | [`Distribution`]: what a kernel samples |
//! | [`normal_law`] | `pdf`, `cdf`, `sf` and `exp`, the same bits everywhere |
//! | [`word`] | [`UnknownWord`]: the error for a word that is in no table |
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod distribution;
pub mod dtype;
pub mod fan;
pub mod gain;
pub mod initializer;
pub mod layout;
pub mod normal_law;
mod parse;
mod resolve;
pub mod shape;
pub mod spec;
mod table;
pub mod text;
mod truncated;
pub mod word;

pub use distribution::{Distribution, DistributionError};
pub use dtype::DType;
pub use fan::{FanError, Fans, Mode};
pub use gain::{Gain, Nonlinearity};
pub use initializer::{Family, Initializer, ParameterError};
pub use layout::{Axes, Layout};
pub use resolve::ResolveError;
pub use shape::{Shape, ShapeError};
pub use spec::{DefaultValue, Kind, Parameter, Spec, Value};
pub use text::{ParseError, ParseErrorKind};
pub use word::UnknownWord;
