//! Large buffers filled with the initial weights of neural networks: in parallel, at SIMD speed, with the same bits on
//! every machine.
//!
//! A value is a pure function of the [`Stream`], the [`Distribution`](init_core::Distribution) and the element's index in
//! the whole tensor. It depends on neither the number of threads, nor the instruction set, the alignment, the chunk or the shard that
//! asks; bf16 and f16 are the rounded f32. How each value is made is fixed by the value format, [`VALUE_FORMAT`], whose
//! definition is `docs/value-format.md` in the repository.
//!
//! ```
//! use init_core::Distribution;
//! use init_kernels::{Stream, fill, fill_at};
//!
//! let stream = Stream::new(42).child("encoder.weight");
//! let normal = Distribution::Normal { mean: 0.0, std: 0.02 };
//!
//! let mut whole = vec![0f32; 100_000];
//! fill(&mut whole, &normal, stream)?;
//!
//! // A part, made alone, is the same part.
//! let mut part = vec![0f32; 1000];
//! fill_at(&mut part, 98_765, &normal, stream)?;
//! assert_eq!(part, whole[98_765..99_765]);
//! # Ok::<(), init_kernels::FillError>(())
//! ```
//!
//! * [`Stream`]: where values come from; [`StreamRng`]: its raw bits, for `rand`.
//! * [`fill`], [`fill_at`], [`fill_shard`], and [`Filler`] for options.
//! * [`Level`]: the instruction sets, and how to force one.

mod element;
mod error;
mod fill;
mod float_env;
mod lanes;
mod law;
mod level;
mod math;
mod run;
mod sampler;
mod shard;
mod simd;
mod stream;
mod stream_rng;
mod uniforms;

pub use element::Element;
pub use error::FillError;
pub use fill::{Filler, fill, fill_at, fill_shard};
pub use law::{check, check_dtype};
pub use level::{Level, LevelError};
pub use shard::{Shard, ShardError};
pub use stream::Stream;
pub use stream_rng::StreamRng;

/// The version of the value format: values of the same version are the same, bit for bit, in every release.
pub const VALUE_FORMAT: u32 = 1;
