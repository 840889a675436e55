use init_core::Activation;
use init_data::{
    Data,
    trainer::{Examples, Split, Targets, Training},
};
use init_kernels::Stream;

use crate::failure::{Failure, Outcome};

/// What every network of a comparison is to learn, and how.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) kind: Kind,
    pub(crate) network: Network,
    pub(crate) training: Training,
    /// Epochs of each machine of a stack that is trained before.
    pub(crate) pretraining: u64,
    pub(crate) train: Examples,
    pub(crate) test: Examples,
    /// Columns that have one value in all examples.
    pub(crate) constant: usize,
    /// The error in the test of who always gives the same: the commonest class, or the mean of each value.
    pub(crate) baseline: f64,
}

/// What is to be learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Which class an example is of; the error is the share of wrong answers.
    Classes,
    /// The example itself; the error is the mean square of a value's.
    Reconstruction,
}

/// The form of the networks.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// Units of each hidden layer.
    pub(crate) hidden: Vec<usize>,
    /// After each hidden layer.
    pub(crate) activation: Activation,
    pub(crate) slope: f64,
}

/// The most weights of a network: 512 MiB of them, and training holds them four times.
const MOST_WEIGHTS: usize = 1 << 27;

impl Task {
    /// The task of these data: scaled into [0, 1], and this share of them for the test. The split depends on the seed
    /// alone.
    pub(crate) fn new(
        data: &Data,
        kind: Kind,
        network: Network,
        training: Training,
        pretraining: u64,
        share: f64,
        seed: u64,
    ) -> Outcome<Self> {
        training.check().map_err(Failure::input)?;
        let constant = data.constant_columns().len();
        if constant == data.features.columns() {
            return Err(Failure::input(
                "every column of the data has one value in all examples, so there is nothing to learn; give data that differs",
            ));
        }
        let inputs = data.unit_scaled();
        let stream = Stream::new(seed).child("split");
        let (all, split) = match (kind, &data.labels) {
            (Kind::Classes, Some(labels)) => {
                if labels.iter().all(|label| label == &labels[0]) {
                    return Err(Failure::input(format_args!(
                        "every example is of class {}, so there is nothing to tell apart; the last column is to be the class",
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
                "of {} examples {} are for the test, which leaves {} to train with; at least 1 and 2 are needed: give more data, or \
                 another --test",
                data.len(),
                split.test.len(),
                split.train.len()
            )));
        }
        let (train, test) = (all.select(&split.train), all.select(&split.test));
        let baseline = baseline(&train, &test);
        let task = Self { kind, network, training, pretraining, train, test, constant, baseline };
        let weights =
            task.sizes().windows(2).try_fold(0, |sum: usize, pair| sum.checked_add(pair[0].checked_mul(pair[1])?));
        if weights.is_none_or(|weights| weights > MOST_WEIGHTS) {
            return Err(Failure::input(format_args!(
                "a network of {} has more than {MOST_WEIGHTS} weights, which is too much for a comparison; take fewer or narrower \
                 layers",
                task.shape()
            )));
        }
        Ok(task)
    }

    /// The sizes: of the input, each hidden layer, the output.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![self.train.inputs.columns()];
        sizes.extend(&self.network.hidden);
        sizes.push(self.outputs());
        sizes
    }

    pub(crate) fn outputs(&self) -> usize {
        let classes = |examples: &Examples| match &examples.targets {
            Targets::Classes(classes) => classes.iter().max().map_or(0, |&greatest| greatest as usize + 1),
            Targets::Values(values) => values.columns(),
        };
        classes(&self.train).max(classes(&self.test))
    }

    /// After the last layer: a softmax is part of its loss, and values to be reconstructed lie in [0, 1].
    pub(crate) fn output_activation(&self) -> Activation {
        match self.kind {
            Kind::Classes => Activation::Linear,
            Kind::Reconstruction => Activation::Sigmoid,
        }
    }

    /// The sizes as people read them: `64 → 8 × 64 → 10`.
    pub(crate) fn shape(&self) -> String {
        let mut parts = vec![self.train.inputs.columns().to_string()];
        for same in self.network.hidden.chunk_by(|a, b| a == b) {
            parts.push(if same.len() == 1 { same[0].to_string() } else { format!("{} × {}", same.len(), same[0]) });
        }
        parts.push(self.outputs().to_string());
        parts.join(" → ")
    }

    /// The error whose first epoch is told: a tenth of the answers wrong, or half of what the mean gives.
    pub(crate) fn level(&self) -> f64 {
        match self.kind {
            Kind::Classes => 0.1,
            Kind::Reconstruction => self.baseline / 2.0,
        }
    }

    /// An error as people read it: in per cent, or as it is.
    pub(crate) fn shown(&self, error: f64) -> String {
        match self.kind {
            _ if error.is_nan() => "–".to_owned(),
            Kind::Classes => format!("{:.2}", 100.0 * error),
            Kind::Reconstruction => format!("{error:.5}"),
        }
    }
}

fn baseline(train: &Examples, test: &Examples) -> f64 {
    match (&train.targets, &test.targets) {
        (Targets::Classes(train), Targets::Classes(test)) => {
            let most = train.iter().chain(test).max().map_or(0, |&greatest| greatest as usize + 1);
            let mut counts = vec![0_usize; most];
            train.iter().for_each(|&class| counts[class as usize] += 1);
            // Of equally common classes the first.
            let commonest = (0..most).rev().max_by_key(|&class| counts[class]).unwrap_or_default();
            test.iter().filter(|&&class| class as usize != commonest).count() as f64 / test.len() as f64
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
