//! Matrix products by the `gemm` crate: the only file of this crate with `unsafe`.

/// A matrix as a factor of a product: values row by row, as they are or transposed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// Steps from a row, and from a column, to the next.
    steps: [isize; 2],
}

impl<'a> Factor<'a> {
    /// The matrix of these values, row by row.
    ///
    /// # Panics
    ///
    /// Panics if there are not `rows · columns` values.
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "the values of a matrix");
        Self { values, rows, columns, steps: [columns as isize, 1] }
    }

    /// The transpose.
    pub(crate) fn transposed(self) -> Self {
        let [row, column] = self.steps;
        Self { rows: self.columns, columns: self.rows, steps: [column, row], ..self }
    }
}

/// `dst ← keep · dst + scale · left · right`, with `dst` of this size row by row; with `keep` 0 the
/// old values are not read.
///
/// The sums are split by the sizes alone, never by the number of threads.
///
/// # Panics
///
/// Panics if the shapes do not match.
pub(crate) fn multiply(
    dst: &mut [f32],
    (m, n): (usize, usize),
    keep: f32,
    scale: f32,
    left: Factor<'_>,
    right: Factor<'_>,
) {
    let k = left.columns;
    let fits = left.rows == m && right.rows == k && right.columns == n && dst.len() == m * n;
    assert!(fits, "a product of matching shapes");
    // A matrix without values has nothing to point at; a sum of no terms is zero.
    if m == 0 || n == 0 || k == 0 {
        dst.iter_mut().for_each(|value| *value *= keep);
        return;
    }
    // Below this a product takes about 100 µs at most, and waking threads costs more than they
    // save.
    let threads = if m * n * k < 1 << 22 { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(0) };
    // SAFETY: a `Factor` has rows · columns values (asserted by `new`), and its steps stay within
    // them for the m × k and k × n (asserted equal) that are read; `dst` has m · n values
    // (asserted) and is written row by row. It is borrowed mutably, so neither factor aliases it.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            dst.as_mut_ptr(),
            1,
            n as isize,
            keep != 0.0,
            left.values.as_ptr(),
            left.steps[1],
            left.steps[0],
            right.values.as_ptr(),
            right.steps[1],
            right.steps[0],
            keep,
            scale,
            false,
            false,
            false,
            threads,
        );
    }
}
