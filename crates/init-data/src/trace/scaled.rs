//! Matrices of f32 with a common power of two, for signals beyond the range of f32.

use rayon::prelude::*;

use crate::{layer::Layer, matrix::Matrix};

/// A matrix times a power of two: the precision of f32 with a wider range.
///
/// While its largest value is between 2⁻⁴⁰ and 2⁴¹ the power is 1: plain f32. Beyond that, values
/// are those of an f32 with a longer exponent, and hardly any is subnormal, which processors are
/// slow at.
#[derive(Clone, Debug)]
pub(super) struct Scaled {
    pub(super) matrix: Matrix,
    pub(super) exponent: i32,
}

/// Values per task: about ten microseconds of a transcendental function.
pub(super) const CHUNK: usize = 1024;

/// The maximum magnitude of the exponent up to which a matrix is left unscaled.
const UNSCALED: i32 = 40;

/// Returns value · 2^exponent.
pub(super) fn times_power(value: f64, exponent: i32) -> f64 {
    // In two steps: 2^exponent alone may be out of range.
    let half = exponent / 2;
    value * 2f64.powi(half) * 2f64.powi(exponent - half)
}

impl Scaled {
    pub(super) fn unscaled(matrix: Matrix) -> Self {
        Self { matrix, exponent: 0 }
    }

    /// Builds the matrix of the values that a function returns by index, and counts those that it
    /// marks. The function may be called twice for an index.
    pub(super) fn of(rows: usize, columns: usize, value: impl Fn(usize) -> (f64, bool) + Sync) -> (Self, u64) {
        let mut matrix = Matrix::zeros(rows, columns);
        let mut write = |exponent: i32| {
            let factor = |value: f64| if exponent == 0 { value } else { times_power(value, -exponent) };
            let chunks = matrix.values_mut().par_chunks_mut(CHUNK).enumerate();
            let chunks = chunks.map(|(chunk, values)| {
                let (mut largest, mut marked) = (0f64, 0u64);
                for (index, slot) in values.iter_mut().enumerate() {
                    let (value, mark) = value(chunk * CHUNK + index);
                    largest = largest.max(value.abs());
                    marked += u64::from(mark);
                    *slot = factor(value) as f32;
                }
                (largest, marked)
            });
            chunks.reduce(|| (0.0, 0), |a, b| (a.0.max(b.0), a.1 + b.1))
        };
        let (largest, marked) = write(0);
        let exponent = exponent_of(largest);
        if exponent.abs() > UNSCALED {
            write(exponent);
            return (Self { matrix, exponent }, marked);
        }
        (Self::unscaled(matrix), marked)
    }

    /// Returns x·Wᵀ + b.
    pub(super) fn sums(&self, layer: &Layer) -> Self {
        let mut matrix = self.matrix.times_transposed(&layer.weight);
        let bias: Vec<f32> =
            layer.bias.iter().map(|&bias| times_power(f64::from(bias), -self.exponent) as f32).collect();
        if bias.iter().any(|&bias| bias != 0.0) {
            for row in matrix.values_mut().chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(&bias).for_each(|(value, bias)| *value += bias);
            }
        }
        Self { matrix, exponent: self.exponent }
    }

    /// Applies φ to each sum. NaN stays NaN, although max(0, NaN) is 0.
    pub(super) fn activated(&self, layer: &Layer) -> Self {
        let value = |index| {
            let sum = self.at(index);
            (if sum.is_nan() { sum } else { layer.activation.value(sum, layer.slope) }, false)
        };
        Self::of(self.matrix.rows(), self.matrix.columns(), value).0
    }

    /// Returns the value at a flat index.
    pub(super) fn at(&self, index: usize) -> f64 {
        let value = f64::from(self.matrix.values()[index]);
        if self.exponent == 0 { value } else { times_power(value, self.exponent) }
    }
}

/// Returns ⌊log₂⌋ of a finite number above 0; of others 0.
fn exponent_of(value: f64) -> i32 {
    if value > 0.0 && value.is_finite() { value.log2().floor() as i32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_far_out_of_range_keep_their_precision() {
        for exponent in [-1000, -300, -42, 0, 41, 500, 1000] {
            let of = |index: usize| times_power(1.0 + index as f64 / 4.0, exponent);
            let (scaled, marked) = Scaled::of(2, 3, |index| (of(index), index > 3));
            assert_eq!(marked, 2);
            assert!((0..6).all(|index| scaled.at(index) == of(index)), "{exponent}: {scaled:?}");
            assert_eq!(scaled.exponent == 0, exponent == 0);
            assert!(scaled.matrix.values().iter().all(|value| value.is_normal()));
        }
    }

    #[test]
    fn zeros_and_values_that_are_not_finite_are_left_unscaled() {
        assert_eq!(Scaled::of(1, 2, |_| (0.0, false)).0.matrix.values(), [0.0, 0.0]);
        assert_eq!(Scaled::of(1, 1, |_| (f64::INFINITY, false)).0.matrix.values(), [f32::INFINITY]);
        assert!(Scaled::of(1, 1, |_| (f64::NAN, false)).0.matrix.values()[0].is_nan());
    }
}
