//! Counts of values per cell, and tests of their fit.

use init_core::Distribution;
use init_kernels::{Element, Stream};

use super::{Cells, chi_square_sf, kolmogorov_sf, sample};
use crate::oracle::Value;

/// The number of values in each cell of a partition.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
}

/// A test statistic and its p-value.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    /// χ², or √n·D.
    pub statistic: f64,
    /// Degrees of freedom, for χ².
    pub dof: u64,
    /// The probability of a value at least as large.
    pub p: f64,
}

impl Histogram {
    /// Counts the first `chunks` chunks of a tensor.
    #[must_use]
    pub fn of<T: Value + Element>(cells: &Cells, chunks: u64, distribution: &Distribution, stream: Stream) -> Self {
        let start = || vec![0; cells.len()];
        let add = |counts: &mut Vec<u64>, values: &[T]| cells.each(values, |cell| counts[cell] += 1);
        Self { counts: sample(chunks, distribution, stream, start, add, added) }
    }

    /// Makes a histogram of given counts.
    #[must_use]
    pub fn new(counts: Vec<u64>) -> Self {
        Self { counts }
    }

    /// Returns the number in each cell.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    fn total(&self) -> f64 {
        self.counts.iter().sum::<u64>() as f64
    }

    /// Returns Pearson's χ², with neighbouring cells pooled until each group expects at least `expected`.
    #[must_use]
    pub fn chi_square(&self, cells: &Cells, expected: f64) -> Fit {
        let total = self.total();
        let mut groups: Vec<(u64, f64)> = Vec::new();
        let mut group = (0, 0.0);
        for (&count, (_, probability)) in self.counts.iter().zip(cells.probabilities()) {
            group = (group.0 + count, group.1 + probability * total);
            if group.1 >= expected {
                groups.push(std::mem::take(&mut group));
            }
        }
        // The remainder at the upper end is too small for a separate group.
        if let Some(last) = groups.last_mut() {
            *last = (last.0 + group.0, last.1 + group.1);
        }
        let statistic = groups.iter().map(|&(count, expected)| (count as f64 - expected).powi(2) / expected).sum();
        let dof = groups.len().saturating_sub(1) as u64;
        Fit { statistic, dof, p: if dof == 0 { 1.0 } else { chi_square_sf(statistic, dof) } }
    }

    /// Returns Kolmogorov's √n·D, with D evaluated at the ends of the cells.
    #[must_use]
    pub fn kolmogorov(&self, cells: &Cells) -> Fit {
        let total = self.total();
        let so_far = self.counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum as f64 / total)
        });
        let distance = so_far.zip(cells.cumulative()).map(|(found, exact)| (found - exact).abs()).fold(0.0, f64::max);
        let statistic = total.sqrt() * distance;
        Fit { statistic, dof: 0, p: kolmogorov_sf(statistic) }
    }
}

fn added(mut a: Vec<u64>, b: Vec<u64>) -> Vec<u64> {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}
