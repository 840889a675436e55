//! Histograms of tensors, with the densities of their distributions.

use std::path::Path;

use init_core::Distribution;
use init_model::check::Histogram;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

use super::{
    canvas::{Area, Drawing, GREY, draw, middle_cut, text},
    depths::{self, Depths},
};
use crate::{failure::Outcome, number::rounded};

/// One tensor's values.
#[derive(Debug)]
pub(crate) struct TensorPanel<'a> {
    pub(crate) name: String,
    /// The line below the name.
    pub(crate) note: String,
    /// Whether the values are as expected, if that was judged.
    pub(crate) is_right: Option<bool>,
    /// The fault, if there is one.
    pub(crate) fault: String,
    pub(crate) histogram: Option<&'a Histogram>,
    /// The text shown in place of a histogram.
    pub(crate) without: &'static str,
    pub(crate) distribution: Option<&'a Distribution>,
}

/// The maximum number of tensors in a picture.
pub(crate) const MAX_PANELS: usize = 600;

/// Pixels.
const PANEL: (i32, i32) = (230, 132);
const COLUMNS: usize = 8;
const MARGIN: i32 = 16;
const HEAD: i32 = 76;
/// Margins of a panel: at its sides, above the bars, and below them.
const SIDE: i32 = 10;
const TITLE: i32 = 44;
const AXIS: i32 = 20;
/// The height of the line that shows a fault.
const FAULT: i32 = 14;
/// The minimum width, which the title needs.
const WIDTH: i32 = 720;

/// Maximum characters of a name.
const NAME: usize = 31;

/// The number of points of a density.
const POINTS: u32 = 96;

/// The extent of a density without bounds, in standard deviations.
const REACH: f64 = 3.5;

const BARS: RGBColor = RGBColor(160, 197, 224);
const RIGHT: RGBColor = RGBColor(0, 114, 178);
const WRONG: RGBColor = RGBColor(200, 70, 0);

/// Draws a panel for each tensor, with its histogram and the density of its distribution, and above
/// them the standard deviation by depth.
pub(crate) fn draw_tensors(
    path: &Path,
    title: &str,
    subtitle: &str,
    panels: &[TensorPanel<'_>],
    depths: Option<&Depths>,
) -> Outcome {
    let columns = panels.len().clamp(1, COLUMNS) as i32;
    let rows = panels.len().div_ceil(columns as usize) as i32;
    let width = (columns * PANEL.0 + 2 * MARGIN).max(WIDTH);
    let above = HEAD + if depths.is_some() { depths::HEIGHT } else { 0 };
    let size = (width as u32, (above + rows * PANEL.1 + MARGIN) as u32);
    draw(path, size, |area| {
        head(area, title, subtitle, panels.iter().any(|panel| panel.distribution.is_some()))?;
        if let Some(depths) = depths {
            depths.draw(area, (MARGIN + SIDE, HEAD), width - 2 * (MARGIN + SIDE))?;
        }
        for (index, panel) in panels.iter().enumerate() {
            let (row, column) = (index as i32 / columns, index as i32 % columns);
            panel.draw(area, (MARGIN + column * PANEL.0, above + row * PANEL.1))?;
        }
        Ok(())
    })
}

fn head(area: &Area<'_>, title: &str, subtitle: &str, has_densities: bool) -> Drawing {
    let left = MARGIN + SIDE;
    area.draw(&Text::new(title.to_owned(), (left, 14), text(18, BLACK, HPos::Left, VPos::Top)))?;
    area.draw(&Text::new(subtitle.to_owned(), (left, 36), text(13, GREY, HPos::Left, VPos::Top)))?;
    area.draw(&Rectangle::new([(left, 58), (left + 18, 68)], BARS.filled()))?;
    area.draw(&Text::new("measured", (left + 24, 63), text(12, GREY, HPos::Left, VPos::Center)))?;
    if has_densities {
        let at = left + 100;
        area.draw(&PathElement::new(vec![(at, 63), (at + 18, 63)], WRONG.stroke_width(2)))?;
        area.draw(&Text::new("density of its distribution", (at + 24, 63), text(12, GREY, HPos::Left, VPos::Center)))?;
    }
    Ok(())
}

impl TensorPanel<'_> {
    fn draw(&self, area: &Area<'_>, (x, y): (i32, i32)) -> Drawing {
        let (left, right) = (x + SIDE, x + PANEL.0 - SIDE);
        let (mut top, ground) = (y + TITLE, y + PANEL.1 - AXIS);
        let name = middle_cut(&self.name, NAME);
        area.draw(&Text::new(name, (left, y + 10), text(13, BLACK, HPos::Left, VPos::Top)))?;
        area.draw(&Text::new(self.note.clone(), (left, y + 26), text(11, GREY, HPos::Left, VPos::Top)))?;
        if let Some(is_right) = self.is_right {
            let (mark, color) = if is_right { ("✓", RIGHT) } else { ("✗", WRONG) };
            area.draw(&Text::new(mark, (right, y + 9), text(14, color, HPos::Right, VPos::Top)))?;
        }
        if !self.fault.is_empty() {
            area.draw(&Text::new(self.fault.clone(), (left, top - 3), text(12, WRONG, HPos::Left, VPos::Top)))?;
            top += FAULT;
        }
        match self.histogram {
            Some(histogram) => self.bars(area, histogram, (left, right), (top, ground))?,
            None => {
                let middle = ((left + right) / 2, (top + ground) / 2);
                area.draw(&Text::new(self.without, middle, text(12, GREY, HPos::Center, VPos::Center)))?;
            }
        }
        area.draw(&PathElement::new(vec![(left, ground), (right, ground)], BLACK.mix(0.5)))?;
        Ok(())
    }

    fn bars(
        &self,
        area: &Area<'_>,
        histogram: &Histogram,
        (left, right): (i32, i32),
        (top, ground): (i32, i32),
    ) -> Drawing {
        let distribution = self.distribution.filter(|distribution| distribution.std() > 0.0);
        let (low, high) = range(histogram, distribution);
        let tick = |at: i32, value: f64, side| {
            area.draw(&Text::new(
                rounded(value, 3).replace('-', "−"),
                (at, ground + 4),
                text(11, GREY, side, VPos::Top),
            ))
        };
        if low == high {
            let middle = (left + right) / 2;
            area.draw(&Rectangle::new([(middle - 4, top), (middle + 4, ground)], BARS.filled()))?;
            tick(middle, low, HPos::Center)?;
            return Ok(());
        }
        let fullest = histogram.counts.iter().copied().max().unwrap_or(0) as f64;
        let density = distribution.map(|distribution| density(distribution, histogram, (low, high)));
        let density = density.unwrap_or_default();
        let peak = density.iter().fold(0.0, |peak: f64, point| peak.max(point.1));
        // The peak of a distribution much narrower than the bins would make the bars invisible.
        let height = 1.08 * fullest.max(peak.min(1.5 * fullest));
        let position = |(x, y): (f64, f64)| {
            // Halved, so that the widest range does not overflow.
            let across = (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) * f64::from(right - left);
            let up = (y / height).min(1.0) * f64::from(ground - top);
            (left + across.round() as i32, ground - up.round() as i32)
        };
        let steps = histogram.counts.iter().enumerate().flat_map(|(bin, &count)| {
            let (from, to) = histogram.edges(bin);
            [position((from, count as f64)), position((to, count as f64))]
        });
        let ends = [position((histogram.high, 0.0)), position((histogram.low, 0.0))];
        let mut outline: Vec<_> = steps.chain(ends).collect();
        if histogram.low == histogram.high {
            let (at, _) = position((histogram.low, 0.0));
            outline = vec![(at - 1, ground), (at - 1, top), (at + 1, top), (at + 1, ground)];
        }
        area.draw(&Polygon::new(outline, BARS))?;
        if !density.is_empty() {
            let line: Vec<_> = density.into_iter().map(position).collect();
            area.draw(&PathElement::new(line, WRONG.stroke_width(1)))?;
        }
        tick(left, low, HPos::Left)?;
        tick(right, high, HPos::Right)?;
        if let Some(distribution) = distribution {
            let (middle, _) = position((distribution.mean(), 0.0));
            // If the labels of the ends leave room for it.
            if (left + 60..right - 60).contains(&middle) {
                tick(middle, distribution.mean(), HPos::Center)?;
            }
        }
        Ok(())
    }
}

/// Returns the range of all values and of the distribution's support, up to [`REACH`].
fn range(histogram: &Histogram, distribution: Option<&Distribution>) -> (f64, f64) {
    let Some(distribution) = distribution else { return (histogram.low, histogram.high) };
    let (low, high) = distribution.support();
    let reach = REACH * distribution.std();
    let low = if low.is_finite() { low } else { distribution.mean() - reach };
    let high = if high.is_finite() { high } else { distribution.mean() + reach };
    (histogram.low.min(low), histogram.high.max(high))
}

/// Returns the expected count per bin at points between `low` and `high`, with vertical edges at
/// the distribution's bounds.
fn density(distribution: &Distribution, histogram: &Histogram, (low, high): (f64, f64)) -> Vec<(f64, f64)> {
    let all = histogram.counts.iter().sum::<u64>() as f64;
    let bins = histogram.counts.len() as f64;
    let width = if histogram.low < histogram.high { histogram.high - histogram.low } else { high - low } / bins;
    let (lower, upper) = distribution.support();
    let (from, to) = (low.max(lower), high.min(upper));
    let at = |point: u32| from + (to - from) * f64::from(point) / f64::from(POINTS);
    let height = |point: u32| {
        let (before, after) = (at(point), at(point + 1));
        all * width * (distribution.cdf(after) - distribution.cdf(before)) / (after - before)
    };
    let middles = (0..POINTS).map(|point| ((at(point) + at(point + 1)) / 2.0, height(point)));
    let edge =
        |bound: f64, at: f64, height: f64| if bound.is_finite() { vec![(at, 0.0), (at, height)] } else { vec![] };
    let start = edge(lower, from, height(0));
    let end = edge(upper, to, height(POINTS - 1));
    start.into_iter().chain(middles).chain(end.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_density_has_the_area_of_the_bars() {
        let histogram = Histogram { low: -0.9, high: 0.9, counts: vec![25; 36] };
        for distribution in [
            Distribution::Uniform { low: -1.0, high: 1.0 },
            Distribution::TruncatedNormal { mean: 0.5, std: 0.4, low: -1.0, high: 1.0 },
        ] {
            let range = range(&histogram, Some(&distribution));
            assert_eq!(range, (-1.0, 1.0));
            let points = density(&distribution, &histogram, range);
            assert_eq!((points[0], points[points.len() - 1]), ((-1.0, 0.0), (1.0, 0.0)));
            let middles = &points[2..points.len() - 2];
            // 900 values in bins of a width of 0.05.
            let area: f64 = middles.iter().map(|point| point.1 * 2.0 / f64::from(POINTS)).sum();
            assert!((area - 900.0 * 0.05).abs() < 1e-9, "{distribution} {area}");
        }
    }
}
