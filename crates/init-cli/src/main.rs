//! `fanin` initialises neural-network weights at the speed of memory, with the same bits on every machine.

#![forbid(unsafe_code)]

mod arguments;
mod commands;
#[cfg(feature = "pretrain")]
mod comparison;
mod depth;
mod failure;
mod figure;
mod layout;
mod listing;
mod measure;
mod model;
mod multipliers;
mod natural;
mod picture;
#[cfg(feature = "plot")]
mod plot;
mod progress;
mod rank;
mod scheme;
mod signal;
mod summary;
mod table;

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};
use init_kernels::Level;

use crate::{
    arguments::{Arguments, Command},
    failure::{Failure, Outcome},
};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() || is_help(&error) => error.exit(),
        Err(error) => return Failure::from(error).report(),
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// `fanin` alone: clap prints the help, to standard error and with exit code 2.
fn is_help(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

fn run(arguments: Arguments) -> Outcome {
    // A level that this machine does not have is said before any work is done.
    let level = Level::active()?;
    rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads.unwrap_or(0))
        .build_global()
        .map_err(Failure::failed)?;
    match arguments.command {
        Command::Init(options) => commands::init::run(options),
        Command::Plan(options) => commands::plan::run(&options),
        Command::Presets(options) => commands::presets::run(&options),
        Command::Inspect(options) => commands::inspect::run(&options),
        Command::Verify(options) => commands::verify::run(&options),
        Command::Diff(options) => commands::diff::run(&options),
        #[cfg(feature = "pretrain")]
        Command::Pretrain(options) => commands::pretrain::run(&options),
        Command::Bits(options) => commands::bits::run(&options),
        Command::Bench(options) => commands::bench::run(&options),
        Command::Resolve(options) => commands::resolve::run(&options),
        Command::Trace(options) => commands::trace::run(&options),
        Command::List(options) => commands::list::run(&options),
        Command::Gain(options) => commands::gain::run(&options),
        #[cfg(feature = "pretrain")]
        Command::Compare(options) => commands::compare::run(&options),
        Command::Info => commands::info::run(level),
        Command::Completions(options) => commands::completions::run(&options),
        Command::Man(options) => commands::man::run(&options),
    }
}
