//! Singular values by one-sided Jacobi rotations, with every sum in a fixed order.
//!
//! Library only: no command, recipe or C function calls it directly. The principal components of
//! `init-data` and [`mimetic`](crate::mimetic) weights are computed with it.

use crate::float_env::FloatEnv;

/// The singular value decomposition A = U·S·Vᵀ of a square matrix, the largest singular value
/// first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Svd {
    /// The singular values: the diagonal of S.
    pub values: Vec<f64>,
    /// The columns of U·S, which equals A·V.
    pub left: Vec<Vec<f64>>,
    /// The columns of V, which are the eigenvectors of a symmetric matrix without negative
    /// eigenvalues.
    pub right: Vec<Vec<f64>>,
}

/// The maximum number of sweeps. They converge quadratically; about ten are usual.
const SWEEPS: usize = 60;

/// Returns the singular values and vectors of a row-major square matrix, by one-sided Jacobi
/// rotations (M. R. Hestenes 1958).
///
/// Uses only sums, products, quotients and roots in f64, in a fixed order: the same bits on every
/// machine. Takes about ten sweeps of `10·size³` operations, on one thread. If the matrix has
/// values that are not finite, so have the vectors.
///
/// # Panics
///
/// Panics if there are not `size²` values.
///
/// ```
/// use init_kernels::svd::svd;
///
/// let svd = svd(&[0.0, 2.0, -3.0, 0.0], 2);
/// assert_eq!(svd.values, [3.0, 2.0]);
/// assert_eq!(svd.right, [[1.0, 0.0], [0.0, 1.0]]);
/// ```
#[must_use]
pub fn svd(matrix: &[f64], size: usize) -> Svd {
    assert_eq!(Some(matrix.len()), size.checked_mul(size), "a square matrix of this size must have size² values");
    FloatEnv::run(|| rotated(matrix, size))
}

fn rotated(matrix: &[f64], size: usize) -> Svd {
    let mut columns: Vec<Vec<f64>> =
        (0..size).map(|col| (0..size).map(|row| matrix[row * size + col]).collect()).collect();
    let mut right: Vec<Vec<f64>> =
        (0..size).map(|col| (0..size).map(|row| if row == col { 1.0 } else { 0.0 }).collect()).collect();
    // The cosine up to which columns count as orthogonal: the rounding error of a sum of that many
    // products.
    let orthogonal = f64::EPSILON * (size as f64).sqrt();
    for _ in 0..SWEEPS {
        let mut converged = true;
        for q in 1..size {
            for p in 0..q {
                if let Some((cos, sin)) = rotation(&columns[p], &columns[q], orthogonal) {
                    converged = false;
                    rotate(&mut columns, p, q, cos, sin);
                    rotate(&mut right, p, q, cos, sin);
                }
            }
        }
        if converged {
            break;
        }
    }
    let values: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let in_order = |columns: &mut Vec<Vec<f64>>| order.iter().map(|&j| std::mem::take(&mut columns[j])).collect();
    let (left, right) = (in_order(&mut columns), in_order(&mut right));
    Svd { values: order.iter().map(|&j| values[j]).collect(), left, right }
}

/// Returns the cosine and sine of the rotation that makes two columns orthogonal; `None` if they
/// are.
fn rotation(p: &[f64], q: &[f64], orthogonal: f64) -> Option<(f64, f64)> {
    let (alpha, beta, gamma) = (dot(p, p), dot(q, q), dot(p, q));
    if gamma.abs() <= orthogonal * (alpha.sqrt() * beta.sqrt()) {
        return None;
    }
    let zeta = (beta - alpha) / (2.0 * gamma);
    let tan = 1.0_f64.copysign(zeta) / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
    let cos = 1.0 / (1.0 + tan * tan).sqrt();
    Some((cos, cos * tan))
}

/// Rotates two columns.
fn rotate(columns: &mut [Vec<f64>], p: usize, q: usize, cos: f64, sin: f64) {
    let (before, after) = columns.split_at_mut(q);
    for (p, q) in before[p].iter_mut().zip(&mut after[0]) {
        (*p, *q) = (cos * *p - sin * *q, sin * *p + cos * *q);
    }
}

/// Returns the scalar product: eight interleaved sums, then those in order.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest = a_rest.iter().zip(b_rest).fold(0.0, |sum, (a, b)| sum + a * b);
    sums.iter().fold(rest, |sum, x| sum + x)
}
