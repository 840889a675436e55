//! The position of a matrix in a tensor, and the writing of its computed columns to the requested
//! part.

use std::{marker::PhantomData, mem::MaybeUninit, ops::Range};

use init_core::shape::{Filters, Matrix, Order};

use super::{columns::Columns, normals::Normals};
use crate::{geometry::WIDTH32, index_runs::IndexRuns, real::Real, scalar::Scalar, simd::Simd};

/// Matrices of fewer elements are computed by one thread each.
const SMALL: usize = 1 << 16;

/// Rows of computed columns that are transposed at a time: those of the widest columns fit into the
/// L1 cache.
const TRANSPOSED_ROWS: usize = 128;

/// The position of a matrix in a tensor: element (row, col) has the flat index
/// `base + (col / inner)·outer + row·row_stride + (col % inner)·step`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    pub(super) rows: usize,
    pub(super) cols: usize,
    base: u64,
    inner: usize,
    outer: usize,
    row_stride: usize,
    step: usize,
}

impl Position {
    /// Returns the position of one of the copies of a matrix that has elements.
    pub(crate) fn copy(matrix: &Matrix, copy: usize) -> Self {
        Self {
            rows: matrix.rows(),
            cols: matrix.cols(),
            base: matrix.index(copy, 0, 0),
            inner: matrix.inner(),
            outer: matrix.outer_stride(),
            row_stride: matrix.inner(),
            step: 1,
        }
    }

    /// Returns the position of one tap of filters that have elements: outputs × inputs.
    pub(crate) fn tap(filters: &Filters, tap: usize) -> Self {
        let (rows, cols) = (filters.out(), filters.inputs());
        let base = filters.index(0, 0, tap);
        match filters.order() {
            Order::OutFirst => Self {
                rows,
                cols,
                base,
                inner: cols,
                outer: 0,
                row_stride: cols * filters.taps(),
                step: filters.taps(),
            },
            Order::OutLast => Self { rows, cols, base, inner: 1, outer: rows, row_stride: 1, step: 1 },
        }
    }

    /// Returns whether the columns of the matrix are orthonormal; otherwise its transpose is
    /// computed.
    pub(super) fn is_tall(&self) -> bool {
        self.rows >= self.cols
    }

    /// Returns the rows and columns of the matrix or its transpose, whichever is tall.
    pub(super) fn tall(&self) -> (usize, usize) {
        if self.is_tall() { (self.rows, self.cols) } else { (self.cols, self.rows) }
    }

    /// Returns whether the matrix has fewer elements than are shared among threads.
    pub(super) fn is_small(&self) -> bool {
        self.rows.saturating_mul(self.cols) < SMALL
    }

    /// Returns whether consecutive elements of the tensor belong to one column.
    fn by_columns(&self) -> bool {
        self.inner == 1 && self.row_stride == 1
    }

    /// Returns whether consecutive elements of the tensor belong to one column of the tall matrix.
    fn is_transposed(&self) -> bool {
        self.by_columns() == self.is_tall()
    }

    /// Calls `run` with the flat index, row, column and length of each run of consecutive elements
    /// within rows and columns.
    fn runs(&self, rows: Range<usize>, cols: Range<usize>, mut run: impl FnMut(u64, usize, usize, usize)) {
        let index = |row: usize, col: usize| {
            let (outer, inner) = (col / self.inner * self.outer, col % self.inner * self.step);
            self.base + outer as u64 + row as u64 * self.row_stride as u64 + inner as u64
        };
        if self.by_columns() {
            for col in cols {
                run(index(rows.start, col), rows.start, col, rows.len());
            }
            return;
        }
        for row in rows {
            let mut col = cols.start;
            while col < cols.end {
                let together = if self.step == 1 { self.inner - col % self.inner } else { 1 };
                let count = together.min(cols.end - col);
                run(index(row, col), row, col, count);
                col += count;
            }
        }
    }

    /// Does the same as [`runs`](Self::runs) within rows and columns of the tall matrix.
    fn tall_runs(&self, rows: Range<usize>, cols: Range<usize>, mut run: impl FnMut(u64, usize, usize, usize)) {
        if self.is_tall() {
            self.runs(rows, cols, run);
        } else {
            self.runs(cols, rows, |flat, row, col, count| run(flat, col, row, count));
        }
    }
}

/// A buffer that several threads write at once, each to different elements.
#[derive(Debug)]
pub(crate) struct Target<'a, T> {
    start: *mut MaybeUninit<T>,
    len: usize,
    indices: &'a IndexRuns,
    buffer: PhantomData<&'a mut [MaybeUninit<T>]>,
}

// SAFETY: all access is by `write`, whose callers guarantee that no two threads write to the same
// element.
unsafe impl<T: Send> Sync for Target<'_, T> {}

impl<'a, T: Scalar<Real: Normals>> Target<'a, T> {
    /// Returns the target of a buffer that has these elements of the tensor.
    pub(crate) fn new(dst: &'a mut [MaybeUninit<T>], indices: &'a IndexRuns) -> Self {
        Self { start: dst.as_mut_ptr(), len: dst.len(), indices, buffer: PhantomData }
    }

    /// Writes `gain` times those elements of the columns that are in the buffer.
    ///
    /// # Safety
    ///
    /// No other thread writes the same columns of the same matrix at the same time.
    pub(super) unsafe fn write<S: Simd>(
        &self,
        simd: S,
        position: &Position,
        columns: &Columns<T::Real>,
        count: usize,
        gain: T::Real,
    ) {
        let (rows, _) = position.tall();
        let first = columns.first();
        let put = |flat: u64, values: &[T::Real]| {
            self.indices.intersect(flat, values.len(), |index, range| {
                assert!(index <= self.len && range.len() <= self.len - index);
                // SAFETY: the range is inside the buffer, as was just checked; a flat index is
                // one element of one column, and no other thread writes these columns.
                let dst = unsafe { std::slice::from_raw_parts_mut(self.start.add(index), range.len()) };
                scale(simd, gain, &values[range], dst);
            });
        };
        if position.is_transposed() {
            let mut transposed = [T::Real::ZERO; TRANSPOSED_ROWS];
            for start in (0..rows).step_by(TRANSPOSED_ROWS) {
                position.tall_runs(
                    start..rows.min(start + TRANSPOSED_ROWS),
                    first..first + count,
                    |flat, row, col, count| {
                        for (value, row) in transposed.iter_mut().zip(row..row + count) {
                            *value = columns.row(row, col - first)[0];
                        }
                        put(flat, &transposed[..count]);
                    },
                );
            }
        } else {
            position.tall_runs(0..rows, first..first + count, |flat, row, col, count| {
                let mut done = 0;
                while done < count {
                    let values = columns.row(row, col - first + done);
                    let values = &values[..values.len().min(count - done)];
                    put(flat + done as u64, values);
                    done += values.len();
                }
            });
        }
    }
}

/// Writes `gain` times the values, rounded to the type.
fn scale<S: Simd, T: Scalar>(simd: S, gain: T::Real, values: &[T::Real], dst: &mut [MaybeUninit<T>]) {
    simd.vectorize(
        #[inline(always)]
        || {
            let gain = T::Real::splat(simd, gain);
            let lanes = T::Real::LANES;
            let whole = values.len() / lanes * lanes;
            let (values, rest) = values.split_at(whole);
            let (dst, last) = dst.split_at_mut(whole);
            for (values, dst) in values.chunks_exact(lanes).zip(dst.chunks_exact_mut(lanes)) {
                scale_line(simd, gain, values, dst);
            }
            if !rest.is_empty() {
                let mut line = [MaybeUninit::uninit(); WIDTH32];
                scale_line(simd, gain, rest, &mut line[..lanes]);
                last.copy_from_slice(&line[..rest.len()]);
            }
        },
    );
}

/// Writes a whole line, of which only the first values are given.
#[inline(always)]
fn scale_line<S: Simd, T: Scalar>(
    simd: S,
    gain: <T::Real as Real>::Vector<S>,
    values: &[T::Real],
    dst: &mut [MaybeUninit<T>],
) {
    let mut line = [T::Real::ZEROS];
    T::Real::scalars_mut(&mut line)[..values.len()].copy_from_slice(values);
    T::write(simd, T::Real::mul(simd, T::Real::load(simd, &line[0]), gain), dst);
}
