//! The JSON form of a comparison.

use serde::Serialize;

use crate::comparison::{Standing, Summary, Task, TaskKind, Trials};

/// The object that `--json` prints. Errors of classes are fractions; unknown values are null.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    task: &'static str,
    train: usize,
    test: usize,
    test_share: f64,
    constant_columns: usize,
    sizes: Vec<usize>,
    epochs: usize,
    batch: usize,
    learning_rate: f64,
    momentum: f64,
    seeds: &'a [u64],
    /// The error of a constant prediction.
    chance: f64,
    /// The error that `epochs_to_level` refers to.
    level: f64,
    schemes: Vec<Scheme<'a>>,
}

#[derive(Debug, Serialize)]
struct Scheme<'a> {
    init: &'a str,
    activation: &'static str,
    /// Epochs of pretraining of each machine.
    pretraining: Option<u64>,
    mean: f64,
    std: f64,
    standing: &'static str,
    /// The mean difference from the best, seed by seed, and its standard error.
    difference: Option<f64>,
    standard_error: Option<f64>,
    diverged: usize,
    at_chance: usize,
    runs: Vec<Run<'a>>,
}

#[derive(Debug, Serialize)]
struct Run<'a> {
    seed: u64,
    error: Option<f64>,
    diverged: Option<usize>,
    epochs_to_level: Option<usize>,
    /// The errors after epochs 0, 1, …
    errors: &'a [f64],
    /// The losses of epochs 1, 2, …
    losses: &'a [f64],
}

impl<'a> Report<'a> {
    pub(super) fn new(
        task: &'a Task,
        test_share: f64,
        seeds: &'a [u64],
        trials: &'a [Trials],
        summaries: &[Summary],
    ) -> Self {
        let scheme = |(trials, summary): (&'a Trials, &Summary)| {
            let (standing, difference) = match summary.standing {
                Standing::Best => ("best", None),
                Standing::Ties(difference) => ("ties", Some(difference)),
                Standing::Worse(difference) => ("worse", Some(difference)),
                Standing::Unknown => ("unknown", None),
            };
            let runs = seeds.iter().zip(&trials.curves).map(|(&seed, curve)| Run {
                seed,
                error: curve.diverged.is_none().then(|| curve.final_error()),
                diverged: curve.diverged,
                epochs_to_level: curve.epochs_to(task.level()),
                errors: &curve.errors,
                losses: &curve.losses,
            });
            Scheme {
                init: &trials.start.name,
                activation: trials.start.activation(task).name(),
                pretraining: (trials.start.steps(task) > 0).then_some(task.pretraining),
                mean: summary.mean,
                std: summary.std,
                standing,
                difference: difference.map(|difference| difference.mean),
                standard_error: difference.map(|difference| difference.standard_error),
                diverged: summary.diverged,
                at_chance: summary.at_chance,
                runs: runs.collect(),
            }
        };
        Self {
            task: match task.kind {
                TaskKind::Classes => "classes",
                TaskKind::Reconstruction => "reconstruction",
            },
            train: task.train.len(),
            test: task.test.len(),
            test_share,
            constant_columns: task.constant,
            sizes: task.sizes(),
            epochs: task.training.epochs,
            batch: task.training.batch,
            learning_rate: task.training.learning_rate,
            momentum: task.training.momentum,
            seeds,
            chance: task.baseline,
            level: task.level(),
            schemes: trials.iter().zip(summaries).map(scheme).collect(),
        }
    }
}
