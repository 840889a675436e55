//! Matrices of f32, stored row by row.

use crate::product::{Factor, multiply};

/// A matrix of f32, stored row by row: one row per example of a batch, or per output unit of a
/// weight.
///
/// ```
/// use init_data::Matrix;
///
/// let a = Matrix::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// assert_eq!(a.times_transposed(&a).values(), [14.0, 32.0, 32.0, 77.0]);
/// assert_eq!(a.row(1), [4.0, 5.0, 6.0]);
/// # Ok::<(), init_data::MatrixError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// Creates a matrix of these values, row by row.
    ///
    /// # Errors
    ///
    /// Returns [`MatrixError`] if there are not `rows · columns` values.
    pub fn new(rows: usize, columns: usize, values: Vec<f32>) -> Result<Self, MatrixError> {
        if rows.checked_mul(columns) != Some(values.len()) {
            return Err(MatrixError { rows, columns, len: values.len() });
        }
        Ok(Self { rows, columns, values })
    }

    /// Creates a matrix of zeros.
    ///
    /// # Panics
    ///
    /// Panics if it would not fit into memory.
    #[must_use]
    pub fn zeros(rows: usize, columns: usize) -> Self {
        let len = rows.checked_mul(columns).expect("a matrix fits into memory");
        Self { rows, columns, values: vec![0.0; len] }
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Returns all values, row by row.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns all values, row by row, to be changed.
    #[must_use]
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Returns one row.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.columns..][..self.columns]
    }

    /// Returns one row, to be changed.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row.
    #[must_use]
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.columns..][..self.columns]
    }

    /// Iterates over the rows; over none if the matrix has no columns.
    pub fn each_row(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.columns.max(1))
    }

    /// Copies these rows, in this order.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut values = Vec::with_capacity(rows.len() * self.columns);
        for &row in rows {
            values.extend_from_slice(self.row(row));
        }
        Self { rows: rows.len(), columns: self.columns, values }
    }

    /// Returns the transpose.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut transposed = Self::zeros(self.columns, self.rows);
        for (row, values) in self.each_row().enumerate() {
            for (column, &value) in values.iter().enumerate() {
                transposed.values[column * self.rows + row] = value;
            }
        }
        transposed
    }

    /// Returns `self · other`: m × k by k × n, in 2·m·k·n operations.
    ///
    /// # Panics
    ///
    /// Panics unless `other` has as many rows as `self` has columns.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.rows, other.columns);
        product.set_product(0.0, 1.0, self.factor(), other.factor());
        product
    }

    /// Returns `self · otherᵀ`: m × k by n × k; the sums of a layer of weight `other` for a batch.
    ///
    /// # Panics
    ///
    /// Panics if they do not have the same number of columns.
    #[must_use]
    pub fn times_transposed(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.rows, other.rows);
        product.set_product(0.0, 1.0, self.factor(), other.factor().transposed());
        product
    }

    /// Returns `selfᵀ · other`: k × m by k × n; the gradient of a weight.
    ///
    /// # Panics
    ///
    /// Panics if they do not have the same number of rows.
    #[must_use]
    pub fn transposed_times(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.columns, other.columns);
        product.set_product(0.0, 1.0, self.factor().transposed(), other.factor());
        product
    }

    /// Returns this matrix as a factor of a product.
    pub(crate) fn factor(&self) -> Factor<'_> {
        Factor::new(&self.values, self.rows, self.columns)
    }

    /// `self ← keep · self + scale · left · right`; with `keep` 0 the old values are not read.
    ///
    /// # Panics
    ///
    /// Panics if the shapes do not match.
    pub(crate) fn set_product(&mut self, keep: f32, scale: f32, left: Factor<'_>, right: Factor<'_>) {
        multiply(&mut self.values, (self.rows, self.columns), keep, scale, left, right);
    }

    /// Returns the sum of each column, in f64.
    #[must_use]
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns];
        for row in self.each_row() {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += f64::from(value);
            }
        }
        sums
    }
}

/// An error for values whose number does not match a matrix's size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a matrix of {rows} × {columns} needs rows × columns values, got {len}")]
pub struct MatrixError {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
    /// The number of values given.
    pub len: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(rows: usize, columns: usize) -> Matrix {
        let values = (0..rows * columns).map(|i| ((i * 37) % 23) as f32 - 11.0).collect();
        Matrix::new(rows, columns, values).unwrap()
    }

    fn naive(a: &Matrix, b: &Matrix) -> Vec<f32> {
        let sum = |i: usize, j: usize| (0..a.columns()).map(|k| a.row(i)[k] * b.row(k)[j]).sum();
        (0..a.rows()).flat_map(|i| (0..b.columns()).map(move |j| sum(i, j))).collect()
    }

    #[test]
    fn every_product_is_the_sum_of_its_terms() {
        for (m, k, n) in [(1, 1, 1), (3, 5, 2), (17, 33, 9), (70, 41, 64), (4, 0, 3), (0, 2, 2)] {
            let (a, b) = (counting(m, k), counting(k, n));
            let expected = naive(&a, &b);
            assert_eq!(a.times(&b).values(), expected, "{m} {k} {n}");
            assert_eq!(a.times_transposed(&b.transposed()).values(), expected, "{m} {k} {n}");
            assert_eq!(a.transposed().transposed_times(&b).values(), expected, "{m} {k} {n}");
        }
    }

    #[test]
    fn products_have_the_same_bits_on_any_number_of_threads() {
        let (a, b) = (counting(257, 300), counting(300, 129));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| a.times(&b))
        };
        assert!([2, 3, 8].into_iter().all(|threads| on(threads) == on(1)));
    }

    #[test]
    fn a_wrong_number_of_values_is_refused() {
        assert!(Matrix::new(2, 3, vec![0.0; 5]).is_err());
        assert!(Matrix::new(usize::MAX, 2, Vec::new()).is_err());
    }
}
