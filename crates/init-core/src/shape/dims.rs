//! `Shape`: the sizes of a tensor's axes.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use crate::word::quoted;

/// A shape: the sizes of a tensor's axes, outermost first.
///
/// A shape is checked on construction: the product of its non-zero sizes fits into an `i64` and a
/// `usize`, so that no index or stride overflows later. Zero sizes are allowed (the tensor has no
/// elements), and so is the empty shape of a scalar.
///
/// ```
/// use init_core::Shape;
///
/// let shape: Shape = "256x784".parse()?;
/// assert_eq!(shape, Shape::new([256, 784])?);
/// assert_eq!(shape, "[256, 784]".parse()?);
/// assert_eq!(shape, "(256, 784)".parse()?);
/// assert_eq!(shape, "256 784".parse()?);
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
    /// The maximum number of dimensions, as in NumPy 2; no framework fills tensors of more.
    pub const MAX_NDIM: usize = 64;

    /// Creates a shape with these sizes, in O(ndim).
    ///
    /// # Errors
    ///
    /// [`ShapeError::Overflow`] if the non-zero sizes multiply to more than `i64::MAX` or
    /// `usize::MAX`, [`ShapeError::TooManyDims`] for more than [`Shape::MAX_NDIM`] dimensions.
    pub fn new(dims: impl Into<Vec<usize>>) -> Result<Self, ShapeError> {
        let dims = dims.into();
        if dims.len() > Self::MAX_NDIM {
            return Err(ShapeError::TooManyDims { ndim: dims.len() });
        }
        // The product leaves out zeros, so that strides cannot overflow either.
        let extent = dims.iter().filter(|&&dim| dim > 0).try_fold(1_usize, |product, &dim| {
            product.checked_mul(dim).filter(|&product| i64::try_from(product).is_ok())
        });
        let Some(extent) = extent else {
            return Err(ShapeError::Overflow { dims });
        };
        let numel = if dims.contains(&0) { 0 } else { extent as u64 };
        Ok(Self { dims, numel })
    }

    /// Returns the sizes, outermost first.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// Returns the number of dimensions; 0 for a scalar.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.dims.len()
    }

    /// Returns the number of elements: the product of the sizes, 1 for a scalar.
    #[must_use]
    pub fn numel(&self) -> u64 {
        self.numel
    }
}

/// Prints `[256, 784]`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&bracketed(&self.dims))
    }
}

/// Parses sizes that are separated by commas, spaces or `x`, in brackets or without: `256,784`,
/// `256x784`, `256 784`, `[256, 784]` or `(256, 784)`; `[]` and `()` are a scalar's shape.
impl FromStr for Shape {
    type Err = ShapeError;

    fn from_str(text: &str) -> Result<Self, ShapeError> {
        let trimmed = text.trim();
        let unclosed = || ShapeError::Unclosed { text: text.to_string() };
        let bracket = [('[', ']'), ('(', ')')].into_iter().find(|&(open, _)| trimmed.starts_with(open));
        let inner = match bracket {
            None => trimmed,
            Some((_, close)) => {
                let inner = trimmed[1..].strip_suffix(close).ok_or_else(unclosed)?.trim();
                if inner.is_empty() {
                    return Self::new([]);
                }
                // Python's tuple of one number, `(256,)`.
                inner.strip_suffix(',').filter(|_| close == ')').unwrap_or(inner)
            }
        };
        let mut dims = Vec::new();
        for part in inner.split([',', 'x']) {
            let mut words = part.split_whitespace().peekable();
            if words.peek().is_none() {
                return Err(ShapeError::BadDim { word: String::new() });
            }
            for word in words {
                // Counted to the end: the error says how many there are.
                if dims.len() >= Self::MAX_NDIM {
                    let ndim = inner.split([',', 'x']).map(|part| part.split_whitespace().count().max(1)).sum();
                    return Err(ShapeError::TooManyDims { ndim });
                }
                dims.push(word.parse().map_err(|_| ShapeError::BadDim { word: word.to_string() })?);
            }
        }
        Self::new(dims)
    }
}

fn bracketed(dims: &[usize]) -> String {
    alloc::format!("{dims:?}")
}

/// The error for sizes or a text that are not a shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// The product of the non-zero sizes is too large.
    #[error(
        "shape {} has too many elements: at most {} can be indexed",
        bracketed(.dims),
        isize::MAX
    )]
    Overflow {
        /// The sizes given.
        dims: Vec<usize>,
    },
    /// More dimensions than [`Shape::MAX_NDIM`].
    #[error("a shape must have at most {} dimensions, but {ndim} were given", Shape::MAX_NDIM)]
    TooManyDims {
        /// The number of dimensions given.
        ndim: usize,
    },
    /// A word of the text is not a size.
    #[error(
        "{} is not the size of an axis: a shape is a list of whole numbers from 0, as in `256,784`",
        quoted(.word)
    )]
    BadDim {
        /// The word.
        word: String,
    },
    /// The text starts with `[` or `(` but does not end with its partner.
    #[error("shape {} has an unmatched bracket: write `[256, 784]`", quoted(.text))]
    Unclosed {
        /// The whole text.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_shapes_parse_back() {
        for dims in [&[][..], &[0], &[7], &[256, 784], &[64, 3, 7, 7], &[0, 5, 0]] {
            let shape = Shape::new(dims).unwrap();
            assert_eq!(shape.to_string().parse(), Ok(shape));
        }
        assert_eq!(" 64 x 3,7 ".parse(), Shape::new([64, 3, 7]));
    }

    #[test]
    fn sizes_are_read_as_python_and_the_shell_write_them() {
        for text in ["256,784", "256x784", "256 784", "(256, 784)", "[256, 784]", "[256 784]", "( 256,784 )"] {
            assert_eq!(text.parse(), Shape::new([256, 784]), "{text}");
        }
        assert_eq!("(256,)".parse(), Shape::new([256]));
        assert_eq!("()".parse(), Shape::new([]));
        for text in ["(256, 784]", "(256", "256)", "[(256)]", "(,)", "(256,,)", "256,"] {
            assert!(text.parse::<Shape>().is_err(), "{text}");
        }
    }

    #[test]
    fn elements_are_counted() {
        assert_eq!(Shape::new([]).unwrap().numel(), 1);
        assert_eq!(Shape::new([4, 0, 3]).unwrap().numel(), 0);
        assert_eq!(Shape::new([i64::MAX as usize]).unwrap().numel(), i64::MAX as u64);
    }

    #[test]
    fn overflow_is_an_error_also_next_to_a_zero() {
        for dims in [[1 << 62, 2, 1], [1 << 32, 1 << 32, 1], [usize::MAX, usize::MAX, 0]] {
            let error = Shape::new(dims).unwrap_err();
            assert_eq!(error, ShapeError::Overflow { dims: dims.to_vec() });
            assert!(error.to_string().contains(&dims[0].to_string()), "{error}");
        }
    }

    #[test]
    fn errors_name_the_bad_word() {
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
