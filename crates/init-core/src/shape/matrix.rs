//! `Matrix`: the flat index of each row and column of a matrix in a tensor.

/// One or several rows × cols matrices and the flat index of each of their elements.
///
/// The tensor is dense and row-major. Element (row, col) of copy `c` has the index
///
/// ```text
/// c·copy_stride + (col / inner)·outer_stride + row·inner + col % inner
/// ```
///
/// which covers every way in which frameworks store a matrix in a tensor:
///
/// | tensor | rows | cols | inner | outer_stride | copy_stride |
/// |---|---|---|---|---|---|
/// | PyTorch `(out, in, *kernel)` | out | in · RF | in · RF | 0 | – |
/// | JAX and Keras `(*kernel, in, out)` | out | RF · in | 1 | out | – |
/// | row axis in the middle, `(a, rows, b)` | rows | a · b | b | rows · b | – |
/// | stacked experts `(e, in, out)` | out | in | 1 | out | in · out |
/// | packed gates `(4·h, in)` | h | in | in | 0 | h · in |
/// | packed gates `(in, 4·h)` | h | in | 1 | 4·h | h |
///
/// Every index below `copies · rows · cols` belongs to exactly one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Matrix {
    copies: usize,
    rows: usize,
    cols: usize,
    inner: usize,
    outer_stride: usize,
    copy_stride: usize,
}

impl Matrix {
    /// Creates a matrix that is the whole tensor, row after row.
    ///
    /// `None` if rows · cols does not fit into an `i64` and a `usize`.
    ///
    /// ```
    /// use init_core::shape::Matrix;
    ///
    /// let matrix = Matrix::row_major(2, 3).unwrap();
    /// assert_eq!(matrix.index(0, 1, 2), 5);
    /// assert_eq!(matrix.position(5), (0, 1, 2));
    /// assert!(Matrix::row_major(usize::MAX, 2).is_none());
    /// ```
    #[must_use]
    pub fn row_major(rows: usize, cols: usize) -> Option<Self> {
        Self::between(1, rows, cols)
    }

    /// Creates a matrix whose transpose is the whole tensor, row after row.
    #[must_use]
    pub fn transposed(rows: usize, cols: usize) -> Option<Self> {
        Self::between(cols, rows, 1)
    }

    /// Creates the matrix of a tensor `(before, rows, after)`: the columns are the other axes, in
    /// their order.
    #[must_use]
    pub fn between(before: usize, rows: usize, after: usize) -> Option<Self> {
        Self::stacked(1, before, rows, after)
    }

    /// Creates the matrices of a tensor `(copies, before, rows, after)`: independent matrices one
    /// after another.
    #[must_use]
    pub fn stacked(copies: usize, before: usize, rows: usize, after: usize) -> Option<Self> {
        let stride = fits(&[before, rows, after])?;
        fits(&[copies, before, rows, after])?;
        let outer_stride = if before == 1 { 0 } else { rows * after };
        Some(Self { copies, rows, cols: before * after, inner: after, outer_stride, copy_stride: stride })
    }

    /// Creates the matrices of a tensor `(before, copies, rows, after)`: independent matrices side
    /// by side along the axis of the rows, like the gates of an LSTM.
    #[must_use]
    pub fn packed(before: usize, copies: usize, rows: usize, after: usize) -> Option<Self> {
        fits(&[copies, before, rows, after])?;
        let outer_stride = if before == 1 { 0 } else { copies * rows * after };
        Some(Self { copies, rows, cols: before * after, inner: after, outer_stride, copy_stride: rows * after })
    }

    /// Returns the number of matrices; each is drawn independently.
    #[must_use]
    pub fn copies(&self) -> usize {
        self.copies
    }

    /// Returns the number of rows of each matrix.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of columns of each matrix.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Returns how many adjacent columns are adjacent in the tensor: `cols` where the rows follow
    /// one another, 1 where the columns do.
    #[must_use]
    pub fn inner(&self) -> usize {
        self.inner
    }

    /// Returns the index distance of two columns that differ by `inner`; 0 where there are none.
    #[must_use]
    pub fn outer_stride(&self) -> usize {
        self.outer_stride
    }

    /// Returns the index distance of two successive copies.
    #[must_use]
    pub fn copy_stride(&self) -> usize {
        self.copy_stride
    }

    /// Returns the number of elements of all copies together.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.copies as u64 * self.rows as u64 * self.cols as u64
    }

    /// Returns whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether every copy is stored row after row without gaps: the tensor is then all
    /// copies one after another.
    #[must_use]
    pub fn is_row_major(&self) -> bool {
        self.inner == self.cols && self.copy_stride == self.rows * self.cols
    }

    /// Returns the flat index of an element; meaningless for numbers out of range.
    #[must_use]
    pub fn index(&self, copy: usize, row: usize, col: usize) -> u64 {
        let (outer, inner) = match self.inner {
            0 => (0, 0),
            inner => (col / inner, col % inner),
        };
        let terms = [(copy, self.copy_stride), (outer, self.outer_stride), (row, self.inner)];
        terms.iter().fold(inner as u64, |sum, &(n, stride)| sum.wrapping_add((n as u64).wrapping_mul(stride as u64)))
    }

    /// Returns the copy, row and column of a flat index below [`len`](Self::len): the inverse of
    /// [`index`](Self::index). The result is meaningless for any other index.
    #[must_use]
    pub fn position(&self, index: u64) -> (usize, usize, usize) {
        if self.is_empty() {
            return (0, 0, 0);
        }
        let (rows, inner) = (self.rows as u64, self.inner as u64);
        let row_of = |rest: u64| ((rest / inner) % rows) as usize;
        let (copy, outer) = if self.copy_stride == self.rows * self.cols {
            let rest = index % self.copy_stride as u64;
            (index / self.copy_stride as u64, rest / (rows * inner))
        } else {
            let wide = self.outer_stride as u64;
            ((index % wide) / self.copy_stride as u64, index / wide)
        };
        (copy as usize, row_of(index), (outer * inner + index % inner) as usize)
    }
}

/// Returns the product, if it fits into an `i64` and a `usize` even without its zeros.
pub(crate) fn fits(sizes: &[usize]) -> Option<usize> {
    let mut nonzero = sizes.iter().filter(|&&size| size > 0);
    let extent = nonzero.try_fold(1_usize, |product, &size| product.checked_mul(size))?;
    i64::try_from(extent).ok()?;
    Some(if sizes.contains(&0) { 0 } else { extent })
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[test]
    fn index_and_position_are_inverse_and_cover_the_tensor() {
        let sizes = [1, 2, 3];
        for code in 0..81 {
            let [copies, before, rows, after] = [1, 3, 9, 27].map(|unit| sizes[code / unit % 3]);
            for matrix in [Matrix::stacked(copies, before, rows, after), Matrix::packed(before, copies, rows, after)] {
                let matrix = matrix.unwrap();
                let mut seen = vec![false; matrix.len() as usize];
                for copy in 0..copies {
                    for row in 0..rows {
                        for col in 0..matrix.cols() {
                            let index = matrix.index(copy, row, col);
                            assert_eq!(matrix.position(index), (copy, row, col), "{matrix:?}");
                            assert!(!core::mem::replace(&mut seen[index as usize], true), "{matrix:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_frameworks_layouts_have_their_indices() {
        let torch = Matrix::row_major(4, 6).unwrap();
        assert!(torch.is_row_major());
        assert_eq!(torch.index(0, 2, 5), 17);
        let jax = Matrix::transposed(4, 6).unwrap();
        assert!(!jax.is_row_major());
        assert_eq!(jax.index(0, 2, 5), 5 * 4 + 2);
        // (in = 3, 4 gates of 2): gate 1, row 1, column 2.
        assert_eq!(Matrix::packed(3, 4, 2, 1).unwrap().index(1, 1, 2), 2 * 8 + 2 + 1);
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        for matrix in [
            Matrix::row_major(usize::MAX, 2),
            Matrix::stacked(1 << 31, 1 << 31, 2, 1),
            Matrix::packed(usize::MAX, usize::MAX, 0, 1),
        ] {
            assert_eq!(matrix, None);
        }
        let empty = Matrix::row_major(0, 5).unwrap();
        assert!(empty.is_empty());
        assert_eq!(empty.position(3), (0, 0, 0));
        let huge = Matrix::row_major(1 << 31, 1 << 31).unwrap();
        assert_eq!(huge.position(huge.len() - 1), (0, (1 << 31) - 1, (1 << 31) - 1));
        let _ = huge.index(usize::MAX, usize::MAX, usize::MAX);
    }
}
