use std::io::{self, Write};

use clap::Args;
use init_core::DType;
use init_model::{Config, PRESETS, config::FAMILIES};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    figure::grouped,
    table,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// A preset, as a program reads it.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    family: &'static str,
    parameters: u64,
    /// The statistics of batch norms.
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
    let figures = ["parameters", "tensors", "bytes of bf16"];
    let mut table = table::table(&["name", "family", figures[0], figures[1], "dtype", figures[2]], &figures);
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
    writeln!(
        out,
        "fanin init --preset NAME writes one; --config takes the config.json of any {}",
        FAMILIES.map(|family| family.name).join(", ")
    )?;
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
