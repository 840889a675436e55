//! What a fill can refuse.

use init_core::{DType, Distribution, DistributionError, Structured, StructuredError};

use crate::LevelError;

/// Why a buffer was not filled. Nothing was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FillError {
    /// The distribution's fields make no law.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// Values of the distribution may exceed the type.
    #[error(
        "{distribution} reaches {value:.6e}, but the greatest {dtype} is {max:.6e}; use a wider dtype or a narrower distribution"
    )]
    Overflow {
        /// The element type.
        dtype: DType,
        /// The distribution.
        distribution: Distribution,
        /// The farthest value that it can take.
        value: f64,
        /// The type's greatest finite value.
        max: f64,
    },
    /// What varies lies below the type's least positive value.
    #[error(
        "{distribution} does not vary in {dtype}, whose least positive value is {least:e}; use a wider dtype or a wider distribution"
    )]
    Vanishes {
        /// The element type.
        dtype: DType,
        /// The distribution.
        distribution: Distribution,
        /// The type's least positive value.
        least: f64,
    },
    /// The type has no value inside the bounds.
    #[error("no {dtype} lies inside the bounds of {distribution}; use a wider dtype or wider bounds")]
    NoValue {
        /// The element type.
        dtype: DType,
        /// The distribution.
        distribution: Distribution,
    },
    /// The truncation is too far out to compute with.
    #[error("the bounds of {distribution} lie more than 1e150 standard deviations from its mean; use a constant")]
    TooFar {
        /// The distribution.
        distribution: Distribution,
    },
    /// A kind of distribution that this version can't sample.
    #[error("{distribution} can't be sampled by this version")]
    Unsupported {
        /// The distribution.
        distribution: Distribution,
    },
    /// The numbers of a structured fill do not go together.
    #[error(transparent)]
    Structured(#[from] StructuredError),
    /// A value of a structured fill exceeds the type.
    #[error(
        "{structured} reaches {value:.6e}, but the greatest {dtype} is {max:.6e}; use a wider dtype or a smaller gain"
    )]
    TooGreat {
        /// The element type.
        dtype: DType,
        /// The fill.
        structured: Box<Structured>,
        /// The greatest value that it can have.
        value: f64,
        /// The type's greatest finite value.
        max: f64,
    },
    /// A structured fill would be all zeros.
    #[error(
        "{structured} has no value but 0 in {dtype}, whose least positive value is {least:e}; use a wider dtype or a greater gain"
    )]
    TooSmall {
        /// The element type.
        dtype: DType,
        /// The fill.
        structured: Box<Structured>,
        /// The type's least positive value.
        least: f64,
    },
    /// The buffer ends after the last element of a structured fill.
    #[error(
        "{structured} has {} elements, so offset {offset} + {len} elements lies beyond it; pass a buffer inside the tensor",
        structured.len()
    )]
    Beyond {
        /// The fill.
        structured: Box<Structured>,
        /// The offset.
        offset: u64,
        /// Elements of the buffer.
        len: usize,
    },
    /// The buffer ends after the last element of its tensor.
    #[error(
        "the tensor has {elements} elements, so offset {offset} + {len} elements lies beyond it; pass a buffer inside the tensor"
    )]
    Outside {
        /// Elements of the tensor.
        elements: u64,
        /// The offset.
        offset: u64,
        /// Elements of the buffer.
        len: usize,
    },
    /// The tensor of a shard is not the one that a structured fill is for.
    #[error(
        "{structured} has {} elements, but the shard belongs to a tensor of {elements}; resolve the initializer for the shard's global shape",
        structured.len()
    )]
    Tensor {
        /// The fill.
        structured: Box<Structured>,
        /// Elements of the shard's tensor.
        elements: u64,
    },
    /// Neither a distribution nor a structured fill that this version knows.
    #[error("this version does not know what that initializer comes to")]
    Unknown,
    /// The buffer is not as long as the shard.
    #[error("the buffer holds {len} elements, but the shard has {expected}; pass a buffer of exactly that length")]
    Length {
        /// Elements of the buffer.
        len: usize,
        /// Elements of the shard.
        expected: usize,
    },
    /// The end of the range is no u64.
    #[error("offset {offset} + {len} elements exceeds 2^64; no tensor is so long")]
    Offset {
        /// The offset.
        offset: u64,
        /// Elements of the buffer.
        len: usize,
    },
    /// The level asked for can't be used.
    #[error(transparent)]
    Level(#[from] LevelError),
}
