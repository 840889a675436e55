//! The task of a comparison: data, network shape and training.

use init_core::Activation;
use init_data::{
    Data,
    trainer::{Examples, Split, Targets, Training},
};
use init_kernels::Stream;

use crate::failure::{Failure, Outcome};

/// The task that every network of a comparison is trained for.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) kind: TaskKind,
    pub(crate) network: NetworkShape,
    pub(crate) training: Training,
    /// Epochs of each restricted Boltzmann machine in pretraining.
    pub(crate) pretraining: u64,
    pub(crate) train: Examples,
    pub(crate) test: Examples,
    /// The number of columns that have the same value in all examples.
    pub(crate) constant: usize,
    /// The test error of a constant prediction: the most common class, or the mean of each value.
    pub(crate) baseline: f64,
}

/// The kind of task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskKind {
    /// Classification; the error is the fraction of wrong answers.
    Classes,
    /// Reconstruction of the example; the error is the mean squared error.
    Reconstruction,
}

/// The shape of the networks, between their inputs and outputs.
#[derive(Clone, Debug)]
pub(crate) struct NetworkShape {
    /// The number of units of each hidden layer.
    pub(crate) hidden: Vec<usize>,
    /// The activation after each hidden layer.
    pub(crate) activation: Activation,
    pub(crate) slope: f64,
}

/// The maximum number of weights of a network: 512 MiB, and training keeps four copies.
const MAX_WEIGHTS: usize = 1 << 27;

impl Task {
    /// Creates a task from data, scaled to [0, 1], with this fraction of the examples for testing.
    /// The split depends only on the seed.
    pub(crate) fn new(
        data: &Data,
        kind: TaskKind,
        network: NetworkShape,
        training: Training,
        pretraining: u64,
        share: f64,
        seed: u64,
    ) -> Outcome<Self> {
        training.check().map_err(Failure::input)?;
        let constant = data.constant_columns().len();
        if constant == data.features.columns() {
            return Err(Failure::input(
                "every column of the data is constant, so there is nothing to learn; give data that vary",
            ));
        }
        let inputs = data.unit_scaled();
        let stream = Stream::new(seed).child("split");
        let (all, split) = match (kind, &data.labels) {
            (TaskKind::Classes, Some(labels)) => {
                if labels.iter().all(|label| label == &labels[0]) {
                    return Err(Failure::input(format_args!(
                        "every example is of class {}, so there is nothing to learn; the last column must be the class",
                        labels[0]
                    )));
                }
                let all = Examples { inputs, targets: Targets::Classes(labels.clone()) };
                (all, Split::by_class(labels, share, stream))
            }
            _ => (Examples::reconstructing(inputs), Split::plain(data.len(), share, stream)),
        };
        if split.test.is_empty() || split.train.len() < 2 {
            return Err(Failure::input(format_args!(
                "at least 1 example for testing and 2 for training are needed, got {} and {} of {}; give more data, \
                 or another --test",
                split.test.len(),
                split.train.len(),
                data.len(),
            )));
        }
        let (train, test) = (all.select(&split.train), all.select(&split.test));
        let baseline = baseline(&train, &test);
        let task = Self { kind, network, training, pretraining, train, test, constant, baseline };
        let weights =
            task.sizes().windows(2).try_fold(0, |sum: usize, pair| sum.checked_add(pair[0].checked_mul(pair[1])?));
        if weights.is_none_or(|weights| weights > MAX_WEIGHTS) {
            return Err(Failure::input(format_args!(
                "a network of {} has more than {MAX_WEIGHTS} weights, the maximum for a comparison; use fewer or \
                 narrower layers",
                task.shape()
            )));
        }
        Ok(task)
    }

    /// Returns the sizes of the input, of each hidden layer, and of the output.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![self.train.inputs.columns()];
        sizes.extend(&self.network.hidden);
        sizes.push(self.outputs());
        sizes
    }

    pub(crate) fn outputs(&self) -> usize {
        let classes = |examples: &Examples| match &examples.targets {
            Targets::Classes(classes) => classes.iter().max().map_or(0, |&largest| largest as usize + 1),
            Targets::Values(values) => values.columns(),
        };
        classes(&self.train).max(classes(&self.test))
    }

    /// Returns the activation of the last layer: linear for classes, whose softmax is part of the
    /// loss, and sigmoid for reconstructions, which are in [0, 1].
    pub(crate) fn output_activation(&self) -> Activation {
        match self.kind {
            TaskKind::Classes => Activation::Linear,
            TaskKind::Reconstruction => Activation::Sigmoid,
        }
    }

    /// Formats the sizes: `64 → 8 × 64 → 10`.
    pub(crate) fn shape(&self) -> String {
        let mut parts = vec![self.train.inputs.columns().to_string()];
        for same in self.network.hidden.chunk_by(|a, b| a == b) {
            parts.push(if same.len() == 1 { same[0].to_string() } else { format!("{} × {}", same.len(), same[0]) });
        }
        parts.push(self.outputs().to_string());
        parts.join(" → ")
    }

    /// Returns the error whose first epoch is reported: 10 % wrong answers, or half the baseline.
    pub(crate) fn level(&self) -> f64 {
        match self.kind {
            TaskKind::Classes => 0.1,
            TaskKind::Reconstruction => self.baseline / 2.0,
        }
    }

    /// Formats an error: error rates in per cent, mean squared errors as they are.
    pub(crate) fn shown(&self, error: f64) -> String {
        match self.kind {
            _ if error.is_nan() => "–".to_owned(),
            TaskKind::Classes => format!("{:.2}", 100.0 * error),
            TaskKind::Reconstruction => format!("{error:.5}"),
        }
    }
}

/// Returns the test error of a constant prediction.
fn baseline(train: &Examples, test: &Examples) -> f64 {
    match (&train.targets, &test.targets) {
        (Targets::Classes(train), Targets::Classes(test)) => {
            let classes = train.iter().chain(test).max().map_or(0, |&largest| largest as usize + 1);
            let mut counts = vec![0_usize; classes];
            train.iter().for_each(|&class| counts[class as usize] += 1);
            // Of equally common classes the first.
            let most_common = (0..classes).rev().max_by_key(|&class| counts[class]).unwrap_or_default();
            test.iter().filter(|&&class| class as usize != most_common).count() as f64 / test.len() as f64
        }
        _ => {
            let count = train.len() as f64;
            let means: Vec<f64> = train.inputs.column_sums().into_iter().map(|sum| sum / count).collect();
            let square =
                |row: &[f32]| row.iter().zip(&means).map(|(&x, mean)| (f64::from(x) - mean).powi(2)).sum::<f64>();
            test.inputs.each_row().map(square).sum::<f64>() / test.inputs.values().len() as f64
        }
    }
}
