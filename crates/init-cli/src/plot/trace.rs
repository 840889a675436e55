//! Histograms of activations and gradients, layer by layer.

use std::path::Path;

use init_core::distribution::Histogram;
use init_data::trace::{LayerTrace, Signal, Trace};
use plotters::prelude::*;

use super::canvas::{Area, Drawing, FONT, draw, end_cut};
use crate::failure::Outcome;

/// One scheme's signals.
#[derive(Debug)]
pub(crate) struct Panel<'a> {
    pub(crate) title: &'a str,
    pub(crate) trace: &'a Trace,
}

/// Pixels.
const PANEL: (u32, u32) = (300, 240);
const HEAD: u32 = 34;
const LEGEND: u32 = 96;

/// The maximum number of layers drawn: more colours are hard to distinguish.
const LAYERS: usize = 8;

/// Maximum characters of a scheme's name above its panel.
const TITLE: usize = 42;

/// The ratio of the widest to the narrowest range beyond which panels get separate axes.
const MAX_RATIO: f64 = 10.0;

/// Draws activations above and back-propagated gradients below, one panel per scheme with one line
/// per layer, as in figures 6 and 7 of Glorot and Bengio 2010.
pub(crate) fn draw_traces(path: &Path, title: &str, panels: &[Panel<'_>]) -> Outcome {
    let width = PANEL.0 * panels.len() as u32 + LEGEND;
    draw(path, (width, HEAD + 2 * PANEL.1), |area| {
        let (head, body) = area.split_vertically(HEAD);
        let style = (FONT, 16).into_font().color(&BLACK);
        head.draw(&Text::new(title.to_owned(), (12, 10), style))?;
        let (body, legend) = body.split_horizontally(width - LEGEND);
        let (above, below) = body.split_vertically(PANEL.1);
        let shown = shown(panels[0].trace.layers.len());
        row(&above, panels, &shown, true)?;
        row(&below, panels, &shown, false)?;
        key(&legend, &shown)
    })
}

/// Returns the layers that are drawn: evenly spaced, including the first and the last.
fn shown(depth: usize) -> Vec<usize> {
    let count = depth.min(LAYERS);
    let mut shown: Vec<_> = (0..count).map(|i| i * (depth - 1) / (count - 1).max(1)).collect();
    shown.dedup();
    shown
}

fn row(area: &Area<'_>, panels: &[Panel<'_>], shown: &[usize], forward: bool) -> Drawing {
    let signal = |layer: &LayerTrace| if forward { layer.forward.clone() } else { layer.backward.clone() };
    let signals = |panel: &Panel<'_>| shown.iter().map(|&layer| signal(&panel.trace.layers[layer])).collect();
    let rows: Vec<Vec<Signal>> = panels.iter().map(signals).collect();
    let ranges = shared(rows.iter().map(|signals| range(signals)).collect());
    for (index, cell) in area.split_evenly((1, panels.len())).iter().enumerate() {
        // A rectifier's bin of zeros would dwarf all others.
        let has_zeros = rows[index].iter().any(|signal| signal.zeros > 0.0);
        let what = match (forward, has_zeros) {
            (true, false) => "activation after the layer",
            (true, true) => "activation after the layer, without zeros",
            (false, false) => "gradient at the layer's input",
            (false, true) => "gradient at the layer's input, without zeros",
        };
        let left = index == 0;
        panel(cell, forward.then_some(panels[index].title), what, left, &rows[index], ranges[index])?;
    }
    Ok(())
}

/// Returns the range of all layers.
fn range(signals: &[Signal]) -> (f64, f64) {
    let histograms = signals.iter().filter_map(|signal| signal.histogram.as_ref());
    let (low, high) =
        histograms.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), h| (low.min(h.low), high.max(h.high)));
    // A little room, so that no curve covers a label of the axis.
    let room = 0.03 * (high - low);
    if low < high { (low - room, high + room) } else { (-1.0, 1.0) }
}

/// Returns one range for all panels, if the narrowest stays wide enough.
fn shared(ranges: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let widths = ranges.iter().map(|(low, high)| high - low);
    let (min, max) = widths.fold((f64::INFINITY, 0f64), |(min, max), width| (min.min(width), max.max(width)));
    if max > MAX_RATIO * min {
        return ranges;
    }
    let whole = ranges.iter().fold(ranges[0], |(low, high), range| (low.min(range.0), high.max(range.1)));
    vec![whole; ranges.len()]
}

fn panel(
    area: &Area<'_>,
    title: Option<&str>,
    what: &str,
    left: bool,
    signals: &[Signal],
    (low, high): (f64, f64),
) -> Drawing {
    // Labels have three digits; a common power of ten is part of the axis title.
    let power = low.abs().max(high.abs()).log10().floor();
    let power = if (-2.0..3.0).contains(&power) { 0 } else { power as i32 };
    let unit = 10f64.powi(power);
    let what = if power == 0 { what.to_owned() } else { format!("{what}, × 10^{power}") };

    let mut builder = ChartBuilder::on(area);
    builder.margin(8).margin_right(14).x_label_area_size(38).y_label_area_size(26);
    if let Some(title) = title {
        builder.caption(end_cut(title, TITLE), (FONT, 13));
    }
    let mut chart = builder.build_cartesian_2d(low / unit..high / unit, 0.0..1.06)?;
    let mut mesh = chart.configure_mesh();
    mesh.disable_y_mesh().light_line_style(TRANSPARENT).bold_line_style(BLACK.mix(0.08));
    mesh.x_labels(5).x_label_formatter(&|value| tick(*value)).x_desc(what).y_labels(0);
    mesh.label_style((FONT, 11)).axis_desc_style((FONT, 12)).axis_style(BLACK.mix(0.5));
    if left {
        mesh.y_desc("density (peak = 1)");
    }
    mesh.draw()?;
    for (index, signal) in signals.iter().enumerate() {
        if let Some(histogram) = &signal.histogram {
            let color = color(index, signals.len());
            let points = curve(histogram, unit);
            chart.draw_series(AreaSeries::new(points.clone(), 0.0, color.mix(0.08)))?;
            chart.draw_series(LineSeries::new(points, color.stroke_width(2)))?;
        }
    }
    Ok(())
}

/// Returns the outline of a histogram: the middles of its bins, relative to the fullest, between
/// points at 0.
fn curve(histogram: &Histogram, unit: f64) -> Vec<(f64, f64)> {
    let fullest = histogram.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let at = |bin: f64| {
        let share = bin / histogram.counts.len() as f64;
        (histogram.low / unit) * (1.0 - share) + (histogram.high / unit) * share
    };
    let middles = histogram.counts.iter().enumerate();
    let middles = middles.map(|(bin, &count)| (at(bin as f64 + 0.5), count as f64 / fullest));
    let end = (at(histogram.counts.len() as f64), 0.0);
    [(at(0.0), 0.0)].into_iter().chain(middles).chain([end]).collect()
}

fn key(area: &Area<'_>, shown: &[usize]) -> Drawing {
    for (index, layer) in shown.iter().enumerate() {
        let y = 40 + 22 * index as i32;
        let line = vec![(4, y + 6), (26, y + 6)];
        area.draw(&PathElement::new(line, color(index, shown.len()).stroke_width(3)))?;
        let style = (FONT, 12).into_font().color(&BLACK);
        area.draw(&Text::new(format!("layer {}", layer + 1), (32, y), style))?;
    }
    Ok(())
}

/// Returns a colour from dark violet over blue-green to light green: viridis (Smith and van der
/// Walt 2015) without its yellow end, too faint on white. Its lightness rises evenly, so that
/// colour-blind readers and prints in grey keep the order.
fn color(index: usize, count: usize) -> RGBColor {
    const STOPS: [[f64; 3]; 5] =
        [[68.0, 1.0, 84.0], [65.0, 68.0, 135.0], [42.0, 120.0, 142.0], [34.0, 168.0, 132.0], [122.0, 209.0, 81.0]];
    let position = index as f64 / (count - 1).max(1) as f64 * (STOPS.len() - 1) as f64;
    let before = (position as usize).min(STOPS.len() - 2);
    let part = position - before as f64;
    let mixed =
        |channel: usize| (STOPS[before][channel] * (1.0 - part) + STOPS[before + 1][channel] * part).round() as u8;
    RGBColor(mixed(0), mixed(1), mixed(2))
}

/// Formats with at most three digits after the point, without trailing zeros.
fn tick(value: f64) -> String {
    let digits = format!("{value:.3}");
    let short = digits.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.replace('-', "−") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_few_layers_are_drawn_and_of_many_the_first_and_the_last() {
        assert_eq!(shown(1), [0]);
        assert_eq!(shown(5), [0, 1, 2, 3, 4]);
        for depth in [9, 30, 1000] {
            let shown = shown(depth);
            assert_eq!((shown.len(), shown[0], shown[7]), (8, 0, depth - 1));
        }
    }

    #[test]
    fn axes_are_shared_unless_a_panel_would_become_too_narrow() {
        assert_eq!(shared(vec![(-1.0, 1.0), (-0.5, 2.0)]), [(-1.0, 2.0); 2]);
        assert_eq!(shared(vec![(-1.0, 1.0), (-50.0, 2.0)]), [(-1.0, 1.0), (-50.0, 2.0)]);
    }

    #[test]
    fn curves_start_and_end_at_0_and_peak_at_1() {
        let histogram = Histogram { low: -2.0, high: 2.0, counts: vec![1, 4, 2, 0] };
        let expected = [(-2.0, 0.0), (-1.5, 0.25), (-0.5, 1.0), (0.5, 0.5), (1.5, 0.0), (2.0, 0.0)];
        assert_eq!(curve(&histogram, 1.0), expected);
        assert_eq!((tick(0.30000000000000004), tick(-0.0001), tick(-1.5)), ("0.3".into(), "0".into(), "−1.5".into()));
    }
}
