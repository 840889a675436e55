use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::{arguments::Arguments, failure::Outcome};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(options: &Options) -> Outcome {
    // Into memory first: clap panics where its output cannot be written, as into a pipe that nobody reads.
    let mut script = Vec::new();
    generate(options.shell, &mut Arguments::command(), "fanin", &mut script);
    Ok(io::stdout().lock().write_all(&script)?)
}
