use std::fmt::Write;

use init_core::Distribution;
use init_data::{
    Matrix,
    rbm::{Ais, Rbm, RbmError, Stack, Stacking, Visible, error_of_mean},
};
use init_kernels::{Stream, fill};
use serde::Serialize;

use super::{Examples, Options};
use crate::{
    failure::{Failure, Outcome},
    figure::short,
    table,
};

/// Machines that are done, and what was measured meanwhile.
pub(super) struct Figures {
    pub(super) stack: Stack,
    /// The reconstruction error after each epoch, of each machine.
    pub(super) errors: Vec<Vec<f32>>,
    /// How long each machine took in this run.
    pub(super) seconds: Vec<f64>,
}

impl Figures {
    pub(super) fn new(machines: usize) -> Self {
        Self { stack: Stack::default(), errors: Vec::new(), seconds: vec![0.0; machines] }
    }
}

/// What a machine's partition function tells.
#[derive(Serialize)]
pub(super) struct Likelihood {
    log_partition: f64,
    /// Of ln Z; none if it is exact.
    standard_error: Option<f64>,
    /// The mean over the examples, in nats.
    log_likelihood: f64,
}

/// Up to this many units of the smaller side the partition function takes about a second.
const EXACT_UNITS: usize = 20;

/// Examples on which the pseudo-likelihood is measured, evenly spread: it takes as many operations as there are
/// weights for each unit.
const SAMPLE: usize = 500;

/// Variances of less than this, of values from 0 to 1, are as good as none.
const MEANINGLESS: f64 = 1e-6;

impl Likelihood {
    /// Of the examples as the machine knows them: if its units are 0 or 1, so are these, drawn from what is between.
    pub(super) fn of(rbm: &Rbm, examples: &Examples, seed: u64) -> Outcome<Self> {
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
            let estimate = Ais::default().estimate(rbm, Some(&base), stream.child("ais"))?;
            (estimate.log_partition, Some(estimate.standard_error))
        };
        Ok(Self { log_partition, standard_error, log_likelihood: -rbm.free_energy(&binary)? - log_partition })
    }

    fn text(&self, is_binary: bool) -> String {
        let of = if is_binary { "examples drawn as 0 or 1" } else { "examples" };
        let how = match self.standard_error {
            None => "exact".to_owned(),
            Some(error) => {
                format!("± {}, a standard error, by {} annealed runs", short(error), Ais::default().runs)
            }
        };
        let (likelihood, partition) = (self.log_likelihood, self.log_partition);
        format!("log-likelihood of {of} in the first machine: {likelihood:.2} nats each; ln Z {partition:.3}, {how}")
    }
}

/// Zeros and ones of these means.
fn drawn(means: &Matrix, stream: Stream) -> Outcome<Matrix> {
    let mut drawn = Matrix::zeros(means.rows(), means.columns());
    fill(drawn.values_mut(), &Distribution::Uniform { low: 0.0, high: 1.0 }, stream).map_err(Failure::failed)?;
    for (value, &mean) in drawn.values_mut().iter_mut().zip(means.values()) {
        *value = if *value < mean { 1.0 } else { 0.0 };
    }
    Ok(drawn)
}

/// What a run prints.
pub(super) struct Report<'a> {
    pub(super) options: &'a Options,
    pub(super) examples: &'a Examples,
    pub(super) stacking: &'a Stacking,
    pub(super) trained: &'a Figures,
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

/// If the held-out examples have much more, the machine overfits (Hinton 2010, section 6).
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
            let training = &self.stacking.training[index];
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

    /// Machines that learnt nothing, though they did not diverge.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut input = self.examples.training.clone();
        for (index, machine) in self.trained.stack.machines.iter().enumerate() {
            let (layer, of_mean) = (index + 1, error_of_mean(&input));
            let error = self.trained.errors[index].last().map_or(0.0, |&error| f64::from(error));
            if of_mean < MEANINGLESS {
                warnings.push(format!(
                    "layer {layer} had nothing to learn: what it is given is almost the same for all examples"
                ));
            } else if error > 0.95 * of_mean {
                warnings.push(format!(
                    "layer {layer} has learnt next to nothing: its reconstruction error is {error:.4}, that of the mean \
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
        let mut text = format!("{}\n{table}\n", self.examples.summary());
        let is_binary = self.stacking.visible == Visible::Bernoulli;
        if let Some(likelihood) = &self.likelihood {
            let _ = writeln!(text, "{}", likelihood.text(is_binary));
        }
        let what = if self.options.unroll { "the autoencoder" } else { "the layers" };
        let _ = writeln!(text, "{what} written to {}, seed {}", self.options.output.display(), self.options.seed);
        Ok(text)
    }
}
