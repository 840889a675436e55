//! Learning curves of several schemes.

use std::path::Path;

use plotters::prelude::*;

use super::canvas::{Area, COLORS, Drawing, FONT, draw, end_cut, ticks};
use crate::{comparison::median, failure::Outcome};

/// The learning curves of one scheme: the error of each trial, from epoch 0 on, up to where it
/// diverged.
#[derive(Debug)]
pub(crate) struct Curves<'a> {
    pub(crate) name: &'a str,
    pub(crate) errors: Vec<&'a [f64]>,
}

/// The title, the axes and the baseline of a picture of learning curves.
#[derive(Debug)]
pub(crate) struct Axes<'a> {
    pub(crate) title: &'a str,
    /// The label of the vertical axis.
    pub(crate) error: &'a str,
    /// Formats the values of the vertical axis.
    pub(crate) tick: fn(f64) -> String,
    /// The error of a constant prediction, drawn as a dashed line.
    pub(crate) baseline: f64,
    /// The smallest error above 0 that is possible; errors of 0 are drawn here.
    pub(crate) smallest: f64,
    pub(crate) epochs: usize,
}

const SIZE: (u32, u32) = (860, 460);
const HEAD: u32 = 34;
const LEGEND: u32 = 190;

/// Maximum characters of a scheme's name in the legend.
const NAME: usize = 24;

/// The maximum number of schemes, one per colour.
pub(crate) const MAX_CURVES: usize = COLORS.len();

/// Draws the median of each scheme's trials as a line, and the range of all as a band, on a
/// logarithmic scale, where 2 and 3 per cent are as far apart as 20 and 30.
pub(crate) fn draw_curves(path: &Path, axes: &Axes<'_>, curves: &[Curves<'_>]) -> Outcome {
    draw(path, SIZE, |area| {
        let (head, body) = area.split_vertically(HEAD);
        let style = (FONT, 15).into_font().color(&BLACK);
        head.draw(&Text::new(axes.title.to_owned(), (12, 11), style))?;
        let (body, legend) = body.split_horizontally(SIZE.0 - LEGEND);
        chart(&body, axes, curves)?;
        key(&legend, curves)
    })
}

fn chart(area: &Area<'_>, axes: &Axes<'_>, curves: &[Curves<'_>]) -> Drawing {
    let all = curves.iter().flat_map(|curves| curves.errors.iter().flat_map(|errors| errors.iter().copied()));
    let (low, high) = all.chain([axes.baseline]).fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), error| {
        (low.min(error.max(axes.smallest)), high.max(error))
    });
    let (low, high) = (low / 1.25, high.max(low) * 1.25);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_top(4)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..axes.epochs as f64, low.ln()..high.ln())?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(WHITE)
        .bold_line_style(BLACK.mix(0.08))
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .x_labels(axes.epochs.min(10) + 1)
        .y_labels(0)
        .x_desc("epoch")
        .y_desc(axes.error)
        .label_style((FONT, 12))
        .axis_desc_style((FONT, 13))
        .axis_style(BLACK.mix(0.5))
        .draw()?;
    for tick in ticks(low, high) {
        let line = vec![(0.0, tick.ln()), (axes.epochs as f64, tick.ln())];
        chart.draw_series([PathElement::new(line, BLACK.mix(0.08))])?;
        let (x, y) = chart.backend_coord(&(0.0, tick.ln()));
        let text = (FONT, 12).into_font().color(&BLACK);
        let text = text.pos(plotters::style::text_anchor::Pos::new(
            plotters::style::text_anchor::HPos::Right,
            plotters::style::text_anchor::VPos::Center,
        ));
        let (left, top) = area.get_base_pixel();
        area.draw(&Text::new((axes.tick)(tick), (x - 6 - left, y - top), text))?;
    }
    let baseline = vec![(0.0, axes.baseline.ln()), (axes.epochs as f64, axes.baseline.ln())];
    chart.draw_series(DashedLineSeries::new(baseline, 4, 4, BLACK.mix(0.6).stroke_width(1)))?;
    for (curves, color) in curves.iter().zip(COLORS) {
        let Band { lower, median, upper } = Band::of(&curves.errors, axes.smallest);
        let outline: Vec<_> = lower.into_iter().chain(upper.into_iter().rev()).collect();
        if outline.len() > 2 {
            chart.draw_series([Polygon::new(outline, color.mix(0.15))])?;
        }
        chart.draw_series([PathElement::new(median, color.stroke_width(2))])?;
    }
    Ok(())
}

/// The minimum, median and maximum error after each epoch, over the trials that reached it.
#[derive(Debug, PartialEq)]
struct Band {
    lower: Vec<(f64, f64)>,
    median: Vec<(f64, f64)>,
    upper: Vec<(f64, f64)>,
}

impl Band {
    fn of(errors: &[&[f64]], smallest: f64) -> Self {
        let mut band = Self { lower: Vec::new(), median: Vec::new(), upper: Vec::new() };
        let epochs = errors.iter().map(|errors| errors.len()).max().unwrap_or(0);
        for epoch in 0..epochs {
            let mut found: Vec<f64> = errors.iter().filter_map(|errors| errors.get(epoch).copied()).collect();
            found.sort_by(f64::total_cmp);
            let at = |error: f64| (epoch as f64, error.max(smallest).ln());
            if let (Some(&low), Some(&high), Some(middle)) = (found.first(), found.last(), median(&found)) {
                band.lower.push(at(low));
                band.upper.push(at(high));
                band.median.push(at(middle));
            }
        }
        band
    }
}

fn key(area: &Area<'_>, curves: &[Curves<'_>]) -> Drawing {
    let style = || (FONT, 12).into_font().color(&BLACK);
    for (index, (curves, color)) in curves.iter().zip(COLORS).enumerate() {
        let y = 20 + 22 * index as i32;
        area.draw(&Rectangle::new([(4, y + 1), (26, y + 11)], color.mix(0.15).filled()))?;
        area.draw(&PathElement::new(vec![(4, y + 6), (26, y + 6)], color.stroke_width(2)))?;
        area.draw(&Text::new(end_cut(curves.name, NAME), (32, y), style()))?;
    }
    let y = 20 + 22 * curves.len() as i32;
    for start in [4, 12, 20] {
        area.draw(&PathElement::new(vec![(start, y + 6), (start + 5, y + 6)], BLACK.mix(0.6)))?;
    }
    area.draw(&Text::new("constant prediction", (32, y), style()))?;
    for (line, text) in ["line: median of the seeds", "band: minimum to maximum"].iter().enumerate() {
        area.draw(&Text::new((*text).to_owned(), (4, y + 32 + 18 * line as i32), style()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_continues_with_the_trials_that_did_not_diverge() {
        let band = Band::of(&[&[1.0, 0.5, 0.0], &[1.0, 0.25], &[1.0]], 0.125);
        let points = |errors: &[f64]| errors.iter().enumerate().map(|(x, e)| (x as f64, e.ln())).collect::<Vec<_>>();
        assert_eq!(band.lower, points(&[1.0, 0.25, 0.125]));
        assert_eq!(band.upper, points(&[1.0, 0.5, 0.125]));
        assert_eq!(band.median, points(&[1.0, 0.375, 0.125]));
    }
}
