//! The statistics of one layer's values.

use init_core::distribution::Histogram;
use rayon::prelude::*;

use super::scaled::{CHUNK, Scaled, times_power};

/// The statistics of one layer's values over a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The mean of all units and examples; NaN if a value is not finite.
    pub mean: f64,
    /// Their standard deviation; NaN if a value is not finite.
    pub std: f64,
    /// The fraction of values that are exactly 0.
    pub zeros: f64,
    /// The histogram of the other values; `None` if there are none, or a value is not finite.
    pub histogram: Option<Histogram>,
}

/// The number of bins.
const BINS: usize = 64;

/// The count, mean, sum of squared deviations, and range without zeros of a run of values.
#[derive(Clone, Copy)]
struct Statistics {
    count: f64,
    mean: f64,
    squares: f64,
    zeros: u64,
    low: f32,
    high: f32,
    finite: bool,
}

impl Statistics {
    fn of(values: &[f32]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
        let squares = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum();
        let mut statistics =
            Self { count, mean, squares, zeros: 0, low: f32::INFINITY, high: f32::NEG_INFINITY, finite: true };
        for &value in values {
            statistics.finite &= value.is_finite();
            if value == 0.0 {
                statistics.zeros += 1;
            } else {
                statistics.low = statistics.low.min(value);
                statistics.high = statistics.high.max(value);
            }
        }
        statistics
    }

    /// Merges two runs: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample
    /// variance", equation 1.5.
    fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        let delta = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + delta * other.count / count,
            squares: self.squares + other.squares + delta * delta * self.count * other.count / count,
            zeros: self.zeros + other.zeros,
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            finite: self.finite && other.finite,
        }
    }
}

impl Signal {
    /// Computes the statistics of all values. Partial sums are of fixed runs and added in order,
    /// whatever the number of threads.
    pub(super) fn of(values: &Scaled) -> Self {
        let exponent = values.exponent;
        let values = values.matrix.values();
        let runs: Vec<_> = values.par_chunks(CHUNK).map(Statistics::of).collect();
        let Some(statistics) = runs.into_iter().reduce(Statistics::merge) else {
            return Self { mean: f64::NAN, std: f64::NAN, zeros: 0.0, histogram: None };
        };
        let zeros = statistics.zeros as f64 / statistics.count;
        if !statistics.finite {
            return Self { mean: f64::NAN, std: f64::NAN, zeros, histogram: None };
        }
        let std = (statistics.squares / statistics.count).sqrt();
        let (low, high) = (statistics.low, statistics.high);
        let histogram = (low <= high).then(|| histogram(values, low, high, exponent));
        Self { mean: times_power(statistics.mean, exponent), std: times_power(std, exponent), zeros, histogram }
    }

    /// Returns E\[x²\].
    pub(super) fn square(&self) -> f64 {
        self.mean * self.mean + self.std * self.std
    }
}

fn histogram(values: &[f32], low: f32, high: f32, exponent: i32) -> Histogram {
    let (mut low, mut high) = (f64::from(low), f64::from(high));
    if low == high {
        // All values are equal: they fall into a bin in the middle.
        let half = 0.5 * low.abs();
        (low, high) = (low - half, high + half);
    }
    let scale = BINS as f64 / (high - low);
    let count = |values: &[f32]| {
        let mut counts = vec![0u64; BINS];
        for &value in values.iter().filter(|&&value| value != 0.0) {
            counts[(((f64::from(value) - low) * scale) as usize).min(BINS - 1)] += 1;
        }
        counts
    };
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let chunks = values.par_chunks(16 * CHUNK).map(count);
    let counts = chunks.reduce(|| vec![0; BINS], add);
    Histogram { low: times_power(low, exponent), high: times_power(high, exponent), counts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    fn signal(values: Vec<f32>) -> Signal {
        Signal::of(&Scaled::unscaled(Matrix::new(1, values.len(), values).unwrap()))
    }

    #[test]
    fn statistics_match_their_definition() {
        // 3000 values take several runs; the mean is far from 0, where a plain sum of squares would
        // lose digits.
        let values: Vec<f32> = (0..3000).map(|i| 1e4 + ((i * 37) % 101) as f32 / 8.0).collect();
        let n = values.len() as f64;
        let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let std = (values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n).sqrt();
        let found = signal(values);
        assert!((found.mean / mean - 1.0).abs() < 1e-14 && (found.std / std - 1.0).abs() < 1e-13, "{found:?}");
        let histogram = found.histogram.unwrap();
        assert_eq!((histogram.low, histogram.high), (1e4, 1e4 + 12.5));
        assert_eq!(histogram.counts.iter().sum::<u64>(), 3000);
        assert!(histogram.counts.iter().all(|&count| count > 0));
    }

    #[test]
    fn zeros_are_counted_separately_and_values_that_are_not_finite_give_no_statistics() {
        let half = signal(vec![0.0, 2.0, 0.0, 2.0]);
        assert_eq!((half.mean, half.std, half.zeros), (1.0, 1.0, 0.5));
        let histogram = half.histogram.unwrap();
        assert_eq!((histogram.low, histogram.high, histogram.counts[32]), (1.0, 3.0, 2));
        assert_eq!(signal(vec![0.0; 3]).histogram, None);
        for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let found = signal(vec![1.0, wrong]);
            assert!(found.mean.is_nan() && found.std.is_nan() && found.histogram.is_none());
        }
    }
}
