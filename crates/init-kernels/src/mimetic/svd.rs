//! Singular values by one-sided Jacobi rotations, with every sum in one order.

/// Of a matrix U·S·Vᵀ the columns of U·√S and of V·√S, the greatest singular value first.
#[derive(Debug, Default)]
pub(super) struct Factors {
    pub(super) left: Vec<Vec<f64>>,
    pub(super) right: Vec<Vec<f64>>,
}

/// The most sweeps. They converge quadratically, ten are usual.
const SWEEPS: usize = 60;

/// Factors a square matrix, row-major.
pub(super) fn factors(matrix: &[f64], size: usize) -> Factors {
    let mut columns: Vec<Vec<f64>> =
        (0..size).map(|col| (0..size).map(|row| matrix[row * size + col]).collect()).collect();
    let mut right: Vec<Vec<f64>> =
        (0..size).map(|col| (0..size).map(|row| if row == col { 1.0 } else { 0.0 }).collect()).collect();
    // The cosine at which columns are orthogonal: what the rounding of a sum of so many products leaves.
    let orthogonal = f64::EPSILON * (size as f64).sqrt();
    for _ in 0..SWEEPS {
        let mut still = true;
        for q in 1..size {
            for p in 0..q {
                if let Some((cos, sin)) = rotation(&columns[p], &columns[q], orthogonal) {
                    still = false;
                    rotate(&mut columns, p, q, cos, sin);
                    rotate(&mut right, p, q, cos, sin);
                }
            }
        }
        if still {
            break;
        }
    }
    let values: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let scaled = |columns: &[Vec<f64>], factor: &dyn Fn(f64) -> f64| {
        let one = |&j: &usize| columns[j].iter().map(|x| x * factor(values[j])).collect();
        order.iter().map(one).collect()
    };
    Factors {
        left: scaled(&columns, &|value| if value == 0.0 { 0.0 } else { 1.0 / value.sqrt() }),
        right: scaled(&right, &f64::sqrt),
    }
}

/// The cosine and sine that make two columns orthogonal, unless they are.
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

fn rotate(columns: &mut [Vec<f64>], p: usize, q: usize, cos: f64, sin: f64) {
    let (before, after) = columns.split_at_mut(q);
    for (p, q) in before[p].iter_mut().zip(&mut after[0]) {
        (*p, *q) = (cos * *p - sin * *q, sin * *p + cos * *q);
    }
}

/// Eight sums side by side, then those in their order.
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
