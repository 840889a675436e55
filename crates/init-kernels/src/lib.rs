//! SIMD kernels that fill buffers with initial weights; the README is the documentation of the crate.

#![doc = include_str!("../README.md")]

#[cfg(feature = "mmap")]
mod buffer;
mod cache_line;
mod check;
mod dispatch;
mod element;
mod error;
mod fill;
mod fillable;
mod float_env;
mod geometry;
mod index_runs;
mod kernel;
mod lanes;
mod level;
mod math;
pub mod mimetic;
mod orthogonal;
mod parallel;
mod prepare;
mod prepared;
mod progress;
mod range;
mod ranges;
mod real;
mod run;
mod sampler;
mod scalar;
mod shard;
mod simd;
mod stream;
#[cfg(feature = "rand")]
mod stream_rng;
mod structured;
pub mod svd;
mod sync;
#[cfg(feature = "parallel")]
pub mod threads;
mod token;
mod uniforms;
mod words;

pub use half::{bf16, f16};
pub use init_core;
#[cfg(feature = "rand")]
pub use rand_core;

#[cfg(feature = "mmap")]
pub use buffer::{Buffer, BufferError};
pub use check::{check, check_dtype};
pub use element::Element;
pub use error::FillError;
pub use fill::{Filler, fill, fill_at, fill_shard};
pub use fillable::Fillable;
pub use float_env::FloatEnv;
pub use level::{Level, LevelError};
pub use prepared::Prepared;
pub use progress::{Cancelled, Progress};
pub use shard::{Shard, ShardError};
pub use stream::Stream;
#[cfg(feature = "rand")]
pub use stream_rng::StreamRng;

/// The version of the value format: values of the same version are the same, bit for bit, in every
/// release.
pub const VALUE_FORMAT: u32 = 1;
