//! Pairs of values: χ² over a grid, and correlations.

use init_core::Distribution;

use super::{Cells, Moments, chi_square_sf};
use crate::oracle::Value;

/// Cells along each side of the grid.
const SIDE: usize = 64;

/// Pairs of values of one distribution, counted on a grid of 64 × 64 equally probable cells.
#[derive(Clone, Debug)]
pub struct Pairs {
    cells: Cells,
    exact: Moments,
    distance: usize,
    offset: usize,
}

/// Counts and sums over a number of pairs.
#[derive(Clone, Debug)]
pub struct Score {
    grid: Vec<u64>,
    count: u64,
    products: f64,
    squares: f64,
}

impl Pairs {
    /// Pairs the elements `i` and `i + distance` of a chunk, each element in one pair at most; the first
    /// pair starts at `offset`.
    #[must_use]
    pub fn new<T: Value>(distribution: &Distribution, distance: usize, offset: usize) -> Self {
        Self {
            cells: Cells::equiprobable::<T>(distribution, SIDE),
            exact: Moments::of_distribution(distribution),
            distance,
            offset,
        }
    }

    /// Returns the score of no pairs.
    #[must_use]
    pub fn start(&self) -> Score {
        Score { grid: vec![0; SIDE * SIDE], count: 0, products: 0.0, squares: 0.0 }
    }

    /// Counts the pairs of a chunk.
    pub fn add<T: Value>(&self, score: &mut Score, values: &[T]) {
        let mut cells = Vec::with_capacity(values.len());
        self.cells.each(values, |cell| cells.push(cell));
        let standard = |x: T| (x.exact() - self.exact.mean) / self.exact.std;
        let halves = values[self.offset..].chunks_exact(2 * self.distance);
        for (values, cells) in halves.zip(cells[self.offset..].chunks_exact(2 * self.distance)) {
            let ((a, b), (cell_a, cell_b)) = (values.split_at(self.distance), cells.split_at(self.distance));
            for i in 0..self.distance {
                score.grid[SIDE * cell_a[i] + cell_b[i]] += 1;
                let (x, y) = (standard(a[i]), standard(b[i]));
                score.products += x * y;
                score.squares += (x * x - 1.0) * (y * y - 1.0);
            }
            score.count += self.distance as u64;
        }
    }

    /// Returns the p-value of χ² over the grid.
    #[must_use]
    pub fn chi_square(&self, score: &Score) -> f64 {
        let probabilities: Vec<f64> = self.cells.probabilities().map(|(_, p)| p).collect();
        let cells = score.grid.iter().enumerate().map(|(cell, &count)| {
            let expected = score.count as f64 * probabilities[cell / SIDE] * probabilities[cell % SIDE];
            (count as f64 - expected).powi(2) / expected
        });
        chi_square_sf(cells.sum(), (SIDE * SIDE - 1) as u64)
    }

    /// Returns the correlations of the values and of their squares, in standard errors.
    #[must_use]
    pub fn correlations(&self, score: &Score) -> [f64; 2] {
        let root = (score.count as f64).sqrt();
        [score.products / root, score.squares / (self.exact.standard[4] - 1.0) / root]
    }
}

impl Score {
    /// Adds two scores.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.grid.iter_mut().zip(other.grid).for_each(|(a, b)| *a += b);
        Self {
            grid: self.grid,
            count: self.count + other.count,
            products: self.products + other.products,
            squares: self.squares + other.squares,
        }
    }

    /// Returns the number of pairs.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::uniform;

    #[test]
    fn no_element_is_in_two_pairs() {
        let distribution = uniform(0.0, 64.0);
        let pairs = Pairs::new::<f64>(&distribution, 2, 1);
        let mut score = pairs.start();
        let values: Vec<f64> = (0..12).map(|i| f64::from(i) + 0.5).collect();
        pairs.add(&mut score, &values);
        let counted: Vec<usize> = (0..SIDE * SIDE).filter(|&cell| score.grid[cell] == 1).collect();
        assert_eq!(counted, [(1, 3), (2, 4), (5, 7), (6, 8)].map(|(a, b)| SIDE * a + b));
        assert_eq!(score.count(), 4);
    }
}
