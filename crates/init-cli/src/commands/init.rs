use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
    time::Instant,
};

use clap::Args;
use init_model::{WriteError, write};

use crate::{
    failure::{Failure, Outcome},
    listing::{Format, totals, write_listing},
    model::{Overlay, Source},
    progress,
    signal::Signals,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    source: Source,

    /// The file to write; an earlier one is replaced at the end, in one step
    #[arg(short, long, value_name = "OUT.safetensors", required_unless_present = "dry_run")]
    output: Option<PathBuf>,

    #[command(flatten)]
    overlay: Overlay,

    /// Print what each parameter would get, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// No progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
}

pub(crate) fn run(options: Options) -> Outcome {
    let plan = options.overlay.recipe(&options.source)?.plan()?;

    let mut out = io::stdout().lock();
    let output = match options.output {
        Some(output) if !options.dry_run => output,
        _ => {
            return write_listing(&mut out, &plan, Format::Table);
        }
    };

    let start = Instant::now();
    let bar = progress::bar(plan.bytes(), options.quiet);
    let signals = Signals::catch().map_err(Failure::failed)?;
    let result = write(&output, &plan, &|written| {
        bar.inc(written);
        if signals.noted().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    let bytes = result.map_err(|error| match (error, signals.noted()) {
        (error @ WriteError::Interrupted { .. }, Some(signal)) => Failure::Interrupted(error.to_string(), signal),
        (error, _) => error.into(),
    })?;
    if !options.quiet {
        let seconds = start.elapsed().as_secs_f64();
        let rate = bytes as f64 / 1e9 / seconds.max(1e-9);
        writeln!(out, "{}", totals(&plan))?;
        writeln!(out, "written to {} in {seconds:.2} s, {rate:.2} GB/s", output.display())?;
    }
    Ok(())
}
