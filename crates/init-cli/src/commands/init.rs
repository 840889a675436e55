use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
    time::Instant,
};

use clap::Args;
use comfy_table::Table;
use init_core::{DType, Distribution, Resolved};
use init_model::{Entry, Plan, WriteError, Writer};

use crate::{
    failure::{Failure, Outcome},
    figure::{bytes, grouped, short},
    layout::LayoutOptions,
    model::{Source, dtype, seed},
    progress,
    rank::RankOptions,
    signal::Signals,
    table,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    source: Source,

    /// The recipe whose rules are for the tensors of --like; it has no [parameters]
    #[arg(long, value_name = "RECIPE.toml")]
    rules: Option<PathBuf>,

    /// The file to write; an earlier one is replaced at the end, in one step
    #[arg(short, long, value_name = "OUT.safetensors", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    /// The seed of every stream [default: the recipe's, or 0]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// f32, f64, bf16 or f16 [default: the recipe's, the file's of --like, or f32]
    #[arg(long, value_name = "DTYPE", value_parser = dtype)]
    dtype: Option<DType>,

    #[command(flatten)]
    layout: LayoutOptions,

    #[command(flatten)]
    rank: RankOptions,

    /// Write several files of at most so much, such as 5GB or 512MiB, and an index, as transformers does
    #[arg(long, value_name = "SIZE", value_parser = shard_size)]
    shard_size: Option<u64>,

    /// Go on with what an interrupted run of the same command has written; if interrupted, keep it for the next
    #[arg(long)]
    resume: bool,

    /// Print what each parameter would get, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// No progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
}

pub(crate) fn run(options: Options) -> Outcome {
    let mut recipe = options.source.recipe(options.rules.as_ref())?;
    recipe.seed = options.seed.or(recipe.seed);
    recipe.dtype = options.dtype.or(recipe.dtype);
    recipe.layout = options.layout.layout()?.or(recipe.layout);
    let plan = options.rank.plan(recipe.plan()?)?;

    let mut out = io::stdout().lock();
    let output = match options.output {
        Some(output) if !options.dry_run => output,
        _ => {
            writeln!(out, "{}", table_of(&plan))?;
            writeln!(out, "{}", totals(&plan))?;
            return Ok(());
        }
    };

    let start = Instant::now();
    let bar = progress::bar(plan.bytes(), options.quiet);
    let signals = Signals::catch().map_err(Failure::failed)?;
    let mut writer = Writer::new().resume(options.resume);
    if let Some(bytes) = options.shard_size {
        writer = writer.shard_bytes(bytes);
    }
    let result = writer.write(&output, &plan, &|written| {
        bar.inc(written);
        if signals.noted().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    let written = result.map_err(|error| match (error, signals.noted()) {
        (error @ WriteError::Interrupted { .. }, Some(signal)) => Failure::Interrupted(error.to_string(), signal),
        (error, _) => error.into(),
    })?;
    if !options.quiet {
        let seconds = start.elapsed().as_secs_f64();
        let rate = written.bytes as f64 / 1e9 / seconds.max(1e-9);
        let files = match written.files.len() {
            1 => output.display().to_string(),
            files => format!("{} and {} more files", written.files[files - 1].display(), files - 1),
        };
        writeln!(out, "{}", totals(&plan))?;
        writeln!(out, "written to {files} in {seconds:.2} s, {rate:.2} GB/s")?;
    }
    Ok(())
}

/// For clap: some bytes at least.
fn shard_size(text: &str) -> Result<u64, String> {
    match bytes(text)? {
        0 => Err("a file holds at least one byte".to_owned()),
        bytes => Ok(bytes),
    }
}

fn totals(plan: &Plan) -> String {
    let mut dtypes: Vec<_> = plan.entries().iter().map(|entry| entry.dtype).collect();
    dtypes.sort_unstable();
    dtypes.dedup();
    let dtypes: Vec<_> = dtypes.iter().map(DType::to_string).collect();
    format!(
        "{} parameters in {} tensor{}, {} bytes of {}, seed {}",
        grouped(plan.elements()),
        plan.entries().len(),
        if plan.entries().len() == 1 { "" } else { "s" },
        grouped(plan.bytes()),
        dtypes.join(" and "),
        plan.seed(),
    )
}

fn table_of(plan: &Plan) -> Table {
    let mut table =
        table::table(&["name", "shape", "dtype", "fan_in", "fan_out", "initializer", "values"], &["fan_in", "fan_out"]);
    for entry in plan.entries() {
        let fan = |fan: Option<f64>| short(fan.unwrap_or(f64::NAN));
        table.add_row([
            entry.name.escape_debug().to_string(),
            entry.shape.to_string(),
            entry.dtype.to_string(),
            fan(entry.fans.map(|fans| fans.fan_in)),
            fan(entry.fans.map(|fans| fans.fan_out)),
            entry.initializer.to_string(),
            values(entry),
        ]);
    }
    table
}

/// The bound or the standard deviation, whichever says it, and of which blocks it is.
fn values(entry: &Entry) -> String {
    let values = match &entry.resolved {
        Resolved::Distribution(law) => figures(law),
        structured => structured.to_string(),
    };
    match &entry.packed {
        None => values,
        Some(packed) => format!("{values} each of {}", packed.names().join(", ").escape_debug()),
    }
}

fn figures(law: &Distribution) -> String {
    match *law {
        Distribution::Constant(value) => format!("= {}", short(value)),
        Distribution::Uniform { low, high } if low == -high => format!("bound {}", short(high)),
        Distribution::Uniform { low, high } => format!("{} … {}", short(low), short(high)),
        Distribution::Normal { mean: 0.0, std } => format!("std {}", short(std)),
        Distribution::Normal { mean, std } => format!("mean {} std {}", short(mean), short(std)),
        Distribution::TruncatedNormal { low, high, .. } => {
            format!("std {} in {} … {}", short(law.std()), short(low), short(high))
        }
        law => law.to_string(),
    }
}
