//! Large buffers filled with the initial weights of neural networks: in parallel, at SIMD speed, with the same bits on
//! every machine.
//!
//! A value is a pure function of the [`Stream`], of what is filled in (a [`Distribution`](init_core::Distribution), or a
//! [`Structured`](init_core::Structured) fill such as an orthogonal matrix) and of the element's index in the whole tensor. It depends on neither the number of threads, nor the instruction set, the alignment, the chunk or the shard that
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
//! What an initializer resolves to can be filled in as it is:
//!
//! ```
//! use init_core::{Initializer, Layout, Shape};
//! use init_kernels::{Shard, Stream, fill, fill_shard};
//!
//! let shape = Shape::new([64, 48])?;
//! let resolved = "orthogonal".parse::<Initializer>()?.resolve(&shape, &Layout::Torch)?;
//! let stream = Stream::new(42).child("recurrent.weight");
//! let mut weight = vec![0f32; 64 * 48];
//! fill(&mut weight, &resolved, stream)?;
//!
//! let product = |i: usize, j: usize| (0..64).map(|row| weight[row * 48 + i] * weight[row * 48 + j]).sum::<f32>();
//! assert!((product(3, 3) - 1.0).abs() < 1e-6 && product(3, 4).abs() < 1e-6);
//!
//! // Columns 40 to 47, made alone, are the same columns.
//! let mut part = vec![0f32; 64 * 8];
//! fill_shard(&mut part, &Shard::new(&[64, 48], &[0, 40], &[64, 8])?, &resolved, stream)?;
//! assert_eq!(part[8..16], weight[48 + 40..][..8]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * [`Stream`]: where values come from; [`StreamRng`]: its raw bits, for `rand`.
//! * [`fill`], [`fill_at`], [`fill_shard`], and [`Filler`] for options; [`Fillable`]: what they take.
//! * [`Buffer`]: memory that is first touched by the fill.
//! * [`mimetic`]: the four weights of attention that begins as if pretrained.
//! * [`svd()`]: singular values, with the same bits everywhere too.
//! * [`Progress`]: how long operations report, and how they are cancelled.
//! * [`Level`]: the instruction sets, and how to force one.
//! * [`FloatEnv`]: the floating-point mode that fills run in, for what else must not depend on the host's.

mod buffer;
mod cache_line;
mod check;
mod element;
mod error;
mod fill;
mod fillable;
mod float_env;
mod lanes;
mod law;
mod level;
mod math;
mod mimetic;
mod orthogonal;
mod progress;
mod run;
mod sampler;
mod shard;
mod simd;
mod stream;
mod stream_rng;
mod structured;
mod svd;
mod uniforms;

pub use buffer::{Buffer, BufferError};
pub use check::{check, check_dtype};
pub use element::Element;
pub use error::FillError;
pub use fill::{Filler, fill, fill_at, fill_shard};
pub use fillable::Fillable;
pub use float_env::FloatEnv;
pub use level::{Level, LevelError};
pub use mimetic::{Attention, MimeticError, mimetic};
pub use progress::{Cancelled, Progress};
pub use shard::{Shard, ShardError};
pub use stream::Stream;
pub use stream_rng::StreamRng;
pub use svd::{Svd, svd};

/// The version of the value format: values of the same version are the same, bit for bit, in every release.
pub const VALUE_FORMAT: u32 = 1;
