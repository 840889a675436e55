//! Training by stochastic gradient ascent.

use std::fmt;

use init_core::Distribution;
use init_kernels::{Stream, fill};

use super::{Gradient, Rbm, RbmError, Visible, gradient::Chains};
use crate::Matrix;

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

/// All that training carries from one epoch to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The machine.
    pub rbm: Rbm,
    /// The last step, for the momentum.
    pub velocity: Gradient,
    /// The hidden units of the persistent chains, one chain a row; without rows for CD-k.
    pub chains: Matrix,
    /// The share of examples in which each hidden unit was on; empty without a sparsity target.
    pub activity: Vec<f32>,
    /// Epochs done.
    pub epochs: u64,
}

impl State {
    /// A machine as [`Rbm::drawn`] makes it, at rest. With a sparsity target p, hidden biases are log(p/(1 − p))
    /// (Hinton 2010, section 8.1).
    ///
    /// # Errors
    ///
    /// Those of [`Rbm::drawn`] and [`Training::check`].
    pub fn new(
        data: &Matrix,
        visible: Visible,
        hidden: usize,
        training: &Training,
        stream: Stream,
    ) -> Result<Self, RbmError> {
        training.check()?;
        let mut rbm = Rbm::drawn(data, visible, hidden, stream)?;
        let mut activity = Vec::new();
        if let Some(sparsity) = training.sparsity {
            rbm.hidden_bias.fill((sparsity.target / (1.0 - sparsity.target)).ln() as f32);
            activity = vec![sparsity.target as f32; hidden];
        }
        let chains = if matches!(training.method, Method::Pcd(_)) { training.batch } else { 0 };
        Ok(Self { velocity: Gradient::zeros(&rbm), chains: Matrix::zeros(chains, hidden), rbm, activity, epochs: 0 })
    }

    /// Whether training may go on from here.
    fn check(&self, data: &Matrix, training: &Training) -> Result<(), RbmError> {
        training.check()?;
        self.rbm.check(data)?;
        let (visible, hidden) = (self.rbm.visible_units(), self.rbm.hidden_units());
        let chains = if matches!(training.method, Method::Pcd(_)) { training.batch } else { 0 };
        let activity = if training.sparsity.is_some() { hidden } else { 0 };
        let weight = &self.velocity.weight;
        let parts = [
            ("visible biases", self.rbm.visible_bias.len(), visible),
            ("hidden biases", self.rbm.hidden_bias.len(), hidden),
            ("rows of the last step", weight.rows(), hidden),
            ("columns of the last step", weight.columns(), visible),
            ("visible biases of the last step", self.velocity.visible_bias.len(), visible),
            ("hidden biases of the last step", self.velocity.hidden_bias.len(), hidden),
            ("chains", self.chains.rows(), chains),
            ("units of the chains", if chains == 0 { hidden } else { self.chains.columns() }, hidden),
            ("activities", self.activity.len(), activity),
        ];
        match parts.into_iter().find(|(_, given, expected)| given != expected) {
            None => Ok(()),
            Some((what, given, expected)) => {
                Err(RbmError::State { what: format!("it has {given} {what} where {expected} are needed") })
            }
        }
    }
}

/// Beyond this weights are no use to any unit, whose inputs are at most about 1: learning has run away.
const MAX_WEIGHT: f32 = 1000.0;

/// A machine in training.
///
/// What is drawn in epoch e comes from `stream.child("epochs").child_index(e)`, so that a run that goes on from a
/// [`State`] equals one that was never interrupted.
#[derive(Clone, Debug)]
pub struct Trainer<'a> {
    data: &'a Matrix,
    training: Training,
    stream: Stream,
    state: State,
    work: Work,
}

/// Memory that every step writes anew.
#[derive(Clone, Debug)]
struct Work {
    batch: Matrix,
    hidden: Matrix,
    chains: Chains,
    order: Vec<f64>,
}

impl<'a> Trainer<'a> {
    /// A new machine for these examples, one a row.
    ///
    /// # Errors
    ///
    /// Those of [`State::new`].
    pub fn new(
        data: &'a Matrix,
        visible: Visible,
        hidden: usize,
        training: Training,
        stream: Stream,
    ) -> Result<Self, RbmError> {
        let state = State::new(data, visible, hidden, &training, stream)?;
        Self::resume(data, state, training, stream)
    }

    /// Goes on from a state that training of the same settings left behind.
    ///
    /// # Errors
    ///
    /// [`RbmError`] if the examples or the settings do not fit it.
    pub fn resume(data: &'a Matrix, state: State, training: Training, stream: Stream) -> Result<Self, RbmError> {
        state.check(data, &training)?;
        let rows = training.batch.min(data.rows());
        let is_persistent = matches!(training.method, Method::Pcd(_));
        let mut chains = Chains::new(&state.rbm, if is_persistent { training.batch } else { rows });
        if is_persistent {
            chains.hidden.clone_from(&state.chains);
        }
        let batch = Matrix::zeros(rows, data.columns());
        let hidden = Matrix::zeros(rows, state.rbm.hidden_units());
        let work = Work { batch, hidden, chains, order: vec![0.0; data.rows()] };
        Ok(Self { data, training, stream, state, work })
    }

    /// The machine as it is.
    #[must_use]
    pub fn rbm(&self) -> &Rbm {
        &self.state.rbm
    }

    /// All that the next epoch depends on.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// All that the next epoch depends on.
    #[must_use]
    pub fn into_state(self) -> State {
        self.state
    }

    /// Changes the learning rate, as towards the end of a training.
    ///
    /// # Errors
    ///
    /// [`RbmError::Setting`] if it is not above 0.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<(), RbmError> {
        let training = Training { learning_rate, ..self.training.clone() };
        training.check()?;
        self.training = training;
        Ok(())
    }

    /// One pass over the examples, in an order of its own; the last batch may be smaller.
    ///
    /// # Errors
    ///
    /// [`RbmError::Diverged`] if a weight is not finite any more, or above 1000; the machine is of no use then.
    pub fn epoch(&mut self) -> Result<(), RbmError> {
        let stream = self.stream.child("epochs").child_index(self.state.epochs);
        let momentum = self.training.momentum;
        let momentum = if self.state.epochs < momentum.epochs { momentum.first } else { momentum.last };
        let unit = Distribution::Uniform { low: 0.0, high: 1.0 };
        fill(&mut self.work.order, &unit, stream.child("order"))?;
        let mut order: Vec<usize> = (0..self.data.rows()).collect();
        order.sort_by(|&a, &b| self.work.order[a].total_cmp(&self.work.order[b]));
        for (step, rows) in order.chunks(self.training.batch).enumerate() {
            self.step(rows, momentum as f32, stream.child_index(step as u64))?;
        }
        self.state.epochs += 1;
        if self.state.chains.rows() > 0 {
            self.state.chains.clone_from(&self.work.chains.hidden);
        }
        let greatest = self.state.rbm.greatest();
        if greatest <= MAX_WEIGHT { Ok(()) } else { Err(self.diverged(format!("its weights reach {greatest:.3e}"))) }
    }

    /// That learning blew up.
    pub(super) fn diverged(&self, what: String) -> RbmError {
        let learning_rate = self.training.learning_rate;
        RbmError::Diverged { layer: 1, epoch: self.state.epochs, learning_rate, what }
    }

    fn step(&mut self, rows: &[usize], momentum: f32, stream: Stream) -> Result<(), RbmError> {
        let Self { data, training, state: State { rbm, velocity, activity, .. }, work, .. } = self;
        let columns = data.columns();
        let Work { batch, hidden, chains, .. } = work;
        let is_persistent = matches!(training.method, Method::Pcd(_));
        if batch.rows() != rows.len() {
            *batch = Matrix::zeros(rows.len(), columns);
            *hidden = Matrix::zeros(rows.len(), rbm.hidden_units());
            if !is_persistent {
                *chains = Chains::new(rbm, rows.len());
            }
        }
        for (into, &row) in batch.values_mut().chunks_exact_mut(columns).zip(rows) {
            into.copy_from_slice(data.row(row));
        }
        rbm.hidden_means(batch, hidden);
        let rate = training.learning_rate as f32;
        velocity.accumulate(momentum, rate / rows.len() as f32, batch, hidden);
        match training.method {
            Method::Cd(k) => {
                chains.begin(hidden, stream)?;
                chains.walk(rbm, k, training.reconstruction, false, stream)?;
            }
            Method::Pcd(k) => chains.walk(rbm, k, training.reconstruction, true, stream)?,
        }
        let negative = -rate / chains.visible.rows() as f32;
        velocity.accumulate(1.0, negative, &chains.visible, &chains.probabilities);
        if let Some(sparsity) = training.sparsity {
            sparsity.act(velocity, activity, rate, batch, hidden);
        }
        let shrink = rate * training.weight_decay as f32;
        for (weight, step) in rbm.weight.values_mut().iter_mut().zip(velocity.weight.values_mut()) {
            *step -= shrink * *weight;
            *weight += *step;
        }
        add(&mut rbm.visible_bias, &velocity.visible_bias);
        add(&mut rbm.hidden_bias, &velocity.hidden_bias);
        Ok(())
    }
}

impl Sparsity {
    /// Adds the penalty's part to a step, and the batch to the activity.
    fn act(self, velocity: &mut Gradient, activity: &mut [f32], rate: f32, batch: &Matrix, hidden: &Matrix) {
        let mean = |sum: f64| sum / batch.rows() as f64;
        let visible: Vec<f32> = batch.column_sums().into_iter().map(|sum| mean(sum) as f32).collect();
        let columns = visible.len();
        let units = activity.iter_mut().zip(&mut velocity.hidden_bias).zip(hidden.column_sums());
        for (((q, bias), sum), weights) in units.zip(velocity.weight.values_mut().chunks_exact_mut(columns)) {
            *q = (self.decay * f64::from(*q) + (1.0 - self.decay) * mean(sum)) as f32;
            let push = rate * (self.cost * (f64::from(*q) - self.target)) as f32;
            *bias -= push;
            for (weight, visible) in weights.iter_mut().zip(&visible) {
                *weight -= push * visible;
            }
        }
    }
}

fn add(values: &mut [f32], steps: &[f32]) {
    for (value, step) in values.iter_mut().zip(steps) {
        *value += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn striped(rows: usize, columns: usize) -> Matrix {
        let value = |i: usize| if (i / columns + i % columns).is_multiple_of(3) { 1.0 } else { 0.0 };
        Matrix::new(rows, columns, (0..rows * columns).map(value).collect()).unwrap()
    }

    #[test]
    fn a_resumed_training_equals_one_never_interrupted() {
        let data = striped(23, 9);
        for (method, sparsity) in [(Method::Cd(2), None), (Method::Pcd(1), Some(Sparsity::new(0.2)))] {
            let training = Training { method, sparsity, batch: 5, ..Training::default() };
            let mut whole = Trainer::new(&data, Visible::Bernoulli, 7, training.clone(), Stream::new(4)).unwrap();
            let mut first = whole.clone();
            for _ in 0..8 {
                whole.epoch().unwrap();
            }
            for _ in 0..6 {
                first.epoch().unwrap();
            }
            let mut second = Trainer::resume(&data, first.into_state(), training, Stream::new(4)).unwrap();
            for _ in 0..2 {
                second.epoch().unwrap();
            }
            assert_eq!(whole.state(), second.state());
        }
    }

    #[test]
    fn training_does_not_depend_on_the_number_of_threads() {
        let data = striped(300, 150);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let training = Training { batch: 130, method: Method::Pcd(2), ..Training::default() };
                let mut trainer = Trainer::new(&data, Visible::Gaussian, 170, training, Stream::new(4)).unwrap();
                trainer.set_learning_rate(0.001).unwrap();
                for _ in 0..2 {
                    trainer.epoch().unwrap();
                }
                trainer.into_state()
            })
        };
        assert!([2, 3, 8].into_iter().all(|threads| on(threads) == on(1)));
    }

    #[test]
    fn a_sparsity_target_is_approached() {
        let data = striped(300, 12);
        let activity = |sparsity| {
            let training = Training { sparsity, batch: 20, ..Training::default() };
            let mut trainer = Trainer::new(&data, Visible::Bernoulli, 16, training, Stream::new(4)).unwrap();
            for _ in 0..60 {
                trainer.epoch().unwrap();
            }
            let on: f64 = trainer.rbm().hidden_probabilities(&data).column_sums().iter().sum();
            on / (300.0 * 16.0)
        };
        let strong = Sparsity { cost: 3.0, ..Sparsity::new(0.1) };
        let (free, sparse) = (activity(None), activity(Some(strong)));
        assert!(free > 0.3 && (sparse - 0.1).abs() < 0.05, "{free} {sparse}");
    }

    #[test]
    fn weights_that_run_away_are_an_error_that_names_the_rate() {
        let data = striped(50, 6);
        for visible in [Visible::Bernoulli, Visible::Gaussian] {
            let training = Training { learning_rate: 1e6, batch: 5, ..Training::default() };
            let mut trainer = Trainer::new(&data, visible, 4, training, Stream::new(0)).unwrap();
            let error = (0..20).find_map(|_| trainer.epoch().err()).expect("it diverges").to_string();
            assert!(error.contains("learning rate of 1000000") && error.contains("epoch 1"), "{error}");
        }
    }

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
