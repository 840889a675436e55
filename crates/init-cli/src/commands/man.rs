//! `fanin man`: the manual page of the program or of one command.

use std::io::{self, Write};

use clap::Args;
use clap_mangen::Man;

use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The command to describe, such as init [default: the program itself]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints a manual page of the program, whose whole command line is `program`.
pub(crate) fn run(options: &Options, mut program: clap::Command) -> Outcome {
    // This gives the commands their full names, and the options that all of them share.
    program.build();
    let page = match &options.command {
        None => program,
        Some(name) => {
            let names: Vec<_> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
            program.find_subcommand(name).cloned().ok_or_else(|| {
                let (name, names) = (name.escape_debug(), names.join(", "));
                Failure::input(format_args!("unknown command `{name}`; the commands are {names}"))
            })?
        }
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text).map_err(Failure::failed)?;
    Ok(io::stdout().lock().write_all(&text)?)
}
