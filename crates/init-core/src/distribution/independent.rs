//! `Distribution`: what a kernel samples, element by element.

use core::fmt;

use crate::{
    distribution::normal::{self, truncated::Truncated},
    word::Number,
};

/// The distribution from which every element of a tensor is drawn independently.
///
/// The fields are public and may contain any number: [`validate`](Self::validate) checks them. The
/// moments of an invalid distribution are unspecified numbers, never a panic.
///
/// ```
/// use init_core::Distribution;
///
/// let distribution = Distribution::Uniform { low: -0.5, high: 0.5 };
/// assert_eq!(distribution.validate(), Ok(()));
/// assert_eq!(distribution.std(), 1.0 / 12_f64.sqrt());
/// assert_eq!(distribution.cdf(0.25), 0.75);
/// assert_eq!(distribution.to_string(), "uniform(low=-0.5, high=0.5)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// Every element has this value.
    Constant(f64),
    /// Uniform on [low, high); the constant `low` if both are equal.
    Uniform {
        /// The lower bound; finite.
        low: f64,
        /// The upper bound; finite, at least `low`.
        high: f64,
    },
    /// The normal distribution; the constant `mean` if `std` is 0.
    Normal {
        /// The mean; finite.
        mean: f64,
        /// The standard deviation; finite, at least 0.
        std: f64,
    },
    /// The normal distribution under the condition low ≤ x ≤ high.
    TruncatedNormal {
        /// The mean before truncation; finite.
        mean: f64,
        /// The standard deviation before truncation; finite, above 0.
        std: f64,
        /// The lower bound: a number or −∞.
        low: f64,
        /// The upper bound: a number or +∞, at least `low`.
        high: f64,
    },
}

impl Distribution {
    /// One of each kind that varies, with typical parameters, as benchmarks sample them:
    /// `xavier_uniform` for 784 → 256, and GPT-2's standard deviation, untruncated and truncated at
    /// two standard deviations.
    pub const TYPICAL: [Self; 3] = [
        Self::Uniform { low: -0.0759555, high: 0.0759555 },
        Self::Normal { mean: 0.0, std: 0.02 },
        Self::TruncatedNormal { mean: 0.0, std: 0.02, low: -0.04, high: 0.04 },
    ];

    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// [`DistributionError`] for a value, mean, standard deviation or uniform bound that is not
    /// finite, a negative standard deviation (also zero if truncated), a truncation bound that is
    /// NaN or infinite on the wrong side, and `low` above `high`.
    pub fn validate(&self) -> Result<(), DistributionError> {
        let distribution = self.name();
        let check = |parameter, value: f64, fine: bool, need| match fine {
            true => Ok(()),
            false => Err(DistributionError::OutOfRange { distribution, parameter, value, need }),
        };
        let finite = |parameter, value: f64| check(parameter, value, value.is_finite(), "a finite number");
        let (low, high) = match *self {
            Self::Constant(value) => return finite("value", value),
            Self::Normal { mean, std } => {
                finite("mean", mean)?;
                let fine = std.is_finite() && std >= 0.0;
                return check("std", std, fine, "a finite number of at least 0");
            }
            Self::Uniform { low, high } => {
                finite("low", low)?;
                finite("high", high)?;
                (low, high)
            }
            Self::TruncatedNormal { mean, std, low, high } => {
                finite("mean", mean)?;
                check("std", std, std.is_finite() && std > 0.0, "a finite number above 0")?;
                check("low", low, low < f64::INFINITY, "a number or -inf")?;
                check("high", high, high > f64::NEG_INFINITY, "a number or inf")?;
                (low, high)
            }
        };
        if low > high {
            return Err(DistributionError::LowAboveHigh { distribution, low, high });
        }
        Ok(())
    }

    /// Returns the distribution of `factor` times a value of this one. A factor that is not above 0
    /// gives an invalid distribution, which [`validate`](Self::validate) reports.
    ///
    /// ```
    /// use init_core::Distribution;
    ///
    /// let distribution = Distribution::Normal { mean: 1.0, std: 0.5 };
    /// assert_eq!(distribution.scaled(0.5), Distribution::Normal { mean: 0.5, std: 0.25 });
    /// ```
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match *self {
            Self::Constant(value) => Self::Constant(value * factor),
            Self::Uniform { low, high } => Self::Uniform { low: low * factor, high: high * factor },
            Self::Normal { mean, std } => Self::Normal { mean: mean * factor, std: std * factor },
            Self::TruncatedNormal { mean, std, low, high } => {
                Self::TruncatedNormal { mean: mean * factor, std: std * factor, low: low * factor, high: high * factor }
            }
        }
    }

    /// Returns the mean. Exact to a few units in the last place, in far tails as well.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Constant(value) => value,
            Self::Uniform { low, high } => {
                let sum = low + high;
                // Halved first only where the sum overflows: halving can lose a subnormal's bit.
                if sum.is_finite() { sum / 2.0 } else { low / 2.0 + high / 2.0 }
            }
            Self::Normal { mean, .. } => mean,
            Self::TruncatedNormal { mean, std, low, high } => Truncated::new(mean, std, low, high).moments().mean,
        }
    }

    /// Returns the standard deviation of the elements: for a truncated normal that *after*
    /// truncation.
    ///
    /// A closed form except for a truncated normal, where it is a quadrature of about a thousand
    /// exponentials, exact to about 1e-14 also for narrow bounds and far one-sided tails.
    ///
    /// ```
    /// use init_core::Distribution;
    ///
    /// let distribution = Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low: -2.0, high: 2.0 };
    /// assert!((distribution.std() - 0.87962566103423978).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn std(&self) -> f64 {
        match *self {
            Self::Constant(_) => 0.0,
            Self::Uniform { low, high } => {
                let width = high - low;
                if width.is_finite() { width / libm::sqrt(12.0) } else { (high / 2.0 - low / 2.0) / libm::sqrt(3.0) }
            }
            Self::Normal { std, .. } => std,
            Self::TruncatedNormal { mean, std, low, high } => Truncated::new(mean, std, low, high).moments().std,
        }
    }

    /// Returns the kurtosis E(x − mean)⁴ / std⁴: 3 for a normal, 1.8 for a uniform distribution,
    /// and NaN where every element is the same (for a truncated normal also where `std` is too
    /// small for an `f64`).
    #[must_use]
    pub fn kurtosis(&self) -> f64 {
        match *self {
            Self::Uniform { low, high } if low < high => 1.8,
            Self::Normal { std, .. } if std > 0.0 => 3.0,
            Self::TruncatedNormal { mean, std, low, high } if low < high => {
                Truncated::new(mean, std, low, high).moments().kurtosis
            }
            _ => f64::NAN,
        }
    }

    /// Returns the smallest interval that contains every value; (−∞, ∞) for a normal distribution.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match *self {
            Self::Constant(value) => (value, value),
            Self::Normal { mean, std: 0.0 } => (mean, mean),
            Self::Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Uniform { low, high } | Self::TruncatedNormal { low, high, .. } => (low, high),
        }
    }

    /// Returns the probability of a value of at most `x`; NaN for NaN.
    ///
    /// For a truncated normal, (Φ(z) − Φ(α)) / (Φ(β) − Φ(α)), from ratios of tails where those are
    /// small and from a quadrature where the bounds are close: the absolute error is below 1e-14.
    /// Constant time, at most a few hundred operations.
    ///
    /// ```
    /// use init_core::Distribution;
    ///
    /// let tail = Distribution::TruncatedNormal { mean: 0., std: 1., low: 100., high: f64::INFINITY };
    /// assert_eq!(tail.cdf(99.0), 0.0);
    /// assert!((tail.cdf(100.01) - 0.6321757).abs() < 1e-7); // nearly 1 − e⁻¹
    /// ```
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        let (low, high) = self.support();
        if x.is_nan() {
            return f64::NAN;
        }
        if x < low {
            return 0.0;
        }
        if x >= high {
            return 1.0;
        }
        match *self {
            // Unreachable: the support is one point, and x is below it or not.
            Self::Constant(_) => f64::NAN,
            Self::Uniform { low, high } => {
                let width = high - low;
                if width.is_finite() { (x - low) / width } else { (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) }
            }
            Self::Normal { mean, std } => normal::cdf((x - mean) / std),
            Self::TruncatedNormal { mean, std, low, high } => Truncated::new(mean, std, low, high).cdf(x),
        }
    }

    /// Returns whether the distribution is symmetric about its mean, to within rounding.
    #[must_use]
    pub fn is_symmetric(&self) -> bool {
        match *self {
            Self::Constant(_) | Self::Uniform { .. } | Self::Normal { .. } => true,
            Self::TruncatedNormal { mean, std, .. } => (self.mean() - mean).abs() <= 1e-9 * std,
        }
    }

    /// Returns the name: `constant`, `uniform`, `normal` or `truncated_normal`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Constant(_) => "constant",
            Self::Uniform { .. } => "uniform",
            Self::Normal { .. } => "normal",
            Self::TruncatedNormal { .. } => "truncated_normal",
        }
    }

    /// Returns the number that stands for the kind of distribution in files. A kind keeps its
    /// number for ever.
    #[must_use]
    pub fn tag(&self) -> u8 {
        match self {
            Self::Constant(_) => 0,
            Self::Uniform { .. } => 1,
            Self::Normal { .. } => 2,
            Self::TruncatedNormal { .. } => 3,
        }
    }

    /// Returns the names and values of the parameters, in the order of the text form.
    ///
    /// ```
    /// use init_core::Distribution;
    ///
    /// let distribution = Distribution::Normal { mean: 0.0, std: 0.02 };
    /// assert!(distribution.parameters().eq([("mean", 0.0), ("std", 0.02)]));
    /// ```
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, f64)> + use<> {
        const UNUSED: (&str, f64) = ("", 0.0);
        let (parameters, count) = match *self {
            Self::Constant(value) => ([("value", value), UNUSED, UNUSED, UNUSED], 1),
            Self::Uniform { low, high } => ([("low", low), ("high", high), UNUSED, UNUSED], 2),
            Self::Normal { mean, std } => ([("mean", mean), ("std", std), UNUSED, UNUSED], 2),
            Self::TruncatedNormal { mean, std, low, high } => {
                ([("mean", mean), ("std", std), ("low", low), ("high", high)], 4)
            }
        };
        parameters.into_iter().take(count)
    }
}

/// Prints every parameter, as the initializer that resolves to this distribution:
/// `normal(mean=0, std=0.02)`.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        for (index, (name, value)) in self.parameters().enumerate() {
            write!(f, "{}{name}={}", if index == 0 { "(" } else { ", " }, Number(value))?;
        }
        f.write_str(")")
    }
}

/// The error for invalid parameters of a [`Distribution`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DistributionError {
    /// A number outside its range.
    #[error("`{parameter}` of a {distribution} distribution must be {need}, got {}", Number(*.value))]
    OutOfRange {
        /// The name of the distribution.
        distribution: &'static str,
        /// The name of the parameter.
        parameter: &'static str,
        /// The number given.
        value: f64,
        /// The requirement, as in "must be …".
        need: &'static str,
    },
    /// The lower bound is above the upper bound.
    #[error(
        "`low` of a {distribution} distribution is {}, above its `high`, {}: swap them",
        Number(*.low),
        Number(*.high)
    )]
    LowAboveHigh {
        /// The name of the distribution.
        distribution: &'static str,
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
}
