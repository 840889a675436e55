//! Histograms of values.

use alloc::vec::Vec;

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
    ///
    /// ```
    /// use init_core::distribution::Histogram;
    ///
    /// let histogram = Histogram { low: 0.0, high: 100.0, counts: vec![1; 10] };
    /// assert_eq!(histogram.edges(3), (30.0, 40.0));
    /// ```
    #[must_use]
    pub fn edges(&self, index: usize) -> (f64, f64) {
        let at = |i: usize| {
            let share = i as f64 / self.counts.len() as f64;
            self.low * (1.0 - share) + self.high * share
        };
        (at(index), at(index + 1))
    }
}
