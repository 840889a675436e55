//! What a run has written, for programs.

use std::io::Write;

use init_model::{Plan, Written};
use serde::Serialize;

use crate::failure::{Failure, Outcome};

/// One object on standard output.
#[derive(Debug, Serialize)]
struct Summary {
    /// The model, or its shards and their index.
    files: Vec<String>,
    /// Their size together.
    bytes: u64,
    parameters: u64,
    tensors: usize,
    seed: u64,
    /// What the plan asks for, seed apart.
    digest: String,
    seconds: f64,
}

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
