//! `fanin completions`: a completion script for a shell.

use std::io::{self, Write};

use clap::Args;
use clap_complete::{Shell, generate};

use crate::failure::Outcome;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shell to print completions for
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions of the program, whose whole command line is `program`.
pub(crate) fn run(options: &Options, mut program: clap::Command) -> Outcome {
    // Into memory first: clap panics where its output cannot be written, as into a pipe that nobody
    // reads.
    let mut script = Vec::new();
    generate(options.shell, &mut program, "fanin", &mut script);
    Ok(io::stdout().lock().write_all(&script)?)
}
