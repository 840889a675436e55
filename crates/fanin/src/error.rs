//! The error of the one-call functions.

use init_core::{ParseError, ResolveError, Shape, ShapeError};
use init_kernels::{FillError, ShardError};

/// Why a tensor was not initialised. Nothing was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The text of the initializer is invalid.
    #[error(transparent)]
    Initializer(#[from] ParseError),
    /// The shape is invalid.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The shard is invalid.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// The initializer cannot be used with the shape and layout.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The buffer is not as long as the tensor.
    #[error(
        "shape {shape} has {} elements, but the buffer has {len}; pass a buffer of exactly that length",
        shape.numel()
    )]
    Length {
        /// The shape of the tensor.
        shape: Shape,
        /// Number of elements of the buffer.
        len: usize,
    },
    /// The buffer cannot be filled.
    #[error(transparent)]
    Fill(#[from] FillError),
}
