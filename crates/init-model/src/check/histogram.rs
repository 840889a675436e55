//! Histograms of values.

/// A histogram: the number of values in each of several bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The lower edge of the first bin.
    pub low: f64,
    /// The upper edge of the last bin, which includes it.
    pub high: f64,
    /// The number of values in each bin.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Returns the edges of bin `index`.
    #[must_use]
    pub fn edges(&self, index: usize) -> (f64, f64) {
        let at = |i: usize| {
            let share = i as f64 / self.counts.len() as f64;
            self.low * (1.0 - share) + self.high * share
        };
        (at(index), at(index + 1))
    }

    /// Counts the values from `low` to `high`.
    pub(crate) fn count(low: f64, high: f64, bins: usize, values: &[f64]) -> Self {
        let mut counts = vec![0; bins];
        // Half of the width, so that the widest f64 range does not overflow.
        let half = high / 2.0 - low / 2.0;
        for value in values.iter().filter(|value| (low..=high).contains(value)) {
            let share = if half > 0.0 { (value / 2.0 - low / 2.0) / half } else { 0.0 };
            counts[((share * bins as f64) as usize).min(bins - 1)] += 1;
        }
        Self { low, high, counts }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_bin() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let histogram = Histogram::count(0.0, 100.0, 10, &values);
        assert_eq!(histogram.counts, [10, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
        assert_eq!(histogram.edges(3), (30.0, 40.0));

        let equal = Histogram::count(0.5, 0.5, 4, &[0.5; 7]);
        assert_eq!(equal.counts, [7, 0, 0, 0]);

        let widest = Histogram::count(f64::MIN, f64::MAX, 2, &[f64::MIN, -1e300, 1e300, f64::MAX]);
        assert_eq!(widest.counts, [2, 2]);
    }
}
