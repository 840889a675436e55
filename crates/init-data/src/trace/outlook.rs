/// What becomes of a signal that goes through a stack, one way or the other.
///
/// Depths count the layers that the signal has gone through: forward depth d is layer d, backward it is layer L + 1 − d of L. Beyond the
/// stack a depth is that of a longer stack with more layers such as the last one: by mean-field theory where it covers the last
/// layer and that one is square, otherwise with the factor measured in the later half of the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// The measured factor of the standard deviation from one layer to the next: the geometric mean after the first layer; 0 and NaN for a
    /// signal that is lost.
    pub factor: f64,
    /// What becomes of it.
    pub fate: Fate,
    /// The depth at which the standard deviation is under 1/1000 or over 1000 times what it was before the first layer; `None` if the
    /// signal is steady.
    pub depth: Option<usize>,
    /// The depth at which it leaves what f16 holds as a normal number, 2⁻¹⁴ to 65 504.
    pub f16: Option<usize>,
    /// The depth at which it leaves what f32 holds as a normal number, 2⁻¹²⁶ to 2¹²⁸.
    pub f32: Option<usize>,
    /// The depth from which on every value is 0, or some are not finite.
    pub lost: Option<usize>,
    /// Whether depths beyond the stack are by mean-field theory.
    pub by_theory: bool,
}

/// Whether a signal lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays within a factor of 1000 of its start for the whole of the stack, and for 100 layers or twice the stack, if
    /// that is more.
    Steady,
    /// It falls under 1/1000 of its start, or to 0.
    Vanishes,
    /// It rises over 1000 times its start, or is no longer finite.
    Explodes,
}

impl Fate {
    /// The word: `steady`, `vanishes` or `explodes`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Vanishes => "vanishes",
            Self::Explodes => "explodes",
        }
    }
}

/// A signal this much smaller or larger than its start is no longer one.
const LIMIT: f64 = 1000.0;

/// How far ahead is looked at least, in layers.
const AHEAD: usize = 100;

/// What is this many layers away will not be reached.
const FARTHEST: f64 = 1e6;

/// What f16 and f32 hold as a normal number.
const F16: (f64, f64) = (6.103515625e-5, 65504.0);
const F32: (f64, f64) = (f32::MIN_POSITIVE as f64, f32::MAX as f64);

/// To which depth a stack of `depth` layers is looked at.
pub(super) fn horizon(depth: usize) -> usize {
    AHEAD.max(2 * depth)
}

impl Outlook {
    /// From the standard deviation before the first layer, after each one, and the factors of the layers that would follow,
    /// if they are known.
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

/// The depth at which a series that goes on as it ended leaves a range.
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
            // ln 1000 / -ln 0.49 = 9.7, 14 · ln 2 / -ln 0.49 = 13.6, 126 · ln 2 / -ln 0.49 = 122.4; likewise with ln 2.04.
            let less = falling(0.49, depth);
            assert_eq!((less.fate, less.depth, less.f16, less.f32), (Fate::Vanishes, Some(10), Some(14), Some(123)));
            assert!((less.factor - 0.49).abs() < 1e-12);
            let more = falling(2.04, depth);
            assert_eq!((more.fate, more.depth, more.f16, more.f32), (Fate::Explodes, Some(10), Some(16), Some(125)));
        }
    }

    #[test]
    fn what_hardly_moves_is_steady() {
        for factor in [0.97, 1.0, 1.03] {
            let outlook = falling(factor, 5);
            assert_eq!((outlook.fate, outlook.depth, outlook.f32), (Fate::Steady, None, None));
        }
        // The known factors ahead count, not the mean of what was measured.
        let stds = [0.5, 0.4, 0.35];
        assert_eq!(Outlook::new(1.0, &stds, Some(&[1.0; 97])).fate, Fate::Steady);
        assert_eq!(Outlook::new(1.0, &stds, Some(&[0.1; 97])).depth, Some(6));
    }

    #[test]
    fn a_lost_signal_says_where() {
        let zero = Outlook::new(1.0, &[0.5, 0.0, 0.0], None);
        assert_eq!((zero.fate, zero.depth, zero.lost), (Fate::Vanishes, Some(2), Some(2)));
        let infinite = Outlook::new(1.0, &[5.0, f64::NAN, f64::NAN], None);
        assert_eq!((infinite.fate, infinite.depth, infinite.lost), (Fate::Explodes, Some(2), Some(2)));
        assert_eq!((infinite.f16, infinite.f32), (Some(2), Some(2)));
    }
}
