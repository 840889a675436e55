//! The speed of the fills, timed in rounds together with the limit of the machine.

mod case;
mod fresh;
mod rounds;
mod sample;

pub(crate) use case::{Case, Fill};
pub(crate) use fresh::{Fresh, fresh};
pub(crate) use rounds::{Measured, Rounds, Timing};

use std::time::Duration;

use crate::failure::Failure;

/// Returns the speed in GB/s.
fn gb_per_s(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / time.as_nanos().max(1) as f64
}

/// Returns the median, which a few disturbed rounds do not change.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let middle = times.len() / 2;
    match times.len() {
        0 => Duration::ZERO,
        count if count.is_multiple_of(2) => (times[middle - 1] + times[middle]) / 2,
        _ => times[middle],
    }
}

/// The error for a buffer that the system does not provide.
fn no_memory(bytes: usize) -> Failure {
    Failure::failed(format_args!("not enough memory for a buffer of {bytes} bytes; give a smaller `--size`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        let median = |times: &[u64]| median(times.iter().copied().map(Duration::from_nanos).collect()).as_nanos();
        assert_eq!(median(&[7, 900, 5]), 7);
        assert_eq!(median(&[8, 900, 4, 6]), 7);
        assert_eq!(median(&[]), 0);
        assert_eq!(gb_per_s(3_000_000_000, Duration::from_secs(2)), 1.5);
    }
}
