//! Progress bars, and the cancellation of long operations by signals.

use std::{
    fmt::Display,
    io::{IsTerminal, stderr},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use init_kernels::Progress;
use init_model::{check::CheckError, file::WriteError};

use crate::{
    failure::{Failure, Outcome},
    signal::Signals,
};

/// The error of an operation that can be cancelled.
pub(crate) trait Cancellable: Display + Into<Failure> {
    /// Whether the operation was cancelled, and did not fail.
    fn is_cancelled(&self) -> bool;
}

impl Cancellable for CheckError {
    fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }
}

impl Cancellable for WriteError {
    fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }
}

/// Runs an operation on that many bytes, with a bar, until it ends or Ctrl-C or SIGTERM cancels it.
///
/// `hint` follows the message of a cancelled operation.
pub(crate) fn watched<T, E: Cancellable>(
    bytes: u64,
    quiet: bool,
    hint: &str,
    operation: impl FnOnce(Progress<'_>) -> Result<T, E>,
) -> Outcome<T> {
    let bar = bar(bytes, quiet);
    let signals = Signals::catch().map_err(Failure::failed)?;
    let report = |done| {
        bar.inc(done);
        signals.flow()
    };
    let result = operation(Progress::new(&report));
    bar.finish_and_clear();
    result.map_err(|error| match signals.noted() {
        Some(signal) if error.is_cancelled() => Failure::Interrupted(format!("{error}{hint}"), signal),
        _ => error.into(),
    })
}

/// Returns a bar over bytes, on standard error if that is a terminal and `quiet` is not set.
pub(crate) fn bar(bytes: u64, quiet: bool) -> ProgressBar {
    styled(bytes, quiet, "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
}

/// Returns a bar over measurements, on standard error if that is a terminal and `quiet` is not set.
pub(crate) fn steps(count: u64, quiet: bool) -> ProgressBar {
    styled(count, quiet, "{wide_bar} {pos}/{len} {eta}")
}

/// Returns a bar over epochs, on standard error if that is a terminal and `quiet` is not set.
#[cfg(feature = "pretrain")]
pub(crate) fn epochs(count: u64, quiet: bool) -> ProgressBar {
    styled(count, quiet, "{wide_bar} {pos}/{len} {msg} {eta}")
}

fn styled(length: u64, quiet: bool, template: &str) -> ProgressBar {
    let shown = !quiet && stderr().is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
