//! Restricted Boltzmann machines, and stacks of them as the initial weights of deep networks.
//!
//! | module | noun |
//! |---|---|
//! | [`training`] | [`Training`]: contrastive divergence, from the data or from persistent chains |
//! | [`state`] | [`State`]: what training carries from one epoch to the next |
//! | [`trainer`] | [`Trainer`]: a machine in training |
//! | [`gradient`] | [`Gradient`]: of the log-likelihood, as contrastive divergence estimates it |
//! | [`energy`] | free energy, reconstruction error, pseudo-likelihood |
//! | [`likelihood`] | the partition function, the likelihood and its gradient, exactly: small machines |
//! | [`ais`] | [`Ais`]: the partition function of large machines, estimated |
//! | [`stack`] | [`Stack`]: machine upon machine, then a network or an autoencoder |
//!
//! A machine has visible units v and hidden units h ∈ {0, 1}, weights W and biases a and b. With Bernoulli visible
//! units its energy is E(v, h) = −aᵀv − bᵀh − hᵀWv, with Gaussian ones E(v, h) = ½‖v − a‖² − bᵀh − hᵀWv (unit
//! variance); the probability of a state is e^(−E)/Z. G. E. Hinton, *A Practical Guide to Training Restricted
//! Boltzmann Machines*, UTML TR 2010-003, equation 1 and section 13.2.

pub mod ais;
pub mod energy;
mod error;
pub mod gradient;
pub mod likelihood;
mod logistic;
mod sampling;
pub mod stack;
pub mod state;
pub mod trainer;
pub mod training;

use init_core::{Activation, Distribution};
use init_kernels::{Stream, fill};

use crate::{Layer, Matrix};

pub use ais::{Ais, Estimate};
pub use energy::error_of_mean;
pub use error::RbmError;
pub use gradient::Gradient;
pub use stack::{Epoch, Progress, Stack, Stacking};
pub use state::State;
pub use trainer::Trainer;
pub use training::{Method, Momentum, Reconstruction, Sparsity, Training};

/// A restricted Boltzmann machine.
///
/// ```
/// use init_data::rbm::{Rbm, Reconstruction, Trainer, Training, Visible};
/// use init_data::Matrix;
/// use init_kernels::Stream;
///
/// // Two patterns, and a machine that learns them.
/// let data = Matrix::new(2, 4, vec![1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0])?;
/// let reconstruction = Reconstruction::Drawn;
/// let training = Training { reconstruction, batch: 2, ..Training::default() };
/// let mut trainer = Trainer::new(&data, Visible::Bernoulli, 3, training, Stream::new(42))?;
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
    /// a, one a visible unit.
    pub visible_bias: Vec<f32>,
    /// b, one a hidden unit.
    pub hidden_bias: Vec<f32>,
    /// What the visible units are.
    pub visible: Visible,
}

/// What visible units are; hidden ones are always Bernoulli.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visible {
    /// 0 or 1; data in between are probabilities.
    Bernoulli,
    /// Real numbers of variance 1 about their mean: for standardised data.
    Gaussian,
}

/// The most weights that a machine may have: 4 GiB of them, and training holds them twice.
const MAX_WEIGHTS: usize = 1 << 30;

impl Rbm {
    /// A machine as training begins with it: weights of N(0, 0.01²), drawn from `stream.child("weight")`, hidden
    /// biases 0, and visible biases log(p/(1 − p)) where p is the mean of the unit in the data, or that mean itself if
    /// units are Gaussian (Hinton 2010, section 8.1). So that no bias is infinite, p is held in [1/(2n), 1 − 1/(2n)]
    /// of n examples.
    ///
    /// # Errors
    ///
    /// [`RbmError`] if there is no example or no unit, a value is not finite or, for Bernoulli units, not in [0, 1],
    /// or there would be more than 2³⁰ weights.
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

    /// The number of visible units.
    #[must_use]
    pub fn visible_units(&self) -> usize {
        self.weight.columns()
    }

    /// The number of hidden units.
    #[must_use]
    pub fn hidden_units(&self) -> usize {
        self.weight.rows()
    }

    /// The sigmoid layer that computes p(h = 1 | v).
    #[must_use]
    pub fn to_layer(&self) -> Layer {
        let bias = self.hidden_bias.clone();
        Layer { weight: self.weight.clone(), bias, activation: Activation::Sigmoid, slope: 0.0 }
    }

    /// The layer that computes the mean of v given h: of the transposed weight; sigmoid for Bernoulli units, linear
    /// for Gaussian ones.
    #[must_use]
    pub fn to_decoder(&self) -> Layer {
        let activation = match self.visible {
            Visible::Bernoulli => Activation::Sigmoid,
            Visible::Gaussian => Activation::Linear,
        };
        Layer { weight: self.weight.transposed(), bias: self.visible_bias.clone(), activation, slope: 0.0 }
    }

    /// The greatest weight or bias, whatever its sign; infinite if one of them is no finite number.
    #[must_use]
    pub fn greatest(&self) -> f32 {
        let all = self.weight.values().iter().chain(&self.visible_bias).chain(&self.hidden_bias);
        all.fold(0.0, |greatest: f32, value| if value.is_nan() { f32::INFINITY } else { greatest.max(value.abs()) })
    }

    /// Whether these are examples for the machine.
    fn check(&self, data: &Matrix) -> Result<(), RbmError> {
        if data.columns() != self.visible_units() {
            return Err(RbmError::Columns { given: data.columns(), visible: self.visible_units() });
        }
        check_values(data, self.visible)
    }
}

fn check_units(visible: usize, hidden: usize) -> Result<(), RbmError> {
    if hidden == 0 || visible.checked_mul(hidden).is_none_or(|weights| weights > MAX_WEIGHTS) {
        return Err(RbmError::Units { visible, hidden });
    }
    Ok(())
}

fn check_values(data: &Matrix, visible: Visible) -> Result<(), RbmError> {
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
    fn a_machine_begins_as_the_practical_guide_says() {
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
    fn what_cannot_be_learnt_is_refused_with_its_place() {
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
