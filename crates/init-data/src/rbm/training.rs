//! How a machine is trained.

use std::fmt;

use super::RbmError;

/// How a machine is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// Where the negative part of the gradient comes from.
    pub method: Method,
    /// What visible units are in the chains.
    pub reconstruction: Reconstruction,
    /// Examples a step.
    pub batch: usize,
    /// ε, the step along the mean gradient of a batch.
    pub learning_rate: f64,
    /// Of each step, what goes on into the next.
    pub momentum: Momentum,
    /// λ: each step takes ε·λ·W off the weights (Hinton 2010, section 10); biases are spared.
    pub weight_decay: f64,
    /// How often hidden units should be on, if that matters.
    pub sparsity: Option<Sparsity>,
}

/// Where the negative part of the gradient comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// CD-k: k steps of Gibbs sampling from each batch.
    Cd(usize),
    /// PCD-k: k steps more, of chains that go on from batch to batch, as many as a batch has examples (T. Tieleman,
    /// *Training Restricted Boltzmann Machines using Approximations to the Likelihood Gradient*, 2008).
    Pcd(usize),
}

/// What visible units are in the chains, given hidden ones; hidden ones are always drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconstruction {
    /// Draws: chains sample the machine's distribution, and CD-k tends to the gradient of the likelihood.
    Drawn,
    /// Their means (Hinton 2010, section 3.2): less noise, and data that are between 0 and 1 are learnt as such, not
    /// as coins to be tossed. Better for the weights of an autoencoder; of no use for the likelihood.
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

/// Momentum that rises once (Hinton 2010, section 9.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum {
    /// In the first epochs.
    pub first: f64,
    /// In the later ones.
    pub last: f64,
    /// How many the first epochs are.
    pub epochs: u64,
}

/// A penalty on hidden units that are on too often or too rarely (Hinton 2010, section 11).
///
/// The share q of examples in which a unit is on, a mean that decays, is drawn towards p: the derivative q − p of the
/// cross-entropy with respect to the unit's total input, times the cost, acts on its bias and on its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sparsity {
    /// p, between 0 and 1.
    pub target: f64,
    /// How strong the penalty is.
    pub cost: f64,
    /// Of q, what stays when a batch comes in.
    pub decay: f64,
}

impl Sparsity {
    /// This target, with a cost of 0.1 and a decay of 0.95.
    #[must_use]
    pub fn new(target: f64) -> Self {
        Self { target, cost: 0.1, decay: 0.95 }
    }
}

/// CD-1 of mean reconstructions on batches of 20, with a learning rate of 0.05, a momentum of 0.5 and after five
/// epochs of 0.9, and a weight decay of 0.0002.
impl Default for Training {
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

/// The greatest batch: more examples than fit into memory would have their chains beside them.
const MAX_BATCH: usize = 1 << 20;

impl Training {
    /// Whether every setting is in its range.
    ///
    /// # Errors
    ///
    /// [`RbmError::Setting`], of the first that is not.
    pub fn check(&self) -> Result<(), RbmError> {
        let (Method::Cd(k) | Method::Pcd(k)) = self.method;
        let finite = |value: f64| (0.0..f64::from(f32::MAX)).contains(&value);
        let sparsity = self.sparsity.unwrap_or(Sparsity::new(0.5));
        let checks: [(bool, _, String, _); 8] = [
            (k > 0, "k", k.to_string(), "1 or more"),
            ((1..=MAX_BATCH).contains(&self.batch), "the batch", self.batch.to_string(), "from 1 to 1048576"),
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
                "from 0 on and below 1",
            ),
            (finite(self.weight_decay), "the weight decay", self.weight_decay.to_string(), "a finite number from 0 on"),
            (
                sparsity.target > 0.0 && sparsity.target < 1.0,
                "the sparsity target",
                sparsity.target.to_string(),
                "above 0 and below 1",
            ),
            (finite(sparsity.cost), "the sparsity cost", sparsity.cost.to_string(), "a finite number from 0 on"),
            (
                (0.0..1.0).contains(&sparsity.decay),
                "the sparsity decay",
                sparsity.decay.to_string(),
                "from 0 on and below 1",
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
        let base = Training::default;
        let momentum = Momentum { first: 0.5, last: 1.0, epochs: 5 };
        for (training, word) in [
            (Training { method: Method::Pcd(0), ..base() }, "k is 0"),
            (Training { batch: 0, ..base() }, "the batch is 0"),
            (Training { learning_rate: -0.1, ..base() }, "learning rate is -0.1"),
            (Training { learning_rate: f64::NAN, ..base() }, "learning rate is NaN"),
            (Training { momentum, ..base() }, "momentum is 0.5, then 1"),
            (Training { weight_decay: f64::INFINITY, ..base() }, "weight decay is inf"),
            (Training { sparsity: Some(Sparsity::new(1.0)), ..base() }, "sparsity target is 1"),
        ] {
            let error = training.check().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
