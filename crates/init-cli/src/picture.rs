//! Histograms in characters.

use init_core::Distribution;
use init_model::check::Histogram;

use crate::figure::{grouped, short};

const RISING: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const GROWING: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// One character a bin.
pub(crate) fn sparkline(counts: &[u64]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bar = |&count: &u64| match count {
        0 => ' ',
        _ => RISING[((count as f64 / most * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    counts.iter().map(bar).collect()
}

/// One line a bin: its edges, a bar, how many values are in it, and how many were expected.
pub(crate) fn bars(histogram: &Histogram, law: Option<&Distribution>) -> String {
    const WIDTH: f64 = 48.0;
    let total = histogram.counts.iter().sum::<u64>() as f64;
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut lines = String::new();
    for (index, &count) in histogram.counts.iter().enumerate() {
        let (low, high) = histogram.edges(index);
        let eighths = (count as f64 / most * WIDTH * 8.0).round() as usize;
        let mut bar = "█".repeat(eighths / 8);
        if !eighths.is_multiple_of(8) {
            bar.push(GROWING[eighths % 8]);
        }
        let space = " ".repeat(WIDTH as usize - bar.chars().count());
        lines += &format!("{:>12} … {:>12} {bar}{space} {:>13}", short(low), short(high), grouped(count));
        if let Some(law) = law {
            // The values of the outermost bins are all that lie outside the measured range.
            let below = if index == 0 { 0.0 } else { law.cdf(low) };
            let upto = if index + 1 == histogram.counts.len() { 1.0 } else { law.cdf(high) };
            let expected = total * (upto - below);
            lines += &format!(" (expected {})", grouped(expected.round() as u64));
        }
        lines.push('\n');
    }
    lines
}
