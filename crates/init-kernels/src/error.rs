//! The errors of a fill.

use init_core::{DType, Distribution, DistributionError, Structured, StructuredError};

use crate::level::LevelError;
#[cfg(feature = "parallel")]
use crate::threads::ThreadsError;

/// Why a buffer was not filled. Nothing was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FillError {
    /// The distribution's parameters are invalid.
    #[error(transparent)]
    Distribution(#[from] DistributionError),
    /// Values of the distribution may exceed the type.
    #[error(
        "{distribution} reaches {value:.6e}, but the largest {dtype} is {max:.6e}; \
         use a wider dtype or a narrower distribution"
    )]
    Overflow {
        /// The element type.
        dtype: DType,
        /// The distribution.
        distribution: Distribution,
        /// The value of largest magnitude that it can take.
        value: f64,
        /// The type's largest finite value.
        max: f64,
    },
    /// The distribution varies by less than the type's smallest positive value.
    #[error(
        "{distribution} does not vary in {dtype}, whose smallest positive value is {smallest:e}; \
         use a wider dtype or a wider distribution"
    )]
    Vanishes {
        /// The element type.
        dtype: DType,
        /// The distribution.
        distribution: Distribution,
        /// The type's smallest positive value.
        smallest: f64,
    },
    /// The type has no value within the bounds.
    #[error("no {dtype} value is within the bounds of {distribution}; use a wider dtype or wider bounds")]
    NoValue {
        /// The element type.
        dtype: DType,
        /// The distribution.
        distribution: Distribution,
    },
    /// The bounds are too far from the mean.
    #[error(
        "the bounds of {distribution} must be within 1e150 standard deviations of its mean; use a constant instead"
    )]
    TooFar {
        /// The distribution.
        distribution: Distribution,
    },
    /// The parameters of a structured fill are invalid.
    #[error(transparent)]
    Structured(#[from] StructuredError),
    /// A value of a structured fill exceeds the type.
    #[error(
        "{structured} reaches {value:.6e}, but the largest {dtype} is {max:.6e}; use a wider dtype or a smaller gain"
    )]
    TooLarge {
        /// The element type.
        dtype: DType,
        /// The structured fill.
        structured: Box<Structured>,
        /// Its largest value.
        value: f64,
        /// The type's largest finite value.
        max: f64,
    },
    /// A structured fill would be all zeros.
    #[error(
        "{structured} rounds to zeros in {dtype}, whose smallest positive value is {smallest:e}; \
         use a wider dtype or a larger gain"
    )]
    TooSmall {
        /// The element type.
        dtype: DType,
        /// The structured fill.
        structured: Box<Structured>,
        /// The type's smallest positive value.
        smallest: f64,
    },
    /// The buffer exceeds the structured fill.
    #[error(
        "offset {offset} + {len} elements exceeds {structured}, which has {}; \
         pass a buffer that ends inside the tensor",
        structured.len()
    )]
    Beyond {
        /// The structured fill.
        structured: Box<Structured>,
        /// Flat index of the first element of the buffer.
        offset: u64,
        /// Elements of the buffer.
        len: usize,
    },
    /// The buffer exceeds its tensor or shard.
    #[error(
        "offset {offset} + {len} elements exceeds the {elements} elements of the tensor or shard; \
         pass a buffer that ends inside it"
    )]
    Outside {
        /// Elements of the tensor or shard.
        elements: u64,
        /// Flat index of the first element of the buffer.
        offset: u64,
        /// Elements of the buffer.
        len: usize,
    },
    /// The shard belongs to another tensor than the structured fill.
    #[error(
        "{structured} has {} elements, but the tensor of the shard has {elements}; \
         resolve the initializer for the shard's global shape",
        structured.len()
    )]
    Tensor {
        /// The structured fill.
        structured: Box<Structured>,
        /// Elements of the shard's tensor.
        elements: u64,
    },
    /// The lengths of buffer and shard differ.
    #[error("the buffer must have the {expected} elements of the shard, got {len}")]
    Length {
        /// Elements of the buffer.
        len: usize,
        /// Elements of the shard.
        expected: usize,
    },
    /// The end of the range exceeds a `u64`.
    #[error("offset {offset} + {len} elements must be below 2^64")]
    Offset {
        /// Flat index of the first element of the buffer.
        offset: u64,
        /// Elements of the buffer.
        len: usize,
    },
    /// A part of an orthogonal matrix needs more reflections than are computed.
    #[error(
        "the last column of the part needs {reflections} reflections of {dimension} numbers each, and at most 2^38 \
         numbers are computed; use a smaller matrix or a part of its first columns"
    )]
    TooManyReflections {
        /// The number of reflections.
        reflections: u64,
        /// The larger of the matrix's rows and columns.
        dimension: u64,
    },
    /// The memory that the fill needs besides the buffer is missing.
    #[error("the fill needs {bytes} bytes besides the buffer, which the system does not provide; use a smaller tensor")]
    NoMemory {
        /// The bytes that were asked for.
        bytes: u64,
    },
    /// The requested level cannot be used.
    #[error(transparent)]
    Level(#[from] LevelError),
    /// The requested number of threads cannot be used.
    #[cfg(feature = "parallel")]
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}
