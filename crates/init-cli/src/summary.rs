//! The result of `fanin init` in JSON.

use std::io::Write;

use init_model::{Plan, Written};
use serde::Serialize;

use crate::failure::{Failure, Outcome};

/// The files that were written, and their contents.
#[derive(Debug, Serialize)]
struct Summary {
    /// The model file, or its shards and their index.
    files: Vec<String>,
    /// The size of all files.
    bytes: u64,
    parameters: u64,
    tensors: usize,
    seed: u64,
    /// The digest of the plan, which does not depend on the seed.
    digest: String,
    seconds: f64,
}

/// Writes one JSON object for the files of a run.
pub(crate) fn write_summary(out: &mut impl Write, plan: &Plan, written: &Written, seconds: f64) -> Outcome {
    let summary = Summary {
        files: written.files.iter().map(|file| file.display().to_string()).collect(),
        bytes: written.bytes,
        parameters: plan.elements(),
        tensors: plan.entries().len(),
        seed: plan.seed(),
        digest: plan.digest(),
        seconds,
    };
    writeln!(out, "{}", serde_json::to_string(&summary).map_err(Failure::failed)?)?;
    Ok(())
}
