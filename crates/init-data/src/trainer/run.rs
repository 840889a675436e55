use init_kernels::Stream;

use crate::{
    Matrix, Network,
    shuffle::shuffled,
    trainer::{Examples, Sgd, Targets},
};

/// How long and how fast to train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// How often each example is seen; from 1.
    pub epochs: usize,
    /// Examples of a step, from 1; the last of an epoch has what is left.
    pub batch: usize,
    /// η of [`Sgd`]; finite, above 0.
    pub learning_rate: f64,
    /// μ of [`Sgd`]; from 0, below 1.
    pub momentum: f64,
}

/// What became of a network in training.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Curve {
    /// The mean loss of the steps of each epoch.
    pub losses: Vec<f64>,
    /// The [error](Targets::error) in the test: before training, then after each epoch.
    pub errors: Vec<f64>,
    /// The epoch, from 1, in which the loss, a weight or a sum in the test was no longer finite; 0 if it was not so to
    /// begin with. Training ends there, and the curves have the epochs before.
    pub diverged: Option<usize>,
}

impl Curve {
    /// The last error in the test; NaN if there is none.
    #[must_use]
    pub fn final_error(&self) -> f64 {
        self.errors.last().copied().unwrap_or(f64::NAN)
    }

    /// The first epoch after which the error in the test is no greater than this; 0 is before training.
    #[must_use]
    pub fn epochs_to(&self, error: f64) -> Option<usize> {
        self.errors.iter().position(|&found| found <= error)
    }
}

impl Training {
    /// Trains a network, and tests it before and after each epoch. Epoch e, from 0, takes the examples in an order
    /// drawn from `stream.child_index(e)`. `each_epoch` is told of every epoch, of those that divergence leaves out as
    /// well.
    ///
    /// A learning rate that is too high is no error: the curve says when it diverged. The network is then left as it
    /// was, not finite.
    ///
    /// # Errors
    ///
    /// [`TrainError`] for settings out of range, parts without examples, and a network that they do not fit.
    pub fn run(
        &self,
        network: &mut Network,
        train: &Examples,
        test: &Examples,
        stream: Stream,
        each_epoch: &dyn Fn(),
    ) -> Result<Curve, TrainError> {
        self.check()?;
        Self::check_fit(network, train, test)?;
        let tested = |network: &Network| {
            let pass = network.forward(&test.inputs);
            let error = test.targets.error(pass.output());
            // Of the sums as well: max(0, NaN) is 0, so a rectifier hides what is not finite.
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
            each_epoch();
        }
        Ok(curve)
    }

    /// The mean loss, unless one, or a weight in the end, is not finite.
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

    /// Whether every setting is in its range.
    ///
    /// # Errors
    ///
    /// [`TrainError::Setting`], of the first that is not.
    pub fn check(&self) -> Result<(), TrainError> {
        let setting = |name, given: f64, range| Err(TrainError::Setting { name, given, range });
        if self.epochs == 0 {
            return setting("number of epochs", 0.0, "from 1 on");
        }
        if self.batch == 0 {
            return setting("batch", 0.0, "from 1 on");
        }
        // The step is taken in f32, where less is nothing.
        if !(self.learning_rate > 0.0 && (self.learning_rate as f32).is_normal()) {
            return setting("learning rate", self.learning_rate, "above 0 and finite, as f32 too");
        }
        if !(0.0..1.0).contains(&self.momentum) {
            return setting("momentum", self.momentum, "from 0 on and below 1");
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

/// Why there can be no training.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting out of range.
    #[error("a {name} of {given} does not train; give one {range}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What was given.
        given: f64,
        /// What would do.
        range: &'static str,
    },
    /// No layer.
    #[error("a network without layers has nothing to train; give it some")]
    NoLayer,
    /// A part of no examples.
    #[error("there are no examples to {part} with; give more data, or split it otherwise")]
    Empty {
        /// `train` or `test`.
        part: &'static str,
    },
    /// Examples that are none of this network.
    #[error(
        "the examples to {part} with do not fit a network of {inputs} inputs and {outputs} outputs; it needs one value an input, \
         and classes below its outputs or one value an output"
    )]
    Shape {
        /// `train` or `test`.
        part: &'static str,
        /// The network's inputs.
        inputs: usize,
        /// The network's outputs.
        outputs: usize,
    },
}
