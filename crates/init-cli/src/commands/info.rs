//! `fanin info`: what this program and this machine have.

use std::io::{self, Write};

use init_kernels::{Level, VALUE_FORMAT, threads};

use crate::failure::Outcome;

pub(crate) fn run(level: Level) -> Outcome {
    let available: Vec<_> = Level::available().iter().map(Level::to_string).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "version       {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "value format  {VALUE_FORMAT}")?;
    writeln!(out, "levels        {}", available.join(", "))?;
    writeln!(out, "level in use  {level}")?;
    writeln!(out, "threads       {}", threads::count()?)?;
    Ok(())
}
