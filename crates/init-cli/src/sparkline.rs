//! Histograms drawn with characters.

use init_core::{Distribution, distribution::Histogram};

use crate::{
    number::{grouped, short},
    table,
};

const RISING: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const GROWING: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The lengths of the longest bar, in characters.
const LONGEST: usize = 48;
const SHORTEST: usize = 8;

/// Draws a histogram on one line, one character per bin.
pub(crate) fn sparkline(counts: &[u64]) -> String {
    let fullest = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bar = |&count: &u64| match count {
        0 => ' ',
        _ => RISING[((count as f64 / fullest * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    counts.iter().map(bar).collect()
}

/// Draws a histogram with one line per bin: its edges, a bar, its count, and the expected count. The
/// bars are as long as the terminal has room for.
pub(crate) fn bars(histogram: &Histogram, distribution: Option<&Distribution>) -> String {
    let total = histogram.counts.iter().sum::<u64>() as f64;
    let highest = histogram.counts.iter().copied().max().unwrap_or(0).max(1);
    let fullest = highest as f64;
    let digits = grouped(highest).len() + 1;
    let others = 2 * 12 + " …   ".chars().count() + digits;
    let others = others + if distribution.is_some() { " (expected )".len() + digits } else { 0 };
    let width = table::width().map_or(LONGEST, |columns| columns.saturating_sub(others).clamp(SHORTEST, LONGEST));
    let mut lines = String::new();
    for (index, &count) in histogram.counts.iter().enumerate() {
        let (low, high) = histogram.edges(index);
        let eighths = (count as f64 / fullest * width as f64 * 8.0).round() as usize;
        let mut bar = "█".repeat(eighths / 8);
        if !eighths.is_multiple_of(8) {
            bar.push(GROWING[eighths % 8]);
        }
        let space = " ".repeat(width - bar.chars().count());
        lines += &format!("{:>12} … {:>12} {bar}{space} {:>digits$}", short(low), short(high), grouped(count));
        if let Some(distribution) = distribution {
            // The outermost bins are taken to extend beyond the measured range.
            let below = if index == 0 { 0.0 } else { distribution.cdf(low) };
            let upto = if index + 1 == histogram.counts.len() { 1.0 } else { distribution.cdf(high) };
            let expected = total * (upto - below);
            lines += &format!(" (expected {})", grouped(expected.round() as u64));
        }
        lines.push('\n');
    }
    lines
}
