//! Moments of values: count, mean, standard deviation, kurtosis, minimum and maximum.

/// The number of independent sums, with which the compiler can use vector registers without
/// reordering additions.
const LANES: usize = 8;

/// Count, mean, central moments, minimum and maximum of a run of values, in f64.
///
/// The moments of two runs merge into those of both together (Pébay 2008, "Formulas for robust,
/// one-pass parallel computation of covariances and arbitrary-order statistical moments", equations
/// 2.1 and 3.1 for orders 2 to 4). Values that are not finite are counted separately and enter
/// nothing else. Without finite values every statistic is NaN.
///
/// ```
/// use init_model::check::Moments;
///
/// let all = Moments::of(&[1.0, 2.0, 3.0, 6.0]);
/// assert_eq!((all.mean(), all.min(), all.max()), (3.0, 1.0, 6.0));
/// assert_eq!(Moments::of(&[1.0, 2.0]).merge(&Moments::of(&[3.0, 6.0])).mean(), 3.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    finite: u64,
    nan: u64,
    infinite: u64,
    mean: f64,
    /// Sums of the second, third and fourth power of the distance from the mean.
    central: [f64; 3],
    min: f64,
    max: f64,
}

impl Default for Moments {
    /// The moments of no values.
    fn default() -> Self {
        Self {
            finite: 0,
            nan: 0,
            infinite: 0,
            mean: 0.0,
            central: [0.0; 3],
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Moments {
    /// Returns the moments of a run of values, in O(n) and with a fixed order of sums.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        if values.iter().all(|value| value.is_finite()) {
            return Self::of_finite(values);
        }
        let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let nan = values.iter().filter(|value| value.is_nan()).count() as u64;
        let infinite = (values.len() - finite.len()) as u64 - nan;
        Self { nan, infinite, ..Self::of_finite(&finite) }
    }

    fn of_finite(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let mean = sum(values, |value| value) / values.len() as f64;
        let central = [
            sum(values, |value| (value - mean).powi(2)),
            sum(values, |value| (value - mean).powi(3)),
            sum(values, |value| (value - mean).powi(4)),
        ];
        Self {
            finite: values.len() as u64,
            mean,
            central,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ..Self::default()
        }
    }

    /// Returns the moments of both runs together.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let (a, b) = (self.finite as f64, other.finite as f64);
        let n = a + b;
        let counts = Self {
            finite: self.finite + other.finite,
            nan: self.nan + other.nan,
            infinite: self.infinite + other.infinite,
            ..*self
        };
        if other.finite == 0 {
            return counts;
        }
        if self.finite == 0 {
            let Self { finite, nan, infinite, .. } = counts;
            return Self { finite, nan, infinite, ..*other };
        }
        let delta = other.mean - self.mean;
        let ([a2, a3, a4], [b2, b3, b4]) = (self.central, other.central);
        Self {
            mean: self.mean + delta * b / n,
            central: [
                a2 + b2 + delta.powi(2) * a * b / n,
                a3 + b3 + delta.powi(3) * a * b * (a - b) / n.powi(2) + 3.0 * delta * (a * b2 - b * a2) / n,
                a4 + b4
                    + delta.powi(4) * a * b * (a * a - a * b + b * b) / n.powi(3)
                    + 6.0 * delta.powi(2) * (a * a * b2 + b * b * a2) / n.powi(2)
                    + 4.0 * delta * (a * b3 - b * a3) / n,
            ],
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            ..counts
        }
    }

    /// Returns the number of finite values.
    #[must_use]
    pub fn finite(&self) -> u64 {
        self.finite
    }

    /// Returns the number of NaNs.
    #[must_use]
    pub fn nan(&self) -> u64 {
        self.nan
    }

    /// Returns the number of infinite values.
    #[must_use]
    pub fn infinite(&self) -> u64 {
        self.infinite
    }

    /// Returns the mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.or_nan(self.mean)
    }

    /// Returns the standard deviation of a sample: the root of the sum of squares over n − 1; 0 for
    /// one value.
    #[must_use]
    pub fn std(&self) -> f64 {
        self.or_nan((self.central[0] / self.finite.saturating_sub(1).max(1) as f64).sqrt())
    }

    /// Returns the kurtosis n·Σ(x−m)⁴ / (Σ(x−m)²)²: 3 for a normal distribution, 1.8 for a uniform
    /// one, NaN if all values are equal.
    #[must_use]
    pub fn kurtosis(&self) -> f64 {
        let [squares, _, fourths] = self.central;
        self.finite as f64 * fourths / (squares * squares)
    }

    /// Returns the minimum.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.or_nan(self.min)
    }

    /// Returns the maximum.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.or_nan(self.max)
    }

    fn or_nan(&self, statistic: f64) -> f64 {
        if self.finite == 0 { f64::NAN } else { statistic }
    }
}

#[inline]
fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (steps, rest) = values.as_chunks::<LANES>();
    for step in steps {
        for (lane, &value) in lanes.iter_mut().zip(step) {
            *lane += term(value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&value| term(value)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs().max(1.0)
    }

    #[test]
    fn merged_parts_are_the_whole() {
        let values: Vec<f64> = (0..1000).map(|i| f64::from(i * i % 977) * 1e-3 + 5.0).collect();
        let whole = Moments::of(&values);
        for cut in [0, 1, 7, 500, 999, 1000] {
            let (head, tail) = values.split_at(cut);
            let parts = Moments::of(head).merge(&Moments::of(tail));
            assert_eq!(parts.finite(), 1000);
            assert!(close(parts.mean(), whole.mean()), "cut {cut}");
            assert!(close(parts.std(), whole.std()), "cut {cut}");
            assert!(close(parts.kurtosis(), whole.kurtosis()), "cut {cut}");
            assert_eq!((parts.min(), parts.max()), (whole.min(), whole.max()));
        }
    }

    #[test]
    fn moments_of_a_die() {
        let die = Moments::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(die.mean(), 3.5);
        assert!(close(die.std(), 3.5f64.sqrt()));
        assert!(close(die.kurtosis(), 303.0 / 175.0));
    }

    #[test]
    fn values_that_are_not_finite_are_counted_separately() {
        let odd = Moments::of(&[1.0, f64::NAN, 3.0, f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!((odd.finite(), odd.nan(), odd.infinite()), (2, 1, 2));
        assert_eq!((odd.mean(), odd.min(), odd.max()), (2.0, 1.0, 3.0));

        let none = Moments::of(&[f64::NAN]).merge(&Moments::of(&[f64::NAN]));
        assert_eq!(none.nan(), 2);
        assert!(none.mean().is_nan() && none.std().is_nan() && none.min().is_nan());
        let some = none.merge(&Moments::of(&[2.0]));
        assert_eq!((some.nan(), some.finite(), some.mean(), some.std()), (2, 1, 2.0, 0.0));
    }
}
