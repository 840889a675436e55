//! `fanin presets`: the published models that are known by name.

use std::io::{self, Write};

use clap::Args;
use init_core::DType;
use init_model::{Config, PRESETS, config::FAMILIES};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    number::grouped,
    table::{self, paragraph},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// A preset in JSON.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    family: &'static str,
    parameters: u64,
    /// The elements of buffers: the running statistics of batch norms.
    buffers: u64,
    tensors: usize,
    dtype: String,
    bytes_bf16: u64,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let rows = PRESETS.iter().map(|&name| row(name)).collect::<Outcome<Vec<_>>>()?;
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&rows).map_err(Failure::failed)?)?;
        return Ok(());
    }
    let numbers = ["parameters", "tensors", "bytes of bf16"];
    let mut table = table::table(&["name", "family", numbers[0], numbers[1], "dtype", numbers[2]], &numbers)
        .optional(&["tensors", "bytes of bf16", "dtype", "family"]);
    for row in rows {
        table.add_row([
            row.name.to_owned(),
            row.family.to_owned(),
            grouped(row.parameters),
            row.tensors.to_string(),
            row.dtype,
            grouped(row.bytes_bf16),
        ]);
    }
    writeln!(out, "{table}")?;
    let hint = format!(
        "`fanin init --preset NAME -o FILE` writes one; --config takes the config.json of any model of the families {}",
        FAMILIES.map(|family| family.name).join(", ")
    );
    writeln!(out, "{}", paragraph(&hint))?;
    Ok(())
}

fn row(name: &'static str) -> Outcome<Row> {
    let config = Config::preset(name)?;
    Ok(Row {
        name,
        family: config.family(),
        parameters: config.parameters(),
        buffers: config.buffers(),
        tensors: config.recipe().parameters.len(),
        dtype: config.recipe().dtype.unwrap_or(DType::F32).to_string(),
        bytes_bf16: (config.parameters() + config.buffers()) * DType::Bf16.size() as u64,
    })
}
