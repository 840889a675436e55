//! The sizes of a tensor.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::word::quoted;

/// The sizes of a tensor's dimensions, outermost first.
///
/// A shape is checked when it is made: the product of its non-zero sizes fits into an `i64` and a
/// `usize`, so that no index or stride overflows afterwards. Zero sizes are allowed (the tensor
/// has no elements), and so is a scalar's empty shape.
///
/// ```
/// use init_core::Shape;
///
/// let shape: Shape = "256x784".parse()?;
/// assert_eq!(shape, Shape::new([256, 784])?);
/// assert_eq!(shape, "[256, 784]".parse()?);
/// assert_eq!(shape.to_string(), "[256, 784]");
/// assert_eq!((shape.ndim(), shape.numel()), (2, 200_704));
/// # Ok::<(), init_core::ShapeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shape {
    dims: Vec<usize>,
    numel: u64,
}

impl Shape {
    /// The most dimensions a shape may have: as in NumPy 2, and more than any framework fills.
    pub const MAX_NDIM: usize = 64;

    /// Makes a shape of `dims`, in O(ndim).
    ///
    /// # Errors
    /// [`ShapeError::Overflow`] if the non-zero sizes multiply to more than `i64::MAX` or
    /// `usize::MAX`, [`ShapeError::TooManyDims`] beyond [`Shape::MAX_NDIM`].
    pub fn new(dims: impl Into<Vec<usize>>) -> Result<Self, ShapeError> {
        let dims = dims.into();
        if dims.len() > Self::MAX_NDIM {
            return Err(ShapeError::TooManyDims { ndim: dims.len() });
        }
        // Zeros are left out of the product, so that strides cannot overflow either.
        let stretch = dims.iter().filter(|&&dim| dim > 0).try_fold(1_usize, |product, &dim| {
            product.checked_mul(dim).filter(|&product| i64::try_from(product).is_ok())
        });
        let Some(stretch) = stretch else {
            return Err(ShapeError::Overflow { dims });
        };
        let numel = if dims.contains(&0) { 0 } else { stretch as u64 };
        Ok(Self { dims, numel })
    }

    /// The sizes, outermost first.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The number of dimensions; 0 for a scalar.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.dims.len()
    }

    /// The number of elements: the product of the sizes, 1 for a scalar.
    #[must_use]
    pub fn numel(&self) -> u64 {
        self.numel
    }
}

/// Writes `[256, 784]`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&bracketed(&self.dims))
    }
}

/// Reads `256,784`, `256x784` or `[256, 784]`; `[]` is a scalar's shape.
impl FromStr for Shape {
    type Err = ShapeError;

    fn from_str(text: &str) -> Result<Self, ShapeError> {
        let trimmed = text.trim();
        let inner = match trimmed.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
            Some(Some(inner)) if inner.trim().is_empty() => return Self::new([]),
            Some(Some(inner)) => inner,
            Some(None) => {
                return Err(ShapeError::Unclosed { text: text.to_string() });
            }
            None => trimmed,
        };
        let mut dims = Vec::new();
        for word in inner.split([',', 'x']) {
            if dims.len() == Self::MAX_NDIM {
                return Err(ShapeError::TooManyDims { ndim: inner.split([',', 'x']).count() });
            }
            let word = word.trim();
            let dim = word.parse();
            dims.push(dim.map_err(|_| ShapeError::BadDim { word: word.to_string() })?);
        }
        Self::new(dims)
    }
}

fn bracketed(dims: &[usize]) -> String {
    alloc::format!("{dims:?}")
}

/// Why something is no shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// The product of the non-zero sizes is too large to be counted.
    #[error(
        "shape {} has more elements than can be indexed: at most {} fit",
        bracketed(.dims),
        isize::MAX
    )]
    Overflow {
        /// The sizes given.
        dims: Vec<usize>,
    },
    /// More dimensions than [`Shape::MAX_NDIM`].
    #[error("a shape of {ndim} dimensions was given, but at most {} are possible", Shape::MAX_NDIM)]
    TooManyDims {
        /// The number of dimensions given.
        ndim: usize,
    },
    /// A word of the text is no size.
    #[error(
        "{} is no size of a dimension: a shape is whole numbers from 0, as in `256,784`",
        quoted(.word)
    )]
    BadDim {
        /// The word.
        word: String,
    },
    /// The text starts with `[` but does not end with `]`.
    #[error("shape {} opens with `[` but has no `]` at the end: write `[256, 784]`", quoted(.text))]
    Unclosed {
        /// The whole text.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints() {
        for dims in [&[][..], &[0], &[7], &[256, 784], &[64, 3, 7, 7], &[0, 5, 0]] {
            let shape = Shape::new(dims).unwrap();
            assert_eq!(shape.to_string().parse(), Ok(shape));
        }
        assert_eq!(" 64 x 3,7 ".parse(), Shape::new([64, 3, 7]));
    }

    #[test]
    fn counts_elements() {
        assert_eq!(Shape::new([]).unwrap().numel(), 1);
        assert_eq!(Shape::new([4, 0, 3]).unwrap().numel(), 0);
        assert_eq!(Shape::new([i64::MAX as usize]).unwrap().numel(), i64::MAX as u64);
    }

    #[test]
    fn overflow_is_an_error_also_beside_a_zero() {
        for dims in [[1 << 62, 2, 1], [1 << 32, 1 << 32, 1], [usize::MAX, usize::MAX, 0]] {
            let error = Shape::new(dims).unwrap_err();
            assert_eq!(error, ShapeError::Overflow { dims: dims.to_vec() });
            assert!(error.to_string().contains(&dims[0].to_string()), "{error}");
        }
    }

    #[test]
    fn bad_text_is_named() {
        for (text, word) in [
            ("256,-3", "`-3`"),
            ("256,,3", "``"),
            ("", "``"),
            ("256x7.5", "`7.5`"),
            ("[1,2", "`[1,2`"),
            ("99999999999999999999", "`99999999999999999999`"),
        ] {
            let error = text.parse::<Shape>().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        let long = std::vec!["1"; 1000].join(",");
        assert_eq!(long.parse::<Shape>(), Err(ShapeError::TooManyDims { ndim: 1000 }));
    }
}
