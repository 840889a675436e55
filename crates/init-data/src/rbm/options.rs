//! Settings of contrastive divergence.

use std::fmt;

use super::error::RbmError;

/// The settings of a machine's training.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingOptions {
    /// The source of the negative part of the gradient.
    pub method: Method,
    /// The values of the visible units in the chains.
    pub reconstruction: Reconstruction,
    /// The batch size.
    pub batch: usize,
    /// The learning rate, ε, on the mean gradient of a batch.
    pub learning_rate: f64,
    /// The momentum coefficient.
    pub momentum: Momentum,
    /// λ: each step subtracts ε·λ·W from the weights (Hinton 2010, section 10); biases do not
    /// decay.
    pub weight_decay: f64,
    /// A penalty that keeps hidden units on for a target fraction of the examples.
    pub sparsity: Option<Sparsity>,
}

/// The source of the negative part of the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// CD-k: k steps of Gibbs sampling from each batch.
    Cd(usize),
    /// PCD-k: k steps per batch of chains that persist, as many as a batch has examples (T.
    /// Tieleman, *Training Restricted Boltzmann Machines using Approximations to the Likelihood
    /// Gradient*, 2008).
    Pcd(usize),
}

/// The values of the visible units in the chains, given the hidden ones; hidden ones are always
/// drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconstruction {
    /// Draws: chains sample the machine's distribution, and CD-k tends to the gradient of the
    /// likelihood.
    Drawn,
    /// Means (Hinton 2010, section 3.2): less noise, and data between 0 and 1 are learnt as values,
    /// not as probabilities. Better for the weights of an autoencoder, not valid for the
    /// likelihood.
    Means,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cd(k) => write!(f, "CD-{k}"),
            Self::Pcd(k) => write!(f, "PCD-{k}"),
        }
    }
}

/// A momentum coefficient that changes once (Hinton 2010, section 9.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum {
    /// The coefficient in the first epochs.
    pub first: f64,
    /// The coefficient in later epochs.
    pub last: f64,
    /// The number of first epochs.
    pub epochs: u64,
}

/// A penalty on hidden units that are on too often or too rarely (Hinton 2010, section 11).
///
/// The fraction q of examples in which a unit is on, a decaying mean, is pulled towards p: the
/// derivative q − p of the cross-entropy with respect to the unit's total input, times the cost,
/// acts on its bias and on its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sparsity {
    /// p, between 0 and 1.
    pub target: f64,
    /// The weight of the penalty.
    pub cost: f64,
    /// The factor on q before a batch is added.
    pub decay: f64,
}

impl Sparsity {
    /// Creates a penalty with this target, a cost of 0.1 and a decay of 0.95.
    #[must_use]
    pub fn new(target: f64) -> Self {
        Self { target, cost: 0.1, decay: 0.95 }
    }
}

impl Default for TrainingOptions {
    /// CD-1 with mean reconstructions, batches of 20, a learning rate of 0.05, a momentum of 0.5
    /// (0.9 after five epochs), and a weight decay of 0.0002.
    fn default() -> Self {
        Self {
            method: Method::Cd(1),
            reconstruction: Reconstruction::Means,
            batch: 20,
            learning_rate: 0.05,
            momentum: Momentum { first: 0.5, last: 0.9, epochs: 5 },
            weight_decay: 0.0002,
            sparsity: None,
        }
    }
}

/// The maximum batch size: the chains take as much memory as a batch.
const MAX_BATCH: usize = 1 << 20;

impl TrainingOptions {
    /// Checks that every setting is in its range.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError::Setting`] for the first that is not.
    pub fn check(&self) -> Result<(), RbmError> {
        let (Method::Cd(k) | Method::Pcd(k)) = self.method;
        let finite = |value: f64| (0.0..f64::from(f32::MAX)).contains(&value);
        let sparsity = self.sparsity.unwrap_or(Sparsity::new(0.5));
        let checks: [(bool, _, String, _); 8] = [
            (k > 0, "k", k.to_string(), "at least 1"),
            ((1..=MAX_BATCH).contains(&self.batch), "the batch size", self.batch.to_string(), "from 1 to 1048576"),
            (
                finite(self.learning_rate) && self.learning_rate > 0.0,
                "the learning rate",
                self.learning_rate.to_string(),
                "a finite number above 0",
            ),
            (
                [self.momentum.first, self.momentum.last].iter().all(|part| (0.0..1.0).contains(part)),
                "the momentum",
                format!("{}, then {}", self.momentum.first, self.momentum.last),
                "at least 0 and below 1",
            ),
            (
                finite(self.weight_decay),
                "the weight decay",
                self.weight_decay.to_string(),
                "a finite number of at least 0",
            ),
            (
                sparsity.target > 0.0 && sparsity.target < 1.0,
                "the sparsity target",
                sparsity.target.to_string(),
                "above 0 and below 1",
            ),
            (finite(sparsity.cost), "the sparsity cost", sparsity.cost.to_string(), "a finite number of at least 0"),
            (
                (0.0..1.0).contains(&sparsity.decay),
                "the sparsity decay",
                sparsity.decay.to_string(),
                "at least 0 and below 1",
            ),
        ];
        match checks.into_iter().find(|check| !check.0) {
            None => Ok(()),
            Some((_, setting, given, range)) => Err(RbmError::Setting { setting, given, range }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_refused_by_name() {
        let base = TrainingOptions::default;
        let momentum = Momentum { first: 0.5, last: 1.0, epochs: 5 };
        for (training, word) in [
            (TrainingOptions { method: Method::Pcd(0), ..base() }, "k must be at least 1, got 0"),
            (TrainingOptions { batch: 0, ..base() }, "the batch size must be from 1 to 1048576, got 0"),
            (
                TrainingOptions { learning_rate: -0.1, ..base() },
                "learning rate must be a finite number above 0, got -0.1",
            ),
            (
                TrainingOptions { learning_rate: f64::NAN, ..base() },
                "learning rate must be a finite number above 0, got NaN",
            ),
            (TrainingOptions { momentum, ..base() }, "momentum must be at least 0 and below 1, got 0.5, then 1"),
            (
                TrainingOptions { weight_decay: f64::INFINITY, ..base() },
                "weight decay must be a finite number of at least 0, got inf",
            ),
            (
                TrainingOptions { sparsity: Some(Sparsity::new(1.0)), ..base() },
                "sparsity target must be above 0 and below 1, got 1",
            ),
        ] {
            let error = training.check().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
