//! `fanin bits`: a raw random stream, for test suites.

use std::io::{self, Write};

use clap::Args;
use init_kernels::Stream;
use rand_core::Rng;

use crate::{failure::Outcome, model::seed, number::bytes};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Seed of the stream
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    seed: u64,

    /// Write the stream of the parameter with this name, not the root stream
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Stop after this many bytes, such as 4096, 64MiB or 5GB [default: never]
    #[arg(long, value_name = "BYTES", value_parser = bytes, allow_negative_numbers = true)]
    limit: Option<u64>,
}

/// Bytes that are drawn before they are written: a whole number of 64-bit words, so that the stream
/// does not depend on the size of the buffer.
const BUFFER_BYTES: usize = 1 << 20;

pub(crate) fn run(options: &Options) -> Outcome {
    let root = Stream::new(options.seed);
    let stream = options.name.as_ref().map_or(root, |name| root.child(name));
    let mut rng = stream.rng();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut left = options.limit.unwrap_or(u64::MAX);
    let mut out = io::stdout().lock();
    while left > 0 {
        rng.fill_bytes(&mut buffer);
        let count = left.min(BUFFER_BYTES as u64) as usize;
        out.write_all(&buffer[..count])?;
        if options.limit.is_some() {
            left -= count as u64;
        }
    }
    out.flush()?;
    Ok(())
}
