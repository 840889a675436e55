//! The multipliers of a training loop, written next to a model.

use std::path::{Path, PathBuf};

use clap::Args;
use init_core::scheme::Multipliers;
use init_model::{Entry, Plan, Replacement, recipe::Fields};
use serde::{Serialize, Serializer};

use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct MultiplierOptions {
    /// Write the training multipliers as JSON: each parameter's on the forward pass, learning rate
    /// and weight decay, set by the `scheme` of its rule, and those of the recipe's
    /// [multipliers]; an existing file is overwritten
    #[arg(long, value_name = "OUT.json")]
    multipliers: Option<PathBuf>,
}

impl MultiplierOptions {
    /// Writes the file under a temporary name, if one is wanted; `model` is the model file that is
    /// written next to it.
    pub(crate) fn begin(&self, plan: &Plan, model: Option<&Path>) -> Outcome<Option<Replacement>> {
        let Some(path) = &self.multipliers else { return Ok(None) };
        if model == Some(path.as_path()) {
            let message = format_args!("--multipliers and --output both name {}: give two files", path.display());
            return Err(Failure::input(message));
        }
        if !plan.has_multipliers() {
            return Err(Failure::input(
                "--multipliers has nothing to write: no rule has a `scheme` such as \
                 \"mup(role=hidden, base_fan_in=256)\", and the recipe has no [multipliers]",
            ));
        }
        let mut text = serde_json::to_vec_pretty(&File::of(plan)).map_err(Failure::failed)?;
        text.push(b'\n');
        Ok(Some(Replacement::filled(path, &text)?))
    }
}

/// Multipliers, as a training script reads them.
#[derive(Debug, Serialize)]
struct File<'a> {
    /// The digest of the plan, which is also that of the model file.
    digest: String,
    /// The recipe's `[multipliers]`.
    model: &'a Fields,
    /// DeepNorm's α, if the whole model has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    residual: Option<f64>,
    #[serde(serialize_with = "by_name")]
    parameters: &'a Plan,
}

/// The multipliers of one parameter.
#[derive(Debug, Serialize)]
pub(crate) struct Factors {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scheme: Option<String>,
    pub(crate) forward: f64,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) residual: Option<f64>,
}

impl<'a> File<'a> {
    fn of(plan: &'a Plan) -> Self {
        Self { digest: plan.digest(), model: plan.multipliers(), residual: plan.residual(), parameters: plan }
    }
}

impl Factors {
    pub(crate) fn of(entry: &Entry) -> Self {
        let Multipliers { forward, learning_rate, weight_decay, residual } = entry.multipliers;
        let scheme = entry.scheme.as_ref().map(ToString::to_string);
        Self { scheme, forward, learning_rate, weight_decay, residual }
    }
}

/// Serializes the parameters in the plan's order.
fn by_name<S: Serializer>(plan: &&Plan, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(plan.entries().iter().map(|entry| (&entry.name, Factors::of(entry))))
}
