//! Restricted Boltzmann machines: weights, biases, and their start.

use init_core::{Activation, Distribution};
use init_kernels::{Stream, fill};

use super::{error::RbmError, visible::Visible};
use crate::{layer::Layer, matrix::Matrix};

/// A restricted Boltzmann machine.
///
/// ```
/// use init_data::{Matrix, rbm::{Rbm, Reconstruction, Trainer, TrainingOptions, Visible}};
/// use init_kernels::Stream;
///
/// // Two patterns, and a machine that learns them.
/// let data = Matrix::new(2, 4, vec![1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0])?;
/// let reconstruction = Reconstruction::Drawn;
/// let options = TrainingOptions { reconstruction, batch: 2, ..TrainingOptions::default() };
/// let mut trainer = Trainer::new(&data, Visible::Bernoulli, 3, options, Stream::new(42))?;
/// let before = trainer.rbm().log_likelihood(&data)?;
/// for _ in 0..500 {
///     trainer.epoch()?;
/// }
/// let after = trainer.rbm().log_likelihood(&data)?;
/// assert!(after > before + 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rbm {
    /// W, of shape (hidden, visible).
    pub weight: Matrix,
    /// a, one per visible unit.
    pub visible_bias: Vec<f32>,
    /// b, one per hidden unit.
    pub hidden_bias: Vec<f32>,
    /// The kind of the visible units.
    pub visible: Visible,
}

/// The maximum number of weights of a machine: 4 GiB, and training keeps two copies.
const MAX_WEIGHTS: usize = 1 << 30;

impl Rbm {
    /// Draws the initial state of a machine for these examples: weights from N(0, 0.01²), by
    /// `stream.child("weight")`, hidden biases of 0, and visible biases of log(p/(1 − p)), where p
    /// is the mean of the unit in the data, or of that mean itself for Gaussian units (Hinton 2010,
    /// section 8.1). So that no bias is infinite, p is clamped to [1/(2n), 1 − 1/(2n)] for n
    /// examples.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if there is no example or no unit, a value is not finite or, for
    /// Bernoulli units, not in [0, 1], or there would be more than 2³⁰ weights.
    pub fn drawn(data: &Matrix, visible: Visible, hidden: usize, stream: Stream) -> Result<Self, RbmError> {
        check_values(data, visible)?;
        let columns = data.columns();
        check_units(columns, hidden)?;
        let mut weight = Matrix::zeros(hidden, columns);
        fill(weight.values_mut(), &Distribution::Normal { mean: 0.0, std: 0.01 }, stream.child("weight"))?;
        let count = data.rows() as f64;
        let margin = 0.5 / count;
        let bias = |sum: f64| match (visible, sum / count) {
            (Visible::Gaussian, mean) => mean as f32,
            (Visible::Bernoulli, mean) => {
                let p = mean.clamp(margin, 1.0 - margin);
                (p / (1.0 - p)).ln() as f32
            }
        };
        let visible_bias = data.column_sums().into_iter().map(bias).collect();
        Ok(Self { weight, visible_bias, hidden_bias: vec![0.0; hidden], visible })
    }

    /// Returns the number of visible units.
    #[must_use]
    pub fn visible_units(&self) -> usize {
        self.weight.columns()
    }

    /// Returns the number of hidden units.
    #[must_use]
    pub fn hidden_units(&self) -> usize {
        self.weight.rows()
    }

    /// Returns the sigmoid layer that computes p(h = 1 | v).
    #[must_use]
    pub fn to_layer(&self) -> Layer {
        let bias = self.hidden_bias.clone();
        Layer { weight: self.weight.clone(), bias, activation: Activation::Sigmoid, slope: 0.0 }
    }

    /// Returns the layer that computes the mean of v given h, with the transposed weight: sigmoid
    /// for Bernoulli units, linear for Gaussian ones.
    #[must_use]
    pub fn to_decoder(&self) -> Layer {
        let activation = match self.visible {
            Visible::Bernoulli => Activation::Sigmoid,
            Visible::Gaussian => Activation::Linear,
        };
        Layer { weight: self.weight.transposed(), bias: self.visible_bias.clone(), activation, slope: 0.0 }
    }

    /// Returns the largest magnitude of all weights and biases; infinite if one of them is NaN.
    #[must_use]
    pub fn max_abs(&self) -> f32 {
        let all = self.weight.values().iter().chain(&self.visible_bias).chain(&self.hidden_bias);
        all.fold(0.0, |largest: f32, value| if value.is_nan() { f32::INFINITY } else { largest.max(value.abs()) })
    }

    /// Checks that examples fit the machine.
    pub(super) fn check(&self, data: &Matrix) -> Result<(), RbmError> {
        if data.columns() != self.visible_units() {
            return Err(RbmError::Columns { given: data.columns(), visible: self.visible_units() });
        }
        check_values(data, self.visible)
    }
}

/// Checks the sizes of a machine.
pub(super) fn check_units(visible: usize, hidden: usize) -> Result<(), RbmError> {
    if hidden == 0 || visible.checked_mul(hidden).is_none_or(|weights| weights > MAX_WEIGHTS) {
        return Err(RbmError::Units { visible, hidden });
    }
    Ok(())
}

/// Checks that there are examples, and that their values are possible for the visible units.
pub(super) fn check_values(data: &Matrix, visible: Visible) -> Result<(), RbmError> {
    if data.rows() == 0 || data.columns() == 0 {
        return Err(RbmError::Empty { rows: data.rows(), columns: data.columns() });
    }
    let fits = |value: f32| match visible {
        Visible::Bernoulli => (0.0..=1.0).contains(&value),
        Visible::Gaussian => value.is_finite(),
    };
    match data.values().iter().position(|&value| !fits(value)) {
        None => Ok(()),
        Some(index) => {
            let (row, column) = (index / data.columns(), index % data.columns());
            Err(RbmError::Value { row, column, value: data.values()[index], visible })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_starts_as_the_practical_guide_says() {
        let data = Matrix::new(4, 3, vec![1.0, 0.0, 0.5, 1.0, 0.0, 0.5, 1.0, 0.0, 0.25, 0.0, 0.0, 0.25]).unwrap();
        let rbm = Rbm::drawn(&data, Visible::Bernoulli, 2000, Stream::new(1)).unwrap();
        let expected = [3f32.ln(), (0.125f32 / 0.875).ln(), (0.375f32 / 0.625).ln()];
        for (given, expected) in rbm.visible_bias.iter().zip(expected) {
            assert!((given - expected).abs() < 1e-6, "{given} {expected}");
        }
        assert!(rbm.hidden_bias.iter().all(|&bias| bias == 0.0));
        let variance = rbm.weight.values().iter().map(|&w| f64::from(w).powi(2)).sum::<f64>() / 6000.0;
        // Five standard errors of the variance of 6000 draws.
        assert!((variance / 1e-4 - 1.0).abs() < 5.0 * (2.0 / 6000f64).sqrt(), "{variance}");
        let gaussian = Rbm::drawn(&data, Visible::Gaussian, 2, Stream::new(1)).unwrap();
        assert_eq!(gaussian.visible_bias, [0.75, 0.0, 0.375]);
    }

    #[test]
    fn invalid_examples_are_refused_with_their_location() {
        let drawn = |data: Matrix, visible, hidden| Rbm::drawn(&data, visible, hidden, Stream::new(0)).unwrap_err();
        let of = |values: Vec<f32>| Matrix::new(2, 2, values).unwrap();
        use Visible::{Bernoulli, Gaussian};
        assert!(matches!(drawn(Matrix::zeros(0, 3), Bernoulli, 2), RbmError::Empty { .. }));
        assert!(matches!(drawn(Matrix::zeros(3, 0), Gaussian, 2), RbmError::Empty { .. }));
        assert!(matches!(drawn(Matrix::zeros(3, 2), Bernoulli, 0), RbmError::Units { .. }));
        assert!(matches!(drawn(Matrix::zeros(3, 2), Bernoulli, usize::MAX), RbmError::Units { .. }));
        let message = drawn(of(vec![0.0, 1.0, 1.5, 0.0]), Bernoulli, 2).to_string();
        assert!(message.contains("example 2, feature 1") && message.contains("1.5"), "{message}");
        let message = drawn(of(vec![0.0, f32::NAN, 1.5, 0.0]), Gaussian, 2).to_string();
        assert!(message.contains("example 1, feature 2") && message.contains("NaN"), "{message}");
    }
}
