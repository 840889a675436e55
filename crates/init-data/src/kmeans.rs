//! Spherical k-means: unit vectors that examples point along.

use init_kernels::Stream;

use crate::{matrix::Matrix, shuffle::unit};

/// The directions of examples, by spherical k-means: unit vectors d₁ … d_k that make Σᵢ
/// ‖xᵢ − sᵢ·d_c(i)‖² small, where example i is assigned to one of them, c(i), with a coordinate sᵢ
/// along it, of either sign.
///
/// A. Coates and A. Y. Ng 2012, *Learning feature representations with k-means*, with their sᵢ:
/// dⱼ·xᵢ for the j of largest magnitude. They run it on whitened data, and find ten rounds to be
/// enough. It starts from examples drawn as in k-means++, each with a probability proportional to
/// its error so far (D. Arthur and S. Vassilvitskii 2007), instead of from random directions. A
/// direction without examples restarts from the example of the largest error.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    /// The directions, one per row.
    pub directions: Matrix,
    /// The mean of ‖xᵢ − sᵢ·d_c(i)‖² over the examples: at the start, then after each round. Apart
    /// from the rounding of f32 it never grows.
    pub errors: Vec<f64>,
}

impl KMeans {
    /// The recommended number of rounds.
    pub const ROUNDS: usize = 10;

    /// Finds the directions of examples, one example per row.
    ///
    /// # Errors
    ///
    /// Returns [`KMeansError`] for values that are not finite, and for fewer different directions
    /// among the examples than are requested.
    pub fn of(examples: &Matrix, count: usize, rounds: usize, stream: Stream) -> Result<Self, KMeansError> {
        let squares: Vec<f64> = examples.each_row().map(square).collect();
        if !squares.iter().sum::<f64>().is_finite() {
            return Err(KMeansError::NotFinite);
        }
        let mut directions = seeds(examples, &squares, count, stream)?;
        let mut nearest = Nearest::of(examples, &directions, &squares);
        let mut errors = vec![nearest.mean_error()];
        for _ in 0..rounds {
            directions = nearest.directions(examples, &directions);
            nearest = Nearest::of(examples, &directions, &squares);
            errors.push(nearest.mean_error());
        }
        Ok(Self { directions, errors })
    }
}

fn square(row: &[f32]) -> f64 {
    row.iter().map(|&x| f64::from(x) * f64::from(x)).sum()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

fn unit_row(into: &mut [f32], from: impl Iterator<Item = f64> + Clone) {
    let length = from.clone().map(|x| x * x).sum::<f64>().sqrt();
    into.iter_mut().zip(from).for_each(|(into, from)| *into = (from / length) as f32);
}

/// Draws the first directions: examples, each with a probability proportional to its squared
/// distance from those so far.
fn seeds(examples: &Matrix, squares: &[f64], count: usize, stream: Stream) -> Result<Matrix, KMeansError> {
    let mut rng = stream.rng();
    let mut directions = Matrix::zeros(count, examples.columns());
    let mut left = squares.to_vec();
    for seed in 0..count {
        // The rounding of an example that points along a direction is not an error.
        let error = |i: usize| if left[i] > 1e-6 * squares[i] { left[i] } else { 0.0 };
        let total = (0..left.len()).map(error).sum::<f64>();
        if total == 0.0 {
            return Err(KMeansError::Few { count, different: seed });
        }
        let mut until = unit(&mut rng) * total;
        let within = |&i: &usize| {
            until -= error(i);
            until < 0.0 && error(i) > 0.0
        };
        // Rounding may leave a part of the total after the last example.
        let last = || (0..left.len()).rev().find(|&i| error(i) > 0.0);
        let chosen = (0..left.len()).find(within).or_else(last).unwrap_or_default();
        unit_row(directions.row_mut(seed), examples.row(chosen).iter().map(|&x| f64::from(x)));
        for (left, (row, square)) in left.iter_mut().zip(examples.each_row().zip(squares)) {
            *left = left.min(square - dot(row, directions.row(seed)).powi(2));
        }
    }
    Ok(directions)
}

/// Each example's direction, its coordinate along it, and its remaining squared error.
struct Nearest {
    direction: Vec<usize>,
    coordinate: Vec<f64>,
    error: Vec<f64>,
}

impl Nearest {
    fn of(examples: &Matrix, directions: &Matrix, squares: &[f64]) -> Self {
        let products = examples.times_transposed(directions);
        let mut nearest = Self { direction: Vec::new(), coordinate: Vec::new(), error: Vec::new() };
        for ((row, products), square) in examples.each_row().zip(products.each_row()).zip(squares) {
            let better = |best: usize, j: usize| if products[j].abs() > products[best].abs() { j } else { best };
            let direction = (0..products.len()).fold(0, better);
            let coordinate = dot(row, directions.row(direction));
            nearest.direction.push(direction);
            nearest.coordinate.push(coordinate);
            nearest.error.push((square - coordinate * coordinate).max(0.0));
        }
        nearest
    }

    fn mean_error(&self) -> f64 {
        self.error.iter().sum::<f64>() / self.error.len().max(1) as f64
    }

    /// Returns the best directions for these assignments: along Σ sᵢ·xᵢ.
    fn directions(&self, examples: &Matrix, before: &Matrix) -> Matrix {
        let mut sums = vec![0.0; before.rows() * before.columns()];
        for ((row, &direction), &coordinate) in examples.each_row().zip(&self.direction).zip(&self.coordinate) {
            let sum = &mut sums[direction * before.columns()..][..before.columns()];
            sum.iter_mut().zip(row).for_each(|(sum, &x)| *sum += coordinate * f64::from(x));
        }
        let mut by_error: Vec<usize> = (0..self.error.len()).collect();
        by_error.sort_by(|&a, &b| self.error[b].total_cmp(&self.error[a]));
        let mut worst = by_error.into_iter().filter(|&i| self.error[i] > 0.0);
        let mut directions = before.clone();
        for (direction, sum) in sums.chunks_exact(before.columns().max(1)).enumerate() {
            let row = directions.row_mut(direction);
            if sum.iter().any(|&x| x != 0.0) {
                unit_row(row, sum.iter().copied());
            } else if let Some(example) = worst.next() {
                unit_row(row, examples.row(example).iter().map(|&x| f64::from(x)));
            }
        }
        directions
    }
}

/// An error in the examples of k-means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KMeansError {
    /// Fewer different examples than directions.
    #[error(
        "the examples have {different} distinct directions, but {count} are required; give more examples or \
         fewer units"
    )]
    Few {
        /// The number requested.
        count: usize,
        /// The number of different directions.
        different: usize,
    },
    /// Values that are NaN, infinite, or so large that squares overflow.
    #[error("the examples have values that are not finite or overflow when squared; fix or scale them")]
    NotFinite,
}
