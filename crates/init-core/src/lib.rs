//! The mathematics of weight initialisation; its README is the documentation of the crate.

#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod distribution;
mod dtype;
pub mod expression;
pub mod gain;
pub mod initializer;
pub mod layer;
mod resolved;
pub mod scheme;
pub mod shape;
pub mod stft;
mod structured;
pub mod text;
mod word;

pub use distribution::{
    family::Truncation,
    independent::{Distribution, DistributionError},
};
pub use dtype::DType;
pub use gain::{
    activation::Activation,
    nonlinearity::{Gain, Nonlinearity},
};
pub use initializer::{
    registry::Initializer,
    resolve::ResolveError,
    spec::{Parameter, Spec},
};
pub use resolved::Resolved;
pub use shape::{
    axes::Axes,
    conv::Conv,
    dims::{Shape, ShapeError},
    fan::{Fans, Mode},
    layout::Layout,
};
pub use structured::{Structured, StructuredError};
pub use text::error::ParseError;
pub use word::UnknownWord;
