//! Standard deviations by depth, for the tensors of each kind.

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

use super::canvas::{Area, COLORS, Drawing, GREY, middle_cut, text, ticks};
use crate::number::rounded;

/// The standard deviations of tensors of several kinds, by depth.
#[derive(Debug)]
pub(crate) struct Depths {
    pub(crate) kinds: Vec<Kind>,
    /// The number of kinds that are not drawn.
    pub(crate) more: usize,
}

/// Tensors of one kind.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: String,
    /// The depth, the measured and the expected standard deviation of each tensor.
    pub(crate) members: Vec<(u64, f64, Option<f64>)>,
}

/// The maximum number of kinds, one per colour.
pub(crate) const MAX_KINDS: usize = COLORS.len();

/// Pixels.
pub(super) const HEIGHT: i32 = 290;
const LEGEND: i32 = 270;
const LEFT: i32 = 64;
const TOP: i32 = 28;
const BOTTOM: i32 = 44;

/// Maximum characters of a kind's name in the legend.
const NAME: usize = 36;

/// The ratio of the largest to the smallest value beyond which the scale is logarithmic.
const LINEAR: f64 = 20.0;

impl Depths {
    pub(super) fn draw(&self, area: &Area<'_>, (x, y): (i32, i32), width: i32) -> Drawing {
        let (left, right) = (x + LEFT, x + width - LEGEND);
        let (top, ground) = (y + TOP, y + HEIGHT - BOTTOM);
        let title = "Standard deviation by depth";
        area.draw(&Text::new(title, (x, y + 4), text(15, BLACK, HPos::Left, VPos::Top)))?;

        let depths = || self.kinds.iter().flat_map(|kind| kind.members.iter().map(|member| member.0));
        let (first, last) = (depths().min().unwrap_or(0), depths().max().unwrap_or(1));
        let step = f64::from(right - left) / ((last - first) as f64 + 1.0);
        let across = |depth: u64| f64::from(left) + step * ((depth - first) as f64 + 0.5);
        let scale = Scale::of(&self.kinds);
        let up = |std: f64| ground - (scale.share(std) * f64::from(ground - top)).round() as i32;

        for tick in scale.ticks() {
            let at = up(tick);
            area.draw(&PathElement::new(vec![(left, at), (right, at)], BLACK.mix(0.08)))?;
            area.draw(&Text::new(trimmed(tick), (left - 6, at), text(12, GREY, HPos::Right, VPos::Center)))?;
        }
        // As many labels as there is room for.
        let every = round_step(34.0 / step).max(1.0) as u64;
        for depth in (first.next_multiple_of(every)..=last).step_by(every as usize) {
            let at = across(depth).round() as i32;
            area.draw(&PathElement::new(vec![(at, ground), (at, ground + 4)], BLACK.mix(0.5)))?;
            area.draw(&Text::new(depth.to_string(), (at, ground + 6), text(12, GREY, HPos::Center, VPos::Top)))?;
        }
        area.draw(&PathElement::new(vec![(left, top), (left, ground), (right, ground)], BLACK.mix(0.5)))?;
        let middle = ((left + right) / 2, ground + 22);
        area.draw(&Text::new("depth (the number in the name)", middle, text(12, GREY, HPos::Center, VPos::Top)))?;

        for (index, (kind, color)) in self.kinds.iter().zip(COLORS).enumerate() {
            // Shifted, so that equal values of several kinds do not cover each other.
            let shift = (index as f64 - (self.kinds.len() - 1) as f64 / 2.0) * (step * 0.09).min(7.0);
            let position = |depth: u64, std: f64| ((across(depth) + shift).round() as i32, up(std));
            let expected: Vec<_> =
                kind.members.iter().filter_map(|member| Some(position(member.0, member.2?))).collect();
            let measured = || kind.members.iter().map(|member| position(member.0, member.1));
            let line = if expected.is_empty() { measured().collect() } else { expected };
            area.draw(&PathElement::new(line, color.mix(0.7).stroke_width(1)))?;
            for at in measured() {
                area.draw(&Circle::new(at, 3, color.filled()))?;
            }
            let at = y + TOP + 8 + 20 * index as i32;
            area.draw(&PathElement::new(vec![(right + 20, at), (right + 40, at)], color.stroke_width(1)))?;
            area.draw(&Circle::new((right + 30, at), 3, color.filled()))?;
            let name = middle_cut(&kind.name, NAME);
            area.draw(&Text::new(name, (right + 46, at), text(12, BLACK, HPos::Left, VPos::Center)))?;
        }
        let mut notes =
            vec![if self.has_expected() { "dots: measured, lines: expected" } else { "dots: measured" }.to_owned()];
        if self.more > 0 {
            notes.push(format!("and {} more kinds; see --tensor", self.more));
        }
        for (index, note) in notes.into_iter().enumerate() {
            let at = y + TOP + 14 + 20 * self.kinds.len() as i32 + 18 * index as i32;
            area.draw(&Text::new(note, (right + 20, at), text(12, GREY, HPos::Left, VPos::Center)))?;
        }
        Ok(())
    }

    fn has_expected(&self) -> bool {
        self.kinds.iter().flat_map(|kind| &kind.members).any(|member| member.2.is_some())
    }
}

/// A vertical scale: linear from 0, or logarithmic.
#[derive(Debug, PartialEq)]
struct Scale {
    low: f64,
    high: f64,
    is_linear: bool,
}

impl Scale {
    fn of(kinds: &[Kind]) -> Self {
        let members = kinds.iter().flat_map(|kind| &kind.members);
        let all = members.flat_map(|&(_, measured, expected)| [Some(measured), expected]).flatten();
        let all = all.filter(|std| *std > 0.0);
        let (min, max) = all.fold((f64::INFINITY, 0f64), |(min, max), std| (min.min(std), max.max(std)));
        if max <= LINEAR * min {
            Self { low: 0.0, high: max * 1.1, is_linear: true }
        } else {
            Self { low: min / 1.3, high: max * 1.3, is_linear: false }
        }
    }

    /// Returns the position on the scale, clamped to 0 to 1.
    fn share(&self, std: f64) -> f64 {
        let share = if self.is_linear {
            (std - self.low) / (self.high - self.low)
        } else {
            (std / self.low).ln() / (self.high / self.low).ln()
        };
        share.clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<f64> {
        if !self.is_linear {
            let all = ticks(self.low, self.high);
            let decades: Vec<_> = all.iter().copied().filter(|tick| tick.log10().fract().abs() < 1e-9).collect();
            return if all.len() > 9 { decades } else { all };
        }
        let step = round_step(self.high / 5.0);
        (0..).map(|index| f64::from(index) * step).take_while(|tick| *tick <= self.high).collect()
    }
}

/// Rounds up to 1, 2 or 5 times a power of ten.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    power * [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= rough).unwrap_or(10.0)
}

/// Formats with three digits, without trailing zeros.
fn trimmed(number: f64) -> String {
    let digits = rounded(number, 3);
    match digits.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.')),
        None if digits.contains('.') => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(stds: &[f64]) -> Kind {
        let members = stds.iter().enumerate().map(|(depth, &std)| (depth as u64, std, None)).collect();
        Kind { name: String::new(), members }
    }

    #[test]
    fn values_of_similar_size_get_a_linear_scale_and_others_a_logarithmic_one() {
        let near = Scale::of(&[kind(&[0.02, 0.004]), kind(&[0.01])]);
        assert!(near.is_linear && near.share(0.0) == 0.0 && near.share(0.02) > 0.9);
        assert_eq!(near.ticks().into_iter().map(trimmed).collect::<Vec<_>>(), ["0", "0.005", "0.01", "0.015", "0.02"]);
        let far = Scale::of(&[kind(&[1.0, 1e-3]), kind(&[0.0, 1e3])]);
        assert!(!far.is_linear && (far.share(1.0) - 0.5).abs() < 1e-9 && far.share(0.0) == 0.0);
        assert_eq!(
            far.ticks().into_iter().map(trimmed).collect::<Vec<_>>(),
            ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]
        );
    }
}
