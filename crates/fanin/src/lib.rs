//! Initial weights of neural networks, with the same bits on every machine.
//!
#![cfg_attr(
    any(not(doctest), all(feature = "data", feature = "mmap", feature = "model", feature = "rand")),
    doc = include_str!("../README.md")
)]
//!
//! # Items
//!
//! * [`init`], [`init_with`], [`init_shard`]: a tensor from a shape and an initializer, in one call.
//! * [`Initializer`], [`Shape`], [`Layout`]: what you ask for; [`Initializer::resolve`] turns them into a
//!   [`Distribution`] or a [`Structured`] fill.
//! * [`fill`], [`fill_at`], [`fill_shard`], [`Filler`]: fill a buffer with either.
//! * [`Stream`]: where values come from.
//! * [`scheme`], [`layer`]: schemes by depth, width or activation; the defaults of framework layers.
//! * `Buffer`, `StreamRng`, `model`, `data`: memory for large tensors, generators for `rand`, whole models, and
//!   initialisation from data. Each needs its [feature](#features).
//! * [`init_core`], [`init_kernels`]: the crates below this one, for everything that is not named here.

#![forbid(unsafe_code)]

mod error;
mod init;
mod into_initializer;
mod options;

#[doc(inline)]
#[cfg(feature = "data")]
pub use init_data as data;
#[doc(inline)]
#[cfg(feature = "model")]
pub use init_model as model;

pub use half::{bf16, f16};
pub use init_core::{
    self, Activation, Axes, Conv, DType, Distribution, DistributionError, Fans, Gain, Initializer, Layout, Mode,
    Nonlinearity, ParseError, ResolveError, Resolved, Shape, ShapeError, Structured, StructuredError, Truncation,
    UnknownWord, layer, scheme,
};
pub use init_kernels::{
    self, Cancelled, Element, FillError, Fillable, Filler, Level, LevelError, Progress, Shard, ShardError, Stream,
    VALUE_FORMAT, check, check_dtype, fill, fill_at, fill_shard,
};
#[cfg(feature = "mmap")]
pub use init_kernels::{Buffer, BufferError};
#[cfg(feature = "rand")]
pub use init_kernels::{StreamRng, rand_core};

pub use crate::{
    error::InitError,
    init::{init, init_shard, init_with},
    into_initializer::IntoInitializer,
    options::Options,
};
