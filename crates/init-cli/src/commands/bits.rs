use std::io::{self, Write};

use clap::Args;
use init_kernels::Stream;
use rand_core::Rng;

use crate::failure::Outcome;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The seed of the stream
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: u64,

    /// The stream of this parameter rather than the root stream
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Stop after so many bytes: a number, or one with KiB, MiB, GiB or TiB [default: never]
    #[arg(long, value_name = "BYTES", value_parser = bytes, allow_negative_numbers = true)]
    limit: Option<u64>,
}

/// How much is drawn before it is written: a whole number of 64-bit words, so that the bytes do not depend on it.
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
        let take = left.min(BUFFER_BYTES as u64) as usize;
        out.write_all(&buffer[..take])?;
        if options.limit.is_some() {
            left -= take as u64;
        }
    }
    out.flush()?;
    Ok(())
}

fn bytes(text: &str) -> Result<u64, String> {
    let cut = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(cut);
    let shift = match unit.trim_start() {
        "" => Some(0),
        "KiB" => Some(10),
        "MiB" => Some(20),
        "GiB" => Some(30),
        "TiB" => Some(40),
        _ => None,
    };
    shift
        .zip(number.parse().ok())
        .and_then(|(shift, number): (u32, u64)| number.checked_mul(1 << shift))
        .ok_or_else(|| "it is a number of bytes such as 4096, 64MiB or 1TiB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn limits() {
        assert_eq!(bytes("4096"), Ok(4096));
        assert_eq!(bytes("3 KiB"), Ok(3072));
        assert_eq!(bytes("1TiB"), Ok(1 << 40));
        for wrong in ["", "MiB", "1MB", "-1", "1.5GiB", "99999999999TiB", "18446744073709551616"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
