//! `fanin init`: writing the initial weights of a model.

use std::{
    fmt,
    io::{self, Write},
    path::PathBuf,
    time::Instant,
};

use clap::Args;
use init_model::{
    Format as FileFormat, Writer,
    file::{FormatError, WriteError},
};

use crate::{
    failure::{Failure, Outcome},
    listing::{Format, totals, write_listing},
    model::{Overlay, Source},
    multipliers::MultiplierOptions,
    number::parse_bytes,
    progress::{Cancellable, watched},
    rank::RankOptions,
    summary::write_summary,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    source: Source,

    #[arg(short, long, value_name = "OUT.safetensors", required_unless_present = "dry_run", help = output_help())]
    output: Option<PathBuf>,

    #[command(flatten)]
    overlay: Overlay,

    #[command(flatten)]
    rank: RankOptions,

    #[command(flatten)]
    multipliers: MultiplierOptions,

    /// Split the model into files of at most this size, such as 5GB or 512MiB, with an index (as
    /// transformers and llama.cpp do)
    #[arg(long, value_name = "SIZE", value_parser = shard_size)]
    shard_size: Option<u64>,

    /// Resume an interrupted run of the same command; if interrupted, keep what was written
    #[arg(long)]
    resume: bool,

    /// Overwrite an existing file, which stays intact until the new one is complete
    #[arg(long)]
    force: bool,

    /// Exit without waiting for fsync: the file may be corrupt if the power fails soon after
    #[arg(long)]
    no_sync: bool,

    /// Show what each parameter would get, without writing a file
    #[arg(long)]
    dry_run: bool,

    /// Print one JSON object instead of the summary; with --dry-run, that of `fanin plan`
    #[arg(long)]
    json: bool,

    /// Print no progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
}

/// Returns the help of `--output`, with the known extensions.
fn output_help() -> String {
    let formats = FileFormat::all().into_iter().map(|format| format!(".{} ({})", format.extension(), format.name()));
    format!("File to write; its extension selects the format: {}", formats.collect::<Vec<_>>().join(", "))
}

pub(crate) fn run(options: Options) -> Outcome {
    let recipe = options.overlay.recipe(&options.source)?;
    let plan = options.rank.plan(recipe.plan()?)?;

    let mut out = io::stdout().lock();
    let output = match options.output {
        Some(output) if !options.dry_run => output,
        _ => {
            return write_listing(&mut out, &recipe, &plan, if options.json { Format::Json } else { Format::Table });
        }
    };

    FileFormat::of(&output).map_err(WriteError::from)?;
    let multipliers = options.multipliers.begin(&plan, Some(&output))?;
    let start = Instant::now();
    let mut writer = Writer::new().resume(options.resume).replace(options.force).sync(!options.no_sync);
    if let Some(bytes) = options.shard_size {
        writer = writer.shard_bytes(bytes);
    }
    let hint = if options.resume { "; run the same command again to resume" } else { "" };
    let written =
        watched(plan.bytes(), options.quiet, hint, |progress| writer.write(&output, &plan, progress).map_err(Hinted))?;
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
        writeln!(out, "{}", totals(&recipe, &plan))?;
        writeln!(out, "written to {files} in {seconds:.2} s, {rate:.2} GB/s")?;
    }
    Ok(())
}

/// A failed run, with the options that would help.
struct Hinted(WriteError);

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Cancellable for Hinted {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl From<Hinted> for Failure {
    fn from(Hinted(error): Hinted) -> Self {
        let hint = match &error {
            WriteError::Exists { .. } => " with --force",
            WriteError::OtherPlan { .. } | WriteError::EarlierVersion { .. } => "; leave out --resume to start over",
            WriteError::Format(FormatError::Resume { .. }) => "; leave out --resume",
            WriteError::Format(FormatError::Shards { .. }) => "; leave out --shard-size",
            WriteError::Format(FormatError::Bf16 { .. }) => "; --dtype f32 sets it for every parameter",
            _ => return error.into(),
        };
        Self::input(format_args!("{error}{hint}"))
    }
}

/// Parses the size of a shard for clap.
fn shard_size(text: &str) -> Result<u64, String> {
    match parse_bytes(text)? {
        0 => Err("must be at least 1 byte".to_owned()),
        bytes => Ok(bytes),
    }
}
