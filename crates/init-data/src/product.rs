//! Products of matrices, by the `gemm` crate: the one place of this crate with `unsafe`.

use crate::Matrix;

/// A matrix as a factor: itself, or transposed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor<'a> {
    matrix: &'a Matrix,
    transposed: bool,
}

impl<'a> Factor<'a> {
    pub(crate) fn plain(matrix: &'a Matrix) -> Self {
        Self { matrix, transposed: false }
    }

    pub(crate) fn transposed(matrix: &'a Matrix) -> Self {
        Self { matrix, transposed: true }
    }

    /// Rows and columns, and the steps from a row and a column to the next.
    fn extent(self) -> ([usize; 2], [isize; 2]) {
        let (rows, columns) = (self.matrix.rows(), self.matrix.columns());
        if self.transposed {
            ([columns, rows], [1, columns as isize])
        } else {
            ([rows, columns], [columns as isize, 1])
        }
    }
}

/// `dst ← keep · dst + scale · left · right`; with `keep` 0 the old values are not read.
///
/// The sums are split by the sizes alone, never by the number of threads.
///
/// # Panics
///
/// If the shapes do not fit.
pub(crate) fn multiply(dst: &mut Matrix, keep: f32, scale: f32, left: Factor<'_>, right: Factor<'_>) {
    let ([m, k], [left_row, left_column]) = left.extent();
    let ([right_rows, n], [right_row, right_column]) = right.extent();
    assert!(k == right_rows && dst.rows() == m && dst.columns() == n, "a product of matching shapes");
    // A matrix without values has nothing to point at; a sum of no terms is zero.
    if m == 0 || n == 0 || k == 0 {
        dst.values_mut().iter_mut().for_each(|value| *value *= keep);
        return;
    }
    // Below this a product takes some 100 µs at most, and waking threads costs more than they save.
    let threads = if m * n * k < 1 << 22 { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(0) };
    // SAFETY: `Matrix` holds rows · columns values, row by row, and the steps of `extent` stay in them for the m × k and k × n
    // (asserted equal) that are read, as those of `dst` do for the m × n (asserted) that are written; `dst` is borrowed
    // mutably, so it is none of the factors.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            dst.values_mut().as_mut_ptr(),
            1,
            n as isize,
            keep != 0.0,
            left.matrix.values().as_ptr(),
            left_column,
            left_row,
            right.matrix.values().as_ptr(),
            right_column,
            right_row,
            keep,
            scale,
            false,
            false,
            false,
            threads,
        );
    }
}
