//! How a signal develops with depth, within a stack and beyond it.

/// How a signal develops with depth, forward or backward.
///
/// Depths count the layers that the signal has passed: forward depth d is layer d, backward it is
/// layer L + 1 − d of L. A depth greater than the stack's is that of a stack with more layers like
/// the last one: by mean-field theory if it covers the last layer and that layer is square,
/// otherwise with the factor measured in the second half of the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// The measured factor of the standard deviation from one layer to the next: the geometric mean
    /// after the first layer; 0 or NaN for a signal that is lost.
    pub factor: f64,
    /// Whether the signal is steady, vanishes or explodes.
    pub fate: Fate,
    /// The depth at which the standard deviation is below 1/1000 or above 1000 times that before
    /// the first layer; `None` if the signal is steady.
    pub depth: Option<usize>,
    /// The depth at which it leaves the range of normal f16 numbers, 2⁻¹⁴ to 65 504.
    pub f16: Option<usize>,
    /// The depth at which it leaves the range of normal f32 numbers, 2⁻¹²⁶ to 2¹²⁸.
    pub f32: Option<usize>,
    /// The first depth at which all values are 0, or some are not finite.
    pub lost: Option<usize>,
    /// Whether depths beyond the stack come from mean-field theory.
    pub by_theory: bool,
}

/// The development of a signal: steady, vanishing or exploding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays within a factor of 1000 of its start for 100 layers, or for twice the stack's depth
    /// if that is more.
    Steady,
    /// It falls below 1/1000 of its start, or to 0.
    Vanishes,
    /// It rises above 1000 times its start, or is no longer finite.
    Explodes,
}

impl Fate {
    /// Returns `steady`, `vanishes` or `explodes`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Vanishes => "vanishes",
            Self::Explodes => "explodes",
        }
    }
}

/// A signal that is smaller or larger than its start by this factor has vanished or exploded.
const LIMIT: f64 = 1000.0;

/// The minimum depth of the outlook, in layers.
const AHEAD: usize = 100;

/// The maximum depth that is reported.
const FARTHEST: f64 = 1e6;

/// The ranges of normal numbers in f16 and f32.
const F16: (f64, f64) = (6.103515625e-5, 65504.0);
const F32: (f64, f64) = (f32::MIN_POSITIVE as f64, f32::MAX as f64);

/// Returns the depth up to which a stack of `depth` layers is extended.
pub(super) fn horizon(depth: usize) -> usize {
    AHEAD.max(2 * depth)
}

impl Outlook {
    /// Computes the outlook from the standard deviations before the first layer and after each
    /// layer, and the factors of the layers that would follow, if they are known.
    pub(super) fn new(start: f64, stds: &[f64], ahead: Option<&[f64]>) -> Self {
        let depth = stds.len();
        let lost = stds.iter().position(|&std| std == 0.0 || !std.is_finite());
        let factor = match stds {
            [] => f64::NAN,
            [first] => first / start,
            [first, .., last] => (last / first).powf(1.0 / (depth - 1) as f64),
        };
        let mut series = stds.to_vec();
        if lost.is_none() {
            let mut std = stds.last().copied().unwrap_or(start);
            let middle = depth.saturating_sub(1) / 2;
            let later = match depth {
                0 | 1 => factor,
                _ => (std / stds[middle]).powf(1.0 / (depth - 1 - middle) as f64),
            };
            for step in 0..horizon(depth) - depth {
                std *= ahead.map_or(later, |ahead| ahead[step]);
                series.push(std);
            }
        }
        let outside = |low: f64, high: f64| move |&std: &f64| !(std >= low && std <= high);
        let found = series.iter().position(outside(start / LIMIT, start * LIMIT));
        let fate = match found.map(|index| series[index]) {
            None => Fate::Steady,
            Some(std) if std < start => Fate::Vanishes,
            Some(_) => Fate::Explodes,
        };
        let leaves = |(low, high): (f64, f64)| {
            let inside = series.iter().position(outside(low, high)).map(|index| index + 1);
            inside.or_else(|| beyond(&series, low, high)).filter(|_| fate != Fate::Steady)
        };
        Self {
            factor,
            fate,
            depth: found.map(|index| index + 1),
            f16: leaves(F16),
            f32: leaves(F32),
            lost: lost.map(|index| index + 1),
            by_theory: ahead.is_some(),
        }
    }
}

/// Returns the depth at which a series that continues at its last rate leaves a range.
fn beyond(series: &[f64], low: f64, high: f64) -> Option<usize> {
    let [.., before, last] = *series else { return None };
    let rate = (last / before).ln();
    let steps = ((if rate < 0.0 { low } else { high }) / last).ln() / rate;
    (steps < FARTHEST).then(|| series.len() + steps.ceil() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling(factor: f64, depth: usize) -> Outlook {
        let stds: Vec<_> = (1..=depth).map(|layer| factor.powi(layer as i32)).collect();
        Outlook::new(1.0, &stds, None)
    }

    #[test]
    fn the_depth_is_where_a_power_passes_the_limit() {
        for depth in [3, 9, 10, 30] {
            // ln 1000 / -ln 0.49 = 9.7, 14 · ln 2 / -ln 0.49 = 13.6, 126 · ln 2 / -ln 0.49 = 122.4;
            // likewise with ln 2.04.
            let less = falling(0.49, depth);
            assert_eq!((less.fate, less.depth, less.f16, less.f32), (Fate::Vanishes, Some(10), Some(14), Some(123)));
            assert!((less.factor - 0.49).abs() < 1e-12);
            let more = falling(2.04, depth);
            assert_eq!((more.fate, more.depth, more.f16, more.f32), (Fate::Explodes, Some(10), Some(16), Some(125)));
        }
    }

    #[test]
    fn a_signal_that_hardly_changes_is_steady() {
        for factor in [0.97, 1.0, 1.03] {
            let outlook = falling(factor, 5);
            assert_eq!((outlook.fate, outlook.depth, outlook.f32), (Fate::Steady, None, None));
        }
        // Known factors take precedence over the measured mean.
        let stds = [0.5, 0.4, 0.35];
        assert_eq!(Outlook::new(1.0, &stds, Some(&[1.0; 97])).fate, Fate::Steady);
        assert_eq!(Outlook::new(1.0, &stds, Some(&[0.1; 97])).depth, Some(6));
    }

    #[test]
    fn the_depth_at_which_a_signal_is_lost_is_found() {
        let zero = Outlook::new(1.0, &[0.5, 0.0, 0.0], None);
        assert_eq!((zero.fate, zero.depth, zero.lost), (Fate::Vanishes, Some(2), Some(2)));
        let infinite = Outlook::new(1.0, &[5.0, f64::NAN, f64::NAN], None);
        assert_eq!((infinite.fate, infinite.depth, infinite.lost), (Fate::Explodes, Some(2), Some(2)));
        assert_eq!((infinite.f16, infinite.f32), (Some(2), Some(2)));
    }
}
