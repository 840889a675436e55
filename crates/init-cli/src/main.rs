//! `fanin` initialises neural-network weights at the speed of memory, with the same bits on every
//! machine.

#![forbid(unsafe_code)]

mod arguments;
mod commands;
#[cfg(feature = "pretrain")]
mod comparison;
mod depth;
mod failure;
mod json;
mod layout;
mod listing;
mod measure;
mod model;
mod multipliers;
mod natural;
mod number;
#[cfg(feature = "plot")]
mod plot;
mod preset;
mod progress;
mod rank;
mod scheme;
mod signal;
mod sparkline;
mod style;
mod summary;
mod table;

use std::{env, process::ExitCode};

use clap::{Arg, CommandFactory, Parser, error::ErrorKind};
use init_kernels::{Level, threads};

use crate::{
    arguments::{Arguments, Command},
    failure::{Failure, Outcome},
};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() || is_help(&error) => error.exit(),
        Err(error) => {
            let (command, recipe) = named_command();
            return Failure::usage(&error, &command, recipe.as_deref()).report();
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Whether the program was run without a command: clap then prints the help to standard error, with
/// exit code 2.
fn is_help(error: &clap::Error) -> bool {
    error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// Returns the first word of the command line that is the name of a command, and the first word after
/// it that is neither an option nor the value of one.
fn named_command() -> (String, Option<String>) {
    let program = Arguments::command();
    let mut words = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let named = words.by_ref().find_map(|word| program.find_subcommand(word));
    let Some(command) = named else { return (String::new(), None) };
    let takes_value = |word: &str| {
        let is_named = |option: &Arg| match word.strip_prefix("--") {
            Some(long) => option.get_long() == Some(long),
            None => option.get_short().is_some_and(|letter| word.chars().eq(['-', letter])),
        };
        let mut options = command.get_arguments().chain(program.get_arguments());
        options.any(|option| is_named(option) && option.get_action().takes_values())
    };
    let mut bare = None;
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            bare = Some(word);
            break;
        }
        if takes_value(&word) {
            words.next();
        }
    }
    (command.get_name().to_owned(), bare)
}

/// Sets the maximum number of threads, and starts those of rayon: as many as the system provides,
/// down to the main thread alone.
fn start_threads(maximum: Option<usize>) -> Outcome {
    if let Some(maximum) = maximum {
        threads::set_count(maximum)?;
    }
    let mut count = threads::count()?;
    loop {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(count);
        // With one thread, the main thread takes its place.
        let builder = if count == 1 { builder.use_current_thread() } else { builder };
        match builder.build_global() {
            Err(_) if count > 1 => count = count.div_ceil(2),
            outcome => return outcome.map_err(Failure::failed),
        }
    }
}

/// Runs the command that was given.
fn run(arguments: Arguments) -> Outcome {
    table::set_wide(arguments.wide);
    // A level that this machine does not have is an error before any work is done.
    let level = Level::active()?;
    start_threads(arguments.threads)?;
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
        Command::Completions(options) => commands::completions::run(&options, Arguments::command()),
        Command::Man(options) => commands::man::run(&options, Arguments::command()),
    }
}
