//! Training a network, and its learning curve.

use init_kernels::{Progress, Stream};

use super::{
    error::TrainError,
    examples::{Examples, Targets},
    sgd::Sgd,
};
use crate::{matrix::Matrix, network::Network, shuffle::shuffled};

/// The settings of stochastic gradient descent with momentum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// Passes over the examples, at least 1.
    pub epochs: usize,
    /// The batch size, at least 1; the last batch of an epoch may be smaller.
    pub batch: usize,
    /// The learning rate, η of [`Sgd`]: finite, above 0.
    pub learning_rate: f64,
    /// The momentum coefficient, μ of [`Sgd`]: from 0, below 1.
    pub momentum: f64,
}

/// The learning curve of a network.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Curve {
    /// The mean loss of the steps of each epoch.
    pub losses: Vec<f64>,
    /// The [test error](Targets::error): before training, then after each epoch.
    pub errors: Vec<f64>,
    /// The epoch, from 1, in which the loss, a weight or a test output was no longer finite; 0 if
    /// it was so before training. Training ends there, and the curves have the epochs before it.
    pub diverged: Option<usize>,
}

impl Curve {
    /// Returns the last test error; NaN if there is none.
    #[must_use]
    pub fn final_error(&self) -> f64 {
        self.errors.last().copied().unwrap_or(f64::NAN)
    }

    /// Returns the first epoch after which the test error is at most this; 0 is before training.
    #[must_use]
    pub fn epochs_to(&self, error: f64) -> Option<usize> {
        self.errors.iter().position(|&found| found <= error)
    }
}

impl Training {
    /// Trains a network, and tests it before training and after each epoch. Epoch e, from 0, takes
    /// the examples in an order drawn from `stream.child_index(e)`. The units of progress are
    /// epochs, including those that divergence skips.
    ///
    /// Too high a learning rate is not an error: the curve says when training diverged, and the
    /// network is left with the values it had then.
    ///
    /// # Errors
    ///
    /// Returns [`TrainError`] for settings out of range, a part without examples, a network that
    /// the examples do not fit, and if `progress` cancels.
    pub fn run(
        &self,
        network: &mut Network,
        train: &Examples,
        test: &Examples,
        stream: Stream,
        progress: Progress<'_>,
    ) -> Result<Curve, TrainError> {
        self.check()?;
        Self::check_fit(network, train, test)?;
        let tested = |network: &Network| {
            let pass = network.forward(&test.inputs);
            let error = test.targets.error(pass.output());
            // The sums are checked as well: max(0, NaN) is 0, so a rectifier hides values that are
            // not finite.
            let finite = pass.sums.iter().all(is_finite) && is_finite(pass.output()) && error.is_finite();
            finite.then_some(error)
        };
        let mut curve = Curve::default();
        let mut sgd = Sgd::new(network, self.learning_rate, self.momentum);
        match tested(network) {
            Some(error) => curve.errors.push(error),
            None => curve.diverged = Some(0),
        }
        for epoch in 0..self.epochs {
            if curve.diverged.is_none() {
                let loss = self.epoch(network, &mut sgd, train, stream.child_index(epoch as u64));
                match loss.and_then(|loss| Some((loss, tested(network)?))) {
                    Some((loss, error)) => {
                        curve.losses.push(loss);
                        curve.errors.push(error);
                    }
                    None => curve.diverged = Some(epoch + 1),
                }
            }
            progress.advance(1)?;
        }
        Ok(curve)
    }

    /// Trains for one epoch and returns the mean loss; `None` if a loss, or a weight at the end, is
    /// not finite.
    fn epoch(&self, network: &mut Network, sgd: &mut Sgd, train: &Examples, stream: Stream) -> Option<f64> {
        let mut losses = 0.0;
        for rows in shuffled(train.len(), stream).chunks(self.batch) {
            let batch = train.select(rows);
            let pass = network.forward(&batch.inputs);
            let loss = batch.targets.loss(pass.output());
            if !loss.value.is_finite() {
                return None;
            }
            losses += loss.value * rows.len() as f64;
            let gradients = network.backward(&pass, loss.gradient);
            sgd.step(network, &gradients);
        }
        let finite =
            network.layers.iter().all(|layer| is_finite(&layer.weight) && layer.bias.iter().all(|b| b.is_finite()));
        finite.then(|| losses / train.len() as f64)
    }

    /// Checks that every setting is in its range.
    ///
    /// # Errors
    ///
    /// Returns [`TrainError::Setting`] for the first that is not.
    pub fn check(&self) -> Result<(), TrainError> {
        let setting = |name, given: f64, range| Err(TrainError::Setting { name, given, range });
        if self.epochs == 0 {
            return setting("number of epochs", 0.0, "at least 1");
        }
        if self.batch == 0 {
            return setting("batch size", 0.0, "at least 1");
        }
        // The step is taken in f32, where smaller rates are 0 or subnormal.
        if !(self.learning_rate > 0.0 && (self.learning_rate as f32).is_normal()) {
            return setting("learning rate", self.learning_rate, "above 0 and finite, also in f32");
        }
        if !(0.0..1.0).contains(&self.momentum) {
            return setting("momentum", self.momentum, "at least 0 and below 1");
        }
        Ok(())
    }

    fn check_fit(network: &Network, train: &Examples, test: &Examples) -> Result<(), TrainError> {
        let sizes = network.sizes();
        let (Some(&inputs), Some(&outputs)) = (sizes.first(), sizes.last()) else { return Err(TrainError::NoLayer) };
        for (part, examples) in [("train", train), ("test", test)] {
            if examples.is_empty() {
                return Err(TrainError::Empty { part });
            }
            let (rows, fits) = match &examples.targets {
                Targets::Classes(classes) => (classes.len(), classes.iter().all(|&class| (class as usize) < outputs)),
                Targets::Values(values) => (values.rows(), values.columns() == outputs),
            };
            if examples.inputs.columns() != inputs || !fits || rows != examples.len() {
                return Err(TrainError::Shape { part, inputs, outputs });
            }
        }
        Ok(())
    }
}

fn is_finite(matrix: &Matrix) -> bool {
    matrix.values().iter().all(|value| value.is_finite())
}
