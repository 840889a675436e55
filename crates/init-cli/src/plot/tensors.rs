use std::path::Path;

use init_core::Distribution;
use init_model::check::Histogram;
use plotters::{
    prelude::*,
    style::{
        TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    canvas::{Area, Drawing, draw},
    depths::{self, Depths},
};
use crate::{failure::Outcome, figure::rounded};

/// One tensor's values.
#[derive(Debug)]
pub(crate) struct TensorPanel<'a> {
    pub(crate) name: String,
    /// What stands under the name.
    pub(crate) note: String,
    /// Whether it is as it was meant, if that can be said.
    pub(crate) is_right: Option<bool>,
    /// What is wrong.
    pub(crate) fault: String,
    pub(crate) histogram: Option<&'a Histogram>,
    /// Why there is no histogram.
    pub(crate) without: &'static str,
    pub(crate) law: Option<&'a Distribution>,
}

/// The most tensors that a picture has room for.
pub(crate) const MOST_PANELS: usize = 600;

/// Pixels.
const PANEL: (i32, i32) = (230, 132);
const COLUMNS: usize = 8;
const MARGIN: i32 = 16;
const HEAD: i32 = 76;
/// Of a panel: around it, above the bars, and below them.
const SIDE: i32 = 10;
const TITLE: i32 = 44;
const AXIS: i32 = 20;
/// A line that says what is wrong.
const FAULT: i32 = 14;
/// The least width, which the title needs.
const WIDTH: i32 = 720;

/// Characters of a name.
const NAME: usize = 31;

/// Points of a density.
const POINTS: u32 = 96;

/// How far a density without bounds is drawn, in standard deviations.
const REACH: f64 = 3.5;

pub(super) const FONT: &str = "sans-serif";
const BARS: RGBColor = RGBColor(160, 197, 224);
const RIGHT: RGBColor = RGBColor(0, 114, 178);
const WRONG: RGBColor = RGBColor(200, 70, 0);
pub(super) const GREY: RGBColor = RGBColor(96, 96, 96);

/// A panel for each tensor, its histogram over the density of its law, and above them the standard deviation by depth.
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
        head(area, title, subtitle, panels.iter().any(|panel| panel.law.is_some()))?;
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

fn head(area: &Area<'_>, title: &str, subtitle: &str, has_laws: bool) -> Drawing {
    let left = MARGIN + SIDE;
    area.draw(&Text::new(title.to_owned(), (left, 14), text(18, BLACK, HPos::Left, VPos::Top)))?;
    area.draw(&Text::new(subtitle.to_owned(), (left, 36), text(13, GREY, HPos::Left, VPos::Top)))?;
    area.draw(&Rectangle::new([(left, 58), (left + 18, 68)], BARS.filled()))?;
    area.draw(&Text::new("measured", (left + 24, 63), text(12, GREY, HPos::Left, VPos::Center)))?;
    if has_laws {
        let at = left + 100;
        area.draw(&PathElement::new(vec![(at, 63), (at + 18, 63)], WRONG.stroke_width(2)))?;
        area.draw(&Text::new("density of its law", (at + 24, 63), text(12, GREY, HPos::Left, VPos::Center)))?;
    }
    Ok(())
}

pub(super) fn text(size: i32, color: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    (FONT, size).into_font().color(&color).pos(Pos::new(horizontal, vertical))
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
        let law = self.law.filter(|law| law.std() > 0.0);
        let (low, high) = range(histogram, law);
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
        let most = histogram.counts.iter().copied().max().unwrap_or(0) as f64;
        let density = law.map(|law| density(law, histogram, (low, high))).unwrap_or_default();
        let peak = density.iter().fold(0.0, |peak: f64, point| peak.max(point.1));
        // A law much narrower than the bins would leave nothing to be seen of them.
        let greatest = 1.08 * most.max(peak.min(1.5 * most));
        let place = |(x, y): (f64, f64)| {
            // Halved, so that the widest range does not overflow.
            let across = (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) * f64::from(right - left);
            let up = (y / greatest).min(1.0) * f64::from(ground - top);
            (left + across.round() as i32, ground - up.round() as i32)
        };
        let steps = histogram.counts.iter().enumerate().flat_map(|(bin, &count)| {
            let (from, to) = histogram.edges(bin);
            [place((from, count as f64)), place((to, count as f64))]
        });
        let ends = [place((histogram.high, 0.0)), place((histogram.low, 0.0))];
        let mut outline: Vec<_> = steps.chain(ends).collect();
        if histogram.low == histogram.high {
            let (at, _) = place((histogram.low, 0.0));
            outline = vec![(at - 1, ground), (at - 1, top), (at + 1, top), (at + 1, ground)];
        }
        area.draw(&Polygon::new(outline, BARS))?;
        if !density.is_empty() {
            area.draw(&PathElement::new(density.into_iter().map(place).collect::<Vec<_>>(), WRONG.stroke_width(1)))?;
        }
        tick(left, low, HPos::Left)?;
        tick(right, high, HPos::Right)?;
        if let Some(law) = law {
            let (middle, _) = place((law.mean(), 0.0));
            // Where the figures of the ends leave room for it.
            if (left + 60..right - 60).contains(&middle) {
                tick(middle, law.mean(), HPos::Center)?;
            }
        }
        Ok(())
    }
}

/// All values, and all of the law that is likely.
fn range(histogram: &Histogram, law: Option<&Distribution>) -> (f64, f64) {
    let Some(law) = law else { return (histogram.low, histogram.high) };
    let (low, high) = law.support();
    let low = if low.is_finite() { low } else { law.mean() - REACH * law.std() };
    let high = if high.is_finite() { high } else { law.mean() + REACH * law.std() };
    (histogram.low.min(low), histogram.high.max(high))
}

/// How many of as many values the law has in a bin, at points between `low` and `high`; from the ground and back to it at its bounds.
fn density(law: &Distribution, histogram: &Histogram, (low, high): (f64, f64)) -> Vec<(f64, f64)> {
    let all = histogram.counts.iter().sum::<u64>() as f64;
    let bins = histogram.counts.len() as f64;
    let width = if histogram.low < histogram.high { histogram.high - histogram.low } else { high - low } / bins;
    let (from, to) = (low.max(law.support().0), high.min(law.support().1));
    let at = |point: u32| from + (to - from) * f64::from(point) / f64::from(POINTS);
    let height = |point: u32| {
        let (before, after) = (at(point), at(point + 1));
        all * width * (law.cdf(after) - law.cdf(before)) / (after - before)
    };
    let middles = (0..POINTS).map(|point| ((at(point) + at(point + 1)) / 2.0, height(point)));
    let edge =
        |bound: f64, at: f64, height: f64| if bound.is_finite() { vec![(at, 0.0), (at, height)] } else { vec![] };
    let start = edge(law.support().0, from, height(0));
    let end = edge(law.support().1, to, height(POINTS - 1));
    start.into_iter().chain(middles).chain(end.into_iter().rev()).collect()
}

/// The beginning and the end of a name that is too long.
pub(super) fn middle_cut(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        return name.to_owned();
    }
    let end = most / 2;
    name.chars().take(most - 1 - end).chain(['…']).chain(name.chars().skip(count - end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_density_has_the_area_of_the_bars() {
        let histogram = Histogram { low: -0.9, high: 0.9, counts: vec![25; 36] };
        for law in [
            Distribution::Uniform { low: -1.0, high: 1.0 },
            Distribution::TruncatedNormal { mean: 0.5, std: 0.4, low: -1.0, high: 1.0 },
        ] {
            let range = range(&histogram, Some(&law));
            assert_eq!(range, (-1.0, 1.0));
            let points = density(&law, &histogram, range);
            assert_eq!((points[0], points[points.len() - 1]), ((-1.0, 0.0), (1.0, 0.0)));
            let middles = &points[2..points.len() - 2];
            // 900 values in bins of a width of 0.05.
            let area: f64 = middles.iter().map(|point| point.1 * 2.0 / f64::from(POINTS)).sum();
            assert!((area - 900.0 * 0.05).abs() < 1e-9, "{law} {area}");
        }
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(middle_cut("fc.weight", 9), "fc.weight");
        assert_eq!(middle_cut("model.layers.10.mlp.weight", 11), "model…eight");
        assert_eq!(middle_cut("ééééé", 3), "é…é");
    }
}
