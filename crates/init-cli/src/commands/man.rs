use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use crate::{
    arguments::Arguments,
    failure::{Failure, Outcome},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The command, such as init [default: the program itself]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut program = Arguments::command();
    // Only then do the commands have their whole names, and the options that all of them take.
    program.build();
    let page = match &options.command {
        None => program,
        Some(name) => {
            let names: Vec<_> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
            program.find_subcommand(name).cloned().ok_or_else(|| {
                let (name, names) = (name.escape_debug(), names.join(", "));
                Failure::input(format_args!("`{name}` is no command; the commands are {names}"))
            })?
        }
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text).map_err(Failure::failed)?;
    Ok(io::stdout().lock().write_all(&text)?)
}
