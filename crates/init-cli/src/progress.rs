use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over bytes on standard error, if that is a terminal and the user wants one.
pub(crate) fn bar(bytes: u64, quiet: bool) -> ProgressBar {
    styled(bytes, quiet, "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
}

/// A bar over measurements on standard error, if that is a terminal and the user wants one.
pub(crate) fn steps(count: u64, quiet: bool) -> ProgressBar {
    styled(count, quiet, "{wide_bar} {pos}/{len} {eta}")
}

/// A bar over epochs on standard error, if that is a terminal and the user wants one.
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
