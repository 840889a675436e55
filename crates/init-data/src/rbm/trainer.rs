//! A machine in training, by stochastic gradient ascent.

use init_core::Distribution;
use init_kernels::{Stream, fill};

use super::{
    error::RbmError,
    gradient::{Chains, Gradient},
    machine::Rbm,
    options::{Method, Sparsity, TrainingOptions},
    state::State,
    visible::Visible,
};
use crate::matrix::Matrix;

/// The magnitude beyond which weights have diverged: the inputs of units are at most about 1.
const MAX_WEIGHT: f32 = 1000.0;

/// A machine in training.
///
/// Epoch e draws from `stream.child("epochs").child_index(e)`, so that a run resumed from a
/// [`State`] equals one that was never interrupted.
#[derive(Clone, Debug)]
pub struct Trainer<'a> {
    data: &'a Matrix,
    options: TrainingOptions,
    stream: Stream,
    state: State,
    scratch: Scratch,
}

/// Memory that every step overwrites.
#[derive(Clone, Debug)]
struct Scratch {
    batch: Matrix,
    hidden: Matrix,
    chains: Chains,
    order: Vec<f64>,
}

impl<'a> Trainer<'a> {
    /// Creates a trainer of a new machine for these examples, one per row.
    ///
    /// # Errors
    ///
    /// As for [`State::new`].
    pub fn new(
        data: &'a Matrix,
        visible: Visible,
        hidden: usize,
        options: TrainingOptions,
        stream: Stream,
    ) -> Result<Self, RbmError> {
        let state = State::new(data, visible, hidden, &options, stream)?;
        Self::resume(data, state, options, stream)
    }

    /// Resumes from the state of a training with the same data, settings and stream.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if the examples or the settings do not fit the state.
    pub fn resume(data: &'a Matrix, state: State, options: TrainingOptions, stream: Stream) -> Result<Self, RbmError> {
        state.check(data, &options)?;
        let rows = options.batch.min(data.rows());
        let is_persistent = matches!(options.method, Method::Pcd(_));
        let mut chains = Chains::new(&state.rbm, if is_persistent { options.batch } else { rows });
        if is_persistent {
            chains.hidden.clone_from(&state.chains);
        }
        let batch = Matrix::zeros(rows, data.columns());
        let hidden = Matrix::zeros(rows, state.rbm.hidden_units());
        let scratch = Scratch { batch, hidden, chains, order: vec![0.0; data.rows()] };
        Ok(Self { data, options, stream, state, scratch })
    }

    /// Returns the machine.
    #[must_use]
    pub fn rbm(&self) -> &Rbm {
        &self.state.rbm
    }

    /// Returns the state, from which training can resume.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Ends the training and returns its state.
    #[must_use]
    pub fn into_state(self) -> State {
        self.state
    }

    /// Changes the learning rate.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError::Setting`] if it is not above 0.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<(), RbmError> {
        let options = TrainingOptions { learning_rate, ..self.options.clone() };
        options.check()?;
        self.options = options;
        Ok(())
    }

    /// Trains for one pass over the examples, in random order; the last batch may be smaller.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError::Diverged`] if a weight is no longer finite, or above 1000; the machine
    /// is then unusable.
    pub fn epoch(&mut self) -> Result<(), RbmError> {
        let stream = self.stream.child("epochs").child_index(self.state.epochs);
        let momentum = self.options.momentum;
        let momentum = if self.state.epochs < momentum.epochs { momentum.first } else { momentum.last };
        let unit = Distribution::Uniform { low: 0.0, high: 1.0 };
        fill(&mut self.scratch.order, &unit, stream.child("order"))?;
        let mut order: Vec<usize> = (0..self.data.rows()).collect();
        order.sort_by(|&a, &b| self.scratch.order[a].total_cmp(&self.scratch.order[b]));
        for (step, rows) in order.chunks(self.options.batch).enumerate() {
            self.step(rows, momentum as f32, stream.child_index(step as u64))?;
        }
        self.state.epochs += 1;
        if self.state.chains.rows() > 0 {
            self.state.chains.clone_from(&self.scratch.chains.hidden);
        }
        let largest = self.state.rbm.max_abs();
        if largest <= MAX_WEIGHT { Ok(()) } else { Err(self.diverged(format!("its weights reach {largest:.3e}"))) }
    }

    /// Returns the error of a training that diverged.
    pub(super) fn diverged(&self, what: String) -> RbmError {
        let learning_rate = self.options.learning_rate;
        RbmError::Diverged { layer: 1, epoch: self.state.epochs, learning_rate, what }
    }

    fn step(&mut self, rows: &[usize], momentum: f32, stream: Stream) -> Result<(), RbmError> {
        let Self { data, options, state: State { rbm, velocity, activity, .. }, scratch, .. } = self;
        let columns = data.columns();
        let Scratch { batch, hidden, chains, .. } = scratch;
        let is_persistent = matches!(options.method, Method::Pcd(_));
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
        let rate = options.learning_rate as f32;
        velocity.accumulate(momentum, rate / rows.len() as f32, batch, hidden);
        match options.method {
            Method::Cd(k) => {
                chains.start(hidden, stream)?;
                chains.walk(rbm, k, options.reconstruction, false, stream)?;
            }
            Method::Pcd(k) => chains.walk(rbm, k, options.reconstruction, true, stream)?,
        }
        let negative = -rate / chains.visible.rows() as f32;
        velocity.accumulate(1.0, negative, &chains.visible, &chains.probabilities);
        if let Some(sparsity) = options.sparsity {
            sparsity.act(velocity, activity, rate, batch, hidden);
        }
        let shrink = rate * options.weight_decay as f32;
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
    /// Adds the penalty to a step, and the batch to the mean activity.
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
            let options = TrainingOptions { method, sparsity, batch: 5, ..TrainingOptions::default() };
            let mut whole = Trainer::new(&data, Visible::Bernoulli, 7, options.clone(), Stream::new(4)).unwrap();
            let mut first = whole.clone();
            for _ in 0..8 {
                whole.epoch().unwrap();
            }
            for _ in 0..6 {
                first.epoch().unwrap();
            }
            let mut second = Trainer::resume(&data, first.into_state(), options, Stream::new(4)).unwrap();
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
                let options = TrainingOptions { batch: 130, method: Method::Pcd(2), ..TrainingOptions::default() };
                let mut trainer = Trainer::new(&data, Visible::Gaussian, 170, options, Stream::new(4)).unwrap();
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
            let options = TrainingOptions { sparsity, batch: 20, ..TrainingOptions::default() };
            let mut trainer = Trainer::new(&data, Visible::Bernoulli, 16, options, Stream::new(4)).unwrap();
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
    fn weights_that_diverge_are_an_error_that_names_the_learning_rate() {
        let data = striped(50, 6);
        for visible in [Visible::Bernoulli, Visible::Gaussian] {
            let options = TrainingOptions { learning_rate: 1e6, batch: 5, ..TrainingOptions::default() };
            let mut trainer = Trainer::new(&data, visible, 4, options, Stream::new(0)).unwrap();
            let error = (0..20).find_map(|_| trainer.epoch().err()).expect("it diverges").to_string();
            assert!(error.contains("learning rate of 1000000") && error.contains("epoch 1"), "{error}");
        }
    }
}
