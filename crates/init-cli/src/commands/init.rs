use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
    time::Instant,
};

use clap::Args;
use init_model::{WriteError, Writer};

use crate::{
    failure::{Failure, Outcome},
    figure::bytes,
    listing::{Format, totals, write_listing},
    model::{Overlay, Source},
    multipliers::MultiplierOptions,
    progress,
    rank::RankOptions,
    signal::Signals,
    summary::write_summary,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    source: Source,

    /// The file to write; an earlier one is replaced at the end, in one step. Its ending says the format: .npy (NumPy, one parameter),
    /// .npz (NumPy), .gguf (llama.cpp); any other is safetensors
    #[arg(short, long, value_name = "OUT.safetensors", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    #[command(flatten)]
    overlay: Overlay,

    #[command(flatten)]
    rank: RankOptions,

    #[command(flatten)]
    multipliers: MultiplierOptions,

    /// Write several files of at most so much, such as 5GB or 512MiB, and an index, as transformers does; of .gguf, as llama.cpp does
    #[arg(long, value_name = "SIZE", value_parser = shard_size)]
    shard_size: Option<u64>,

    /// Go on with what an interrupted run of the same command has written; if interrupted, keep it for the next
    #[arg(long)]
    resume: bool,

    /// End as soon as the system has the bytes, without waiting for the disk: the file may be damaged if the power fails soon after
    #[arg(long)]
    no_sync: bool,

    /// Print what each parameter would get, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// One JSON object of what was written, in the place of the summary; with --dry-run that of `fanin plan`
    #[arg(long)]
    json: bool,

    /// No progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
}

pub(crate) fn run(options: Options) -> Outcome {
    let plan = options.rank.plan(options.overlay.recipe(&options.source)?.plan()?)?;

    let mut out = io::stdout().lock();
    let output = match options.output {
        Some(output) if !options.dry_run => output,
        _ => {
            return write_listing(&mut out, &plan, if options.json { Format::Json } else { Format::Table });
        }
    };

    let multipliers = options.multipliers.begin(&plan, Some(&output))?;
    let start = Instant::now();
    let bar = progress::bar(plan.bytes(), options.quiet);
    let signals = Signals::catch().map_err(Failure::failed)?;
    let mut writer = Writer::new().resume(options.resume).sync(!options.no_sync);
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
    if let Some(file) = multipliers {
        file.commit()?;
    }
    let seconds = start.elapsed().as_secs_f64();
    if options.json {
        write_summary(&mut out, &plan, &written, seconds)?;
    } else if !options.quiet {
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
