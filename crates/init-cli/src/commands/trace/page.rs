//! The tables of a trace.

use init_data::trace::Signal;

use super::{
    measured::{Measured, Setting},
    warning::warnings,
};
use crate::{
    number::{grouped, rounded},
    picture::sparkline,
    table::{self, Table},
};

/// The maximum number of rows of a table; a deeper stack shows evenly spaced layers.
const ROWS: usize = 40;

/// The number of characters of a histogram.
const CHARACTERS: usize = 16;

/// Describes the traced stack on one line.
pub(super) fn title(setting: &Setting) -> String {
    let Setting { activation, sizes, batch, seed } = setting;
    let depth = sizes.len() - 1;
    let is_uniform = sizes.iter().all(|&size| size == sizes[0]);
    let widths = match sizes[..] {
        [.., last] if is_uniform => format!("of {}", grouped(last as u64)),
        _ if sizes.len() <= 6 => sizes.iter().map(|&size| grouped(size as u64)).collect::<Vec<_>>().join(" → "),
        [first, .., last] => format!("{} → … → {}", grouped(first as u64), grouped(last as u64)),
        _ => String::new(),
    };
    let layers = if depth == 1 { "layer" } else { "layers" };
    format!(
        "{activation}, {} {layers} {widths}, batch of {}, seed {seed}",
        grouped(depth as u64),
        grouped(*batch as u64)
    )
}

/// Formats one scheme: a table, and its warnings.
pub(super) fn page(measured: &Measured) -> String {
    let mut page = format!("{}\n{}\n", measured.name, table_of(measured));
    let depth = measured.trace.layers.len();
    if depth > ROWS {
        page += &format!("{ROWS} of {} layers shown; --json has all\n", grouped(depth as u64));
    }
    for warning in warnings(&measured.trace) {
        page += &format!("warning: {warning}\n");
    }
    page
}

fn table_of(measured: &Measured) -> Table {
    let head = [
        "layer",
        "mean",
        "std",
        "predicted",
        "saturated",
        "activations",
        "gradient\nmean",
        "gradient\nstd",
        "gradient\npredicted",
        "gradients",
    ];
    let mut table = table::table(&head, &[&head[..5], &head[6..9]].concat()).optional(&[
        "mean",
        "gradient\nmean",
        "gradients",
        "gradient\npredicted",
        "activations",
        "saturated",
        "predicted",
    ]);
    let layers = &measured.trace.layers;
    let depth = layers.len();
    let rows = depth.min(ROWS);
    for index in (0..rows).map(|row| row * (depth - 1) / (rows - 1).max(1)) {
        let layer = &layers[index];
        let [forward, backward] = [&layer.forward, &layer.backward];
        table.add_row([
            (index + 1).to_string(),
            rounded(forward.mean, 3),
            rounded(forward.std, 4),
            rounded(layer.predicted.forward_std, 4),
            format!("{:.1} %", 100.0 * layer.saturated),
            spread(forward),
            rounded(backward.mean, 3),
            rounded(backward.std, 4),
            rounded(layer.predicted.backward_std, 4),
            spread(backward),
        ]);
    }
    table
}

/// Draws a signal's histogram.
fn spread(signal: &Signal) -> String {
    let Some(histogram) = &signal.histogram else { return String::new() };
    let width = histogram.counts.len().div_ceil(CHARACTERS);
    let wide: Vec<u64> = histogram.counts.chunks(width).map(|bins| bins.iter().sum()).collect();
    sparkline(&wide)
}
