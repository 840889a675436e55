//! The report of `fanin pretrain`, as text and as JSON.

use std::fmt::Write;

use init_core::Distribution;
use init_data::{
    Matrix,
    rbm::{Ais, Rbm, RbmError, RbmStack, StackOptions, Visible, error_of_mean},
};
use init_kernels::{FillError, Progress, Stream, fill};
use serde::Serialize;

use super::{examples::Examples, options::Options};
use crate::{number::short, table};

/// A trained stack, with its reconstruction errors and times.
pub(super) struct Trained {
    pub(super) stack: RbmStack,
    /// The reconstruction error after each epoch, of each machine.
    pub(super) errors: Vec<Vec<f32>>,
    /// The time that each machine took in this run.
    pub(super) seconds: Vec<f64>,
}

impl Trained {
    pub(super) fn new(machines: usize) -> Self {
        Self { stack: RbmStack::default(), errors: Vec::new(), seconds: vec![0.0; machines] }
    }
}

/// The log-likelihood of a machine, and its partition function.
#[derive(Serialize)]
pub(super) struct Likelihood {
    log_partition: f64,
    /// The standard error of ln Z; `None` if it is exact.
    standard_error: Option<f64>,
    /// The mean over the examples, in nats.
    log_likelihood: f64,
}

/// The number of units of the smaller side up to which the exact partition function takes about a
/// second.
const EXACT_UNITS: usize = 20;

/// The number of examples on which the pseudo-likelihood is measured, evenly spaced: it takes as
/// many operations per unit as there are weights.
const SAMPLE: usize = 500;

/// Variances below this, of values from 0 to 1, are taken as 0.
const MEANINGLESS: f64 = 1e-6;

impl Likelihood {
    /// Computes the log-likelihood of the training examples; for Bernoulli units they are first
    /// drawn as 0 or 1. The units of progress are steps of annealed importance sampling.
    pub(super) fn of(rbm: &Rbm, examples: &Examples, seed: u64, progress: Progress<'_>) -> Result<Self, RbmError> {
        let stream = Stream::new(seed).child("log-likelihood");
        let data = &examples.training;
        let binary = match rbm.visible {
            Visible::Bernoulli => drawn(data, stream.child("examples"))?,
            Visible::Gaussian => data.clone(),
        };
        let units = match rbm.visible {
            Visible::Bernoulli => rbm.hidden_units().min(rbm.visible_units()),
            Visible::Gaussian => rbm.hidden_units(),
        };
        let (log_partition, standard_error) = if units <= EXACT_UNITS {
            (rbm.log_partition()?, None)
        } else {
            let base = Rbm::drawn(data, rbm.visible, 1, stream)?.visible_bias;
            let estimate = Ais::default().estimate(rbm, Some(&base), stream.child("ais"), progress)?;
            (estimate.log_partition, Some(estimate.standard_error))
        };
        Ok(Self { log_partition, standard_error, log_likelihood: -rbm.free_energy(&binary)? - log_partition })
    }

    fn text(&self, is_binary: bool) -> String {
        let of = if is_binary { "examples drawn as 0 or 1" } else { "examples" };
        let how = match self.standard_error {
            None => "exact".to_owned(),
            Some(error) => {
                format!("standard error {}, by {} annealed runs", short(error), Ais::default().runs)
            }
        };
        let (likelihood, partition) = (self.log_likelihood, self.log_partition);
        format!(
            "mean log-likelihood of the {of} in the first machine: {likelihood:.2} nats; ln Z {partition:.3}, {how}"
        )
    }
}

/// Draws zeros and ones with these means.
fn drawn(means: &Matrix, stream: Stream) -> Result<Matrix, FillError> {
    let mut drawn = Matrix::zeros(means.rows(), means.columns());
    fill(drawn.values_mut(), &Distribution::Uniform { low: 0.0, high: 1.0 }, stream)?;
    for (value, &mean) in drawn.values_mut().iter_mut().zip(means.values()) {
        *value = if *value < mean { 1.0 } else { 0.0 };
    }
    Ok(drawn)
}

/// All that the report of a run needs.
pub(super) struct Report<'a> {
    pub(super) options: &'a Options,
    pub(super) examples: &'a Examples,
    pub(super) stack_options: &'a StackOptions,
    pub(super) trained: &'a Trained,
    pub(super) likelihood: Option<Likelihood>,
}

#[derive(Serialize)]
pub(super) struct Page<'a> {
    examples: usize,
    features: usize,
    labels: &'static str,
    scaling: String,
    seed: u64,
    layers: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_machine: Option<&'a Likelihood>,
    output: String,
}

#[derive(Serialize)]
struct Line<'a> {
    visible: usize,
    hidden: usize,
    method: String,
    learning_rate: f64,
    epochs: usize,
    reconstruction_error: &'a [f32],
    pseudo_likelihood: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free_energy: Option<FreeEnergy>,
    seconds: f64,
}

/// Mean free energies; a much larger one of the held-out examples shows overfitting (Hinton 2010,
/// section 6).
#[derive(Serialize)]
struct FreeEnergy {
    training: f64,
    held_out: f64,
}

impl<'a> Report<'a> {
    fn lines(&self) -> Result<Vec<Line<'a>>, RbmError> {
        let mut input = self.examples.training.clone();
        let mut held_out = self.examples.held_out.clone();
        let mut lines = Vec::new();
        for (index, machine) in self.trained.stack.machines.iter().enumerate() {
            let training = &self.stack_options.training[index];
            let free_energy = match &held_out {
                None => None,
                Some(held) => {
                    Some(FreeEnergy { training: machine.free_energy(&input)?, held_out: machine.free_energy(held)? })
                }
            };
            let step = input.rows().div_ceil(SAMPLE);
            let sample: Vec<usize> = (0..input.rows()).step_by(step).collect();
            let errors = &self.trained.errors[index];
            lines.push(Line {
                visible: machine.visible_units(),
                hidden: machine.hidden_units(),
                method: training.method.to_string(),
                learning_rate: training.learning_rate,
                epochs: errors.len(),
                reconstruction_error: errors,
                pseudo_likelihood: machine.pseudo_likelihood(&input.select(&sample))?,
                free_energy,
                seconds: self.trained.seconds[index],
            });
            input = machine.hidden_probabilities(&input);
            held_out = held_out.map(|held| machine.hidden_probabilities(&held));
        }
        Ok(lines)
    }

    /// Returns warnings about machines that learnt nothing, although they did not diverge.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut input = self.examples.training.clone();
        for (index, machine) in self.trained.stack.machines.iter().enumerate() {
            let (layer, of_mean) = (index + 1, error_of_mean(&input));
            let error = self.trained.errors[index].last().map_or(0.0, |&error| f64::from(error));
            if of_mean < MEANINGLESS {
                warnings
                    .push(format!("layer {layer} had nothing to learn: its input is almost the same for all examples"));
            } else if error > 0.95 * of_mean {
                warnings.push(format!(
                    "layer {layer} learnt almost nothing: its reconstruction error is {error:.4}, that of the mean \
                     {of_mean:.4}; try another learning rate or more epochs"
                ));
            }
            input = machine.hidden_probabilities(&input);
        }
        warnings
    }

    pub(super) fn json(&'a self) -> Result<Page<'a>, RbmError> {
        Ok(Page {
            examples: self.examples.count(),
            features: self.examples.features(),
            labels: if self.examples.has_labels() { "last" } else { "none" },
            scaling: self.examples.scaling(),
            seed: self.options.seed,
            layers: self.lines()?,
            first_machine: self.likelihood.as_ref(),
            output: self.options.output.display().to_string(),
        })
    }

    pub(super) fn text(&self) -> Result<String, RbmError> {
        let has_gap = self.examples.held_out.is_some();
        let mut head = vec!["layer", "units", "method", "rate", "epochs", "reconstruction error", "pseudo-likelihood"];
        if has_gap {
            head.push("free-energy gap");
        }
        head.push("seconds");
        let mut table = table::table(&head, &head[3..]).optional(&[
            "method",
            "seconds",
            "rate",
            "epochs",
            "pseudo-likelihood",
            "free-energy gap",
        ]);
        for (index, line) in self.lines()?.into_iter().enumerate() {
            let (first, last) = (line.reconstruction_error.first(), line.reconstruction_error.last());
            let error = |error: Option<&f32>| error.map_or("–".to_owned(), |error| format!("{error:.4}"));
            let mut row = vec![
                (index + 1).to_string(),
                format!("{} → {}", line.visible, line.hidden),
                line.method,
                line.learning_rate.to_string(),
                line.epochs.to_string(),
                format!("{} → {}", error(first), error(last)),
                line.pseudo_likelihood.map_or("–".to_owned(), |sum| format!("{sum:.2}")),
            ];
            row.extend(line.free_energy.map(|energy| format!("{:.2}", energy.held_out - energy.training)));
            row.push(format!("{:.2}", line.seconds));
            table.add_row(row);
        }
        let mut text = format!("{}\n{table}\n", table::paragraph(&self.examples.summary()));
        let is_binary = self.stack_options.visible == Visible::Bernoulli;
        if let Some(likelihood) = &self.likelihood {
            let _ = writeln!(text, "{}", table::paragraph(&likelihood.text(is_binary)));
        }
        let what = if self.options.unroll { "the autoencoder" } else { "the layers" };
        let _ = writeln!(text, "{what} written to {}, seed {}", self.options.output.display(), self.options.seed);
        #[cfg(feature = "plot")]
        for (what, path) in [("filters", &self.options.filters), ("reconstructions", &self.options.reconstructions)] {
            if let Some(path) = path {
                let _ = writeln!(text, "{what} written to {}", path.display());
            }
        }
        Ok(text)
    }
}
