//! Comparing the statistics of a tensor with its distribution.

use half::{bf16, f16};
use init_core::{DType, Distribution};

use super::moments::Moments;

/// How far the statistics of a tensor are from those of its distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Whether the values stay inside the bounds.
    pub bound: Bound,
    /// The distance of the mean from the expected one, in standard errors σ/√n; none for a
    /// constant.
    pub mean_z: Option<f64>,
    /// The distance of the standard deviation from the expected one, in standard errors; none for a
    /// constant and for fewer than two values.
    ///
    /// For many values it is (s − σ) / (σ·√((κ − 1) / 4n)), with the kurtosis κ of the
    /// distribution. For few values, s is far from normal, and this is the z-score of its tail:
    /// s²/σ² has approximately the distribution of χ²/ν with the same variance 2/ν = (κ − 3)/n +
    /// 2/(n − 1), whose cube root is nearly normal (Wilson and Hilferty 1931).
    pub std_z: Option<f64>,
}

/// Whether the finite values of a tensor are within the bounds of its distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The distribution has no bounds.
    Open,
    /// Every finite value is within the bounds.
    Kept,
    /// A finite value is outside the bounds.
    Broken,
}

/// Compares the statistics of a tensor of this dtype with the distribution that it should have.
///
/// About 1 in 16,000 of the z-scores of a correct file is beyond ±4.
#[must_use]
pub fn compare(distribution: &Distribution, dtype: DType, moments: &Moments) -> Comparison {
    let n = moments.finite() as f64;
    let std = distribution.std();
    Comparison {
        bound: bound(distribution, dtype, moments),
        mean_z: (std > 0.0 && n > 0.0).then(|| (moments.mean() - distribution.mean()) / (std / n.sqrt())),
        std_z: (std > 0.0 && n > 1.0).then(|| std_score(moments.std() / std, distribution.kurtosis(), n)),
    }
}

/// Returns the z-score of a ratio s/σ of `n` values.
fn std_score(ratio: f64, kurtosis: f64, n: f64) -> f64 {
    let ninth = ((kurtosis - 3.0) / n + 2.0 / (n - 1.0)) / 9.0;
    (libm::cbrt(ratio * ratio) - (1.0 - ninth)) / ninth.sqrt()
}

fn bound(distribution: &Distribution, dtype: DType, moments: &Moments) -> Bound {
    let (mut low, mut high) = distribution.support();
    // A constant may be rounded past its value; any other distribution keeps its bounds in every
    // dtype.
    if low == high {
        (low, high) = (round(dtype, low), round(dtype, high));
    }
    if low == f64::NEG_INFINITY && high == f64::INFINITY {
        Bound::Open
    } else if moments.finite() == 0 || (moments.min() >= low && moments.max() <= high) {
        Bound::Kept
    } else {
        Bound::Broken
    }
}

/// Returns the stored value of a constant.
fn round(dtype: DType, value: f64) -> f64 {
    match dtype {
        DType::F64 => value,
        DType::F32 => f64::from(value as f32),
        DType::Bf16 => bf16::from_f32(value as f32).to_f64(),
        DType::F16 => f16::from_f32(value as f32).to_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The probability that χ² of an even number of degrees of freedom is above `x`, exactly.
    fn chi_squared_above(x: f64, degrees: u32) -> f64 {
        let mut term = (-x / 2.0).exp();
        let mut sum = term;
        for k in 1..degrees / 2 {
            term *= x / 2.0 / f64::from(k);
            sum += term;
        }
        sum
    }

    /// For n normal values, s²(n − 1)/σ² is χ² with n − 1 degrees of freedom: the tail of the score
    /// must have no more than its share, for any n.
    #[test]
    fn scores_of_few_values_are_as_rarely_extreme_as_those_of_many() {
        for degrees in [2, 4, 8, 20, 100, 400] {
            let n = f64::from(degrees) + 1.0;
            for z in [2.0, 4.0, 5.0, 6.0] {
                // The ratio with this score.
                let ratio = (0..200).fold((0.0, 100.0), |(low, high), _| {
                    let middle = (low + high) / 2.0;
                    if std_score(middle, 3.0, n) < z { (middle, high) } else { (low, middle) }
                });
                let above = chi_squared_above(ratio.0 * ratio.0 * f64::from(degrees), degrees);
                let normal = init_core::distribution::normal::sf(z);
                // Wilson and Hilferty's approximation is accurate to a few per cent here, and
                // conservative in the far tail.
                assert!(above < 1.1 * normal, "{degrees} degrees, z {z}: {above:e} for {normal:e}");
            }
        }
    }

    #[test]
    fn scores_of_many_values_are_distances_in_standard_errors() {
        for kurtosis in [1.8f64, 2.4, 3.0] {
            let n = 1e8;
            let error = ((kurtosis - 1.0) / (4.0 * n)).sqrt();
            for z in [-5.0, -1.0, 2.0, 6.0] {
                assert!((std_score(1.0 + z * error, kurtosis, n) - z).abs() < 2e-3);
            }
        }
    }
}
