//! Principal components of examples.

use init_kernels::svd::svd;

use crate::matrix::Matrix;

/// The principal components of examples: the directions in which they vary most, each orthogonal to
/// those before it (K. Pearson 1901; H. Hotelling 1933).
///
/// They are the eigenvectors of the covariance, found in f64 by
/// [Jacobi rotations](init_kernels::svd::svd()), which take about ten sweeps of `10·columns³`
/// operations: a moment for hundreds of columns, a minute for a thousand.
///
/// ```
/// use init_data::{Matrix, Pca};
///
/// // On a line: x, 2x + 1.
/// let data = Matrix::new(3, 2, vec![0.0, 1.0, 1.0, 3.0, 2.0, 5.0])?;
/// let pca = Pca::of(&data)?;
/// assert_eq!(pca.rank(), 1);
/// assert!((pca.directions[0][1] / pca.directions[0][0] - 2.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// The mean of each column.
    pub mean: Vec<f64>,
    /// The variance along each direction, the largest first.
    pub variances: Vec<f64>,
    /// As many directions as columns, of length 1; the coordinate of largest magnitude is positive.
    pub directions: Vec<Vec<f64>>,
}

/// Variances below this fraction of the largest are rounding: far above that of f32, far below the
/// steps of a pixel.
const ROUNDING: f64 = 1e-10;

impl Pca {
    /// Computes the components of examples, one example per row.
    ///
    /// # Errors
    ///
    /// Returns [`PcaError`] for fewer than two examples, and for values that are all the same or
    /// not finite.
    pub fn of(examples: &Matrix) -> Result<Self, PcaError> {
        let (count, size) = (examples.rows() as f64, examples.columns());
        if examples.rows() < 2 {
            return Err(PcaError::Few { rows: examples.rows() });
        }
        let mean: Vec<f64> = examples.column_sums().into_iter().map(|sum| sum / count).collect();
        let mut covariance = vec![0.0; size * size];
        for row in examples.each_row() {
            let centred: Vec<f64> = row.iter().zip(&mean).map(|(&value, mean)| f64::from(value) - mean).collect();
            for (sums, left) in covariance.chunks_exact_mut(size).zip(&centred) {
                for (sum, right) in sums.iter_mut().zip(&centred) {
                    *sum += left * right / count;
                }
            }
        }
        let svd = svd(&covariance, size);
        let total = svd.values.iter().sum::<f64>();
        if !total.is_finite() {
            return Err(PcaError::NotFinite);
        }
        let square = mean.iter().map(|mean| mean * mean).sum::<f64>();
        if total <= 1e-12 * square || total == 0.0 {
            return Err(PcaError::Constant);
        }
        let mut directions = svd.right;
        for direction in &mut directions {
            let largest =
                direction.iter().copied().fold(0.0, |most: f64, x| if x.abs() > most.abs() { x } else { most });
            direction.iter_mut().for_each(|x| *x *= 1.0_f64.copysign(largest));
        }
        Ok(Self { mean, variances: svd.values, directions })
    }

    /// Returns the number of directions in which the examples vary by more than rounding.
    #[must_use]
    pub fn rank(&self) -> usize {
        let threshold = ROUNDING * self.variances.first().copied().unwrap_or_default();
        self.variances.iter().take_while(|&&variance| variance > threshold).count()
    }

    /// Returns the directions along which examples vary, one per row, each divided by √(variance +
    /// `ridge`): with a ridge of 0, centred examples times the transpose of this are white.
    ///
    /// # Panics
    ///
    /// Panics unless the directions have as many coordinates as there are means; those of
    /// [`of`](Self::of) have.
    #[must_use]
    pub fn whitening(&self, ridge: f64) -> Matrix {
        let rank = self.rank();
        let pairs = self.directions.iter().zip(&self.variances).take(rank);
        let rows = pairs.flat_map(|(direction, variance)| {
            let std = (variance + ridge).sqrt();
            direction.iter().map(move |x| (x / std) as f32)
        });
        Matrix::new(rank, self.mean.len(), rows.collect()).expect("a direction has a coordinate for each column")
    }

    /// Returns the examples minus the mean.
    ///
    /// # Panics
    ///
    /// Panics if they have another number of columns.
    #[must_use]
    pub fn centred(&self, examples: &Matrix) -> Matrix {
        assert_eq!(examples.columns(), self.mean.len(), "examples of the components' columns");
        let mut centred = examples.clone();
        for row in centred.values_mut().chunks_exact_mut(self.mean.len().max(1)) {
            for (value, mean) in row.iter_mut().zip(&self.mean) {
                *value = (f64::from(*value) - mean) as f32;
            }
        }
        centred
    }
}

/// The error for examples without principal components.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PcaError {
    /// Too few examples.
    #[error("principal components need at least two examples, better more than there are columns, got {rows}")]
    Few {
        /// The number of examples.
        rows: usize,
    },
    /// Examples that are all the same.
    #[error("the examples are all the same; give examples that differ")]
    Constant,
    /// Values that are NaN, infinite, or so large that squares overflow.
    #[error("the examples have values that are not finite or overflow when squared; fix or scale them")]
    NotFinite,
}
