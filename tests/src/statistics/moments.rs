//! The first four moments of an exact distribution, and of a sample in standard errors.

use init_core::Distribution;
use init_kernels::{Element, Stream};

use super::{Cells, sample};
use crate::oracle::Value;

/// Nodes of the quadrature over the support of a distribution.
const NODES: u32 = 1 << 14;

/// A density below e⁻⁸⁰ of its maximum is left out.
const FALL: f64 = 80.0;

/// Mean, standard deviation, and the central moments up to the eighth in units of it.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    /// E(x).
    pub mean: f64,
    /// √E((x − mean)²).
    pub std: f64,
    /// E(((x − mean)/std)ᵏ) for k from 0 to 8.
    pub standard: [f64; 9],
}

impl Moments {
    /// Computes the moments over the real numbers, by Simpson's rule; shares no code with `init-core`.
    #[must_use]
    pub fn of_distribution(distribution: &Distribution) -> Self {
        // The density around its mode, and its extent.
        let (low, high) = distribution.support();
        let (mode, slope, curvature, reach) = match *distribution {
            Distribution::Normal { mean, std } | Distribution::TruncatedNormal { mean, std, .. } => {
                let mode = mean.max(low).min(high);
                let z = (mode - mean) / std;
                (mode, z / std, 0.5 / (std * std), 2.0 * FALL / (z.abs() + (z * z + 2.0 * FALL).sqrt()) * std)
            }
            _ => (low, 0.0, 0.0, f64::INFINITY),
        };
        let (from, to) = ((low - mode).max(-reach), (high - mode).min(reach));
        let step = (to - from) / f64::from(NODES);
        let weighted = (0..=NODES).map(|i| {
            let simpson = match i {
                0 | NODES => 1.0,
                _ => f64::from(2 + 2 * (i & 1)),
            };
            let distance = from + step * f64::from(i);
            (distance, simpson * (-distance * (slope + curvature * distance)).exp())
        });
        let moments = Self::of_points(weighted);
        Self { mean: mode + moments.mean, ..moments }
    }

    /// Computes the moments of the rounded values of a 16-bit type.
    #[must_use]
    pub fn of_values(cells: &Cells) -> Self {
        Self::of_points(cells.probabilities())
    }

    fn of_points(points: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        // The outermost values of a type have no weight, and their powers overflow.
        let points = points.filter(|&(_, weight)| weight > 0.0);
        let total: f64 = points.clone().map(|(_, weight)| weight).sum();
        let mean = points.clone().map(|(x, weight)| x * weight).sum::<f64>() / total;
        let variance = points.clone().map(|(x, weight)| (x - mean).powi(2) * weight).sum::<f64>() / total;
        let std = variance.sqrt();
        let standard = std::array::from_fn(|k| {
            points.clone().map(|(x, weight)| ((x - mean) / std).powi(k as i32) * weight).sum::<f64>() / total
        });
        Self { mean, std, standard }
    }
}

/// Sums of the first four powers of (x − mean)/std, with the exact mean and standard deviation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    count: u64,
    powers: [f64; 4],
}

impl Sums {
    /// Sums over the first `chunks` chunks of a tensor.
    #[must_use]
    pub fn of<T: Value + Element>(exact: &Moments, chunks: u64, distribution: &Distribution, stream: Stream) -> Self {
        let add = |sums: &mut Self, values: &[T]| *sums = sums.and(Self::of_values(exact, values));
        sample(chunks, distribution, stream, Self::default, add, Self::and)
    }

    fn of_values<T: Value>(exact: &Moments, values: &[T]) -> Self {
        let (mean, scale) = (exact.mean, 1.0 / exact.std);
        let mut powers = [0.0; 4];
        for x in values {
            let d = (x.exact() - mean) * scale;
            let square = d * d;
            powers = [powers[0] + d, powers[1] + square, powers[2] + square * d, powers[3] + square * square];
        }
        Self { count: values.len() as u64, powers }
    }

    fn and(self, other: Self) -> Self {
        let powers = std::array::from_fn(|k| self.powers[k] + other.powers[k]);
        Self { count: self.count + other.count, powers }
    }

    /// Returns the deviations of mean, variance, third (skewness) and fourth moment (kurtosis) from the
    /// exact ones, in standard errors.
    ///
    /// The standard error of the k-th is √((m₂ₖ − mₖ²)/n) with the exact mₖ: nothing is fitted.
    #[must_use]
    pub fn deviations(&self, exact: &Moments) -> [f64; 4] {
        let count = self.count as f64;
        std::array::from_fn(|i| {
            let (k, m) = (i + 1, &exact.standard);
            (self.powers[i] / count - m[k]) / ((m[2 * k] - m[k] * m[k]) / count).sqrt()
        })
    }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::cases::{normal, truncated, uniform};
    use crate::statistics::distributions;

    #[test]
    fn the_quadrature_agrees_with_the_closed_forms_and_with_init_core() {
        for (name, distribution) in distributions() {
            let exact = Moments::of_distribution(&distribution);
            let close = |a: f64, b: f64| (a - b).abs() < 1e-9 * (exact.std.min(1.0) + b.abs() * 1e-3);
            assert!(close(exact.mean, distribution.mean()), "{name}: {exact:?}");
            assert!(close(exact.std, distribution.std()), "{name}: {exact:?}");
            assert!((exact.standard[4] - distribution.kurtosis()).abs() < 1e-9, "{name}: {exact:?}");
        }
        let even = |distribution| [2, 4, 6, 8].map(|k| Moments::of_distribution(&distribution).standard[k]);
        for (found, expected) in [
            (even(normal(3.0, 0.1)), [1.0, 3.0, 15.0, 105.0]),
            (even(uniform(-1.0, 2.0)), [1.0, 9.0 / 5.0, 27.0 / 7.0, 9.0]),
        ] {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-8), "{found:?}");
        }
        // A far tail is nearly exponential.
        let tail = Moments::of_distribution(&truncated(0.0, 1.0, 2000.0, f64::INFINITY));
        assert!((tail.standard[3] - 2.0).abs() < 1e-5 && (tail.standard[4] - 9.0).abs() < 2e-5, "{tail:?}");
    }

    #[test]
    fn rounding_moves_the_moments_of_a_narrow_distribution() {
        // Nearly all values are 20 or 20.125 in bf16.
        let distribution = truncated(0.0, 1.0, 20.0, f64::INFINITY);
        let (real, rounded) =
            (Moments::of_distribution(&distribution), Moments::of_values(&Cells::values::<bf16>(&distribution)));
        assert!((real.mean - 20.0498).abs() < 1e-3 && (rounded.mean - 20.0389).abs() < 3e-3, "{real:?} {rounded:?}");
    }

    #[test]
    fn deviations_are_in_standard_errors() {
        let exact = Moments::of_distribution(&normal(1.0, 2.0));
        let deviations = Sums::of_values(&exact, &[3f64, 3.0, 3.0, 3.0]).deviations(&exact);
        let expected = [2.0, 0.0, 2.0 / 15_f64.sqrt(), -4.0 / 96_f64.sqrt()];
        assert!(deviations.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{deviations:?}");
    }
}
