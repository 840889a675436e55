//! Counting the values of a histogram.

use init_core::distribution::Histogram;

/// Counts the values from `low` to `high`.
pub(super) fn count(low: f64, high: f64, bins: usize, values: &[f64]) -> Histogram {
    let mut counts = vec![0; bins];
    // Half of the width, so that the widest f64 range does not overflow.
    let half = high / 2.0 - low / 2.0;
    for value in values.iter().filter(|value| (low..=high).contains(value)) {
        let share = if half > 0.0 { (value / 2.0 - low / 2.0) / half } else { 0.0 };
        counts[((share * bins as f64) as usize).min(bins - 1)] += 1;
    }
    Histogram { low, high, counts }
}

/// Adds the counts of two histograms of the same bins.
pub(super) fn merge(mut one: Histogram, other: Histogram) -> Histogram {
    for (count, more) in one.counts.iter_mut().zip(other.counts) {
        *count += more;
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_bin() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let histogram = count(0.0, 100.0, 10, &values);
        assert_eq!(histogram.counts, [10, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
        assert_eq!(histogram.edges(3), (30.0, 40.0));
        assert_eq!(merge(histogram.clone(), histogram).counts[9], 22);

        let equal = count(0.5, 0.5, 4, &[0.5; 7]);
        assert_eq!(equal.counts, [7, 0, 0, 0]);

        let widest = count(f64::MIN, f64::MAX, 2, &[f64::MIN, -1e300, 1e300, f64::MAX]);
        assert_eq!(widest.counts, [2, 2]);
    }
}
