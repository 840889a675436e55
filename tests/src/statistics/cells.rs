//! The exact distribution of the values of a dtype, as a partition of them.

use init_core::Distribution;

use crate::oracle::{Value, highest, lowest};

/// Steps of the table from a value to its cell, and of the table from a probability to a value.
const STEPS: usize = 1 << 16;

/// A partition of a dtype's values into intervals, and the exact probability of each under a distribution.
///
/// Rounding is part of the distribution: a value represents all real numbers that round to it, through
/// f32 for bf16 and f16, with ties to even in that second step; the outermost values inside the bounds
/// also represent the numbers that are clamped to them.
#[derive(Clone, Debug)]
pub struct Cells {
    /// The largest value of each cell.
    tops: Vec<f64>,
    /// The probability of each cell and those below it.
    cumulative: Vec<f64>,
    lookup: Lookup,
}

#[derive(Clone, Debug)]
enum Lookup {
    /// The cell of each bit pattern of a 16-bit type.
    Codes(Vec<u32>),
    /// The first cell that each step of a uniform grid can touch.
    Grid { start: f64, scale: f64, first: Vec<u32> },
}

impl Cells {
    /// Returns about `count` cells of equal probability: fewer if the dtype has too few values.
    #[must_use]
    pub fn equiprobable<T: Value>(distribution: &Distribution, count: usize) -> Self {
        let mut tops: Vec<f64> = Quantiles::new(distribution).take(count).map(|x| T::round(x).exact()).collect();
        tops.dedup();
        Self::new::<T>(distribution, tops, |tops| {
            let (start, end) = (tops[0], tops[tops.len() - 2]);
            let scale = STEPS as f64 / (end - start);
            // Half a step early: the step of a value is found with a rounding error.
            let left = |step: usize| start + (step as f64 - 0.5) / scale;
            let first = |step| tops.partition_point(|&top| top < left(step)) as u32;
            Lookup::Grid { start, scale, first: (0..STEPS).map(first).collect() }
        })
    }

    /// Returns one cell per value of a 16-bit type.
    ///
    /// # Panics
    ///
    /// If the type is wider.
    #[must_use]
    pub fn values<T: Value>(distribution: &Distribution) -> Self {
        assert_eq!(size_of::<T>(), 2, "{} has too many values", T::NAME);
        let all = || std::iter::successors(Some(-T::LARGEST), |x| (*x != T::LARGEST).then(|| x.above()));
        Self::new::<T>(distribution, all().map(Value::exact).collect(), |tops| {
            let mut cells = vec![0; 1 << 16];
            let mut put = |x: T, cell| cells[x.bits() as usize] = cell;
            for x in all() {
                put(x, (tops.partition_point(|&top| top < x.exact())).min(tops.len() - 1) as u32);
                if x.exact() == 0.0 {
                    put(-x, tops.partition_point(|&top| top < 0.0).min(tops.len() - 1) as u32);
                }
            }
            Lookup::Codes(cells)
        })
    }

    fn new<T: Value>(distribution: &Distribution, mut tops: Vec<f64>, lookup: impl Fn(&[f64]) -> Lookup) -> Self {
        let (low, high) = distribution.support();
        let closed = !matches!(distribution, Distribution::Uniform { .. });
        let (lowest, highest) = (lowest::<T>(low), highest::<T>(high, closed));
        tops.retain(|&top| lowest <= top && top < highest);
        let mut cumulative: Vec<f64> =
            tops.iter().map(|&top| distribution.cdf(largest_source(T::round(top)))).collect();
        tops.push(highest);
        cumulative.push(1.0);
        Self { lookup: lookup(&tops), tops, cumulative }
    }

    /// Returns the number of cells.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "there is always a cell")]
    pub fn len(&self) -> usize {
        self.tops.len()
    }

    /// Returns the probability of each cell and those below it.
    #[must_use]
    pub fn cumulative(&self) -> &[f64] {
        &self.cumulative
    }

    /// Returns the largest value and the probability of each cell.
    pub fn probabilities(&self) -> impl Iterator<Item = (f64, f64)> + Clone {
        let below = std::iter::once(0.0).chain(self.cumulative.iter().copied());
        self.tops.iter().zip(&self.cumulative).zip(below).map(|((&top, &to), from)| (top, to - from))
    }

    /// Calls a function with the cell of each value.
    pub fn each<T: Value>(&self, values: &[T], mut visit: impl FnMut(usize)) {
        match &self.lookup {
            Lookup::Codes(cells) => values.iter().for_each(|x| visit(cells[x.bits() as usize] as usize)),
            Lookup::Grid { start, scale, first } => {
                let inner = &self.tops[..self.tops.len() - 1];
                for x in values {
                    let x = x.exact();
                    // Saturates: values below the grid take its first step.
                    let step = ((x - start) * scale) as usize;
                    let mut cell = first[step.min(STEPS - 1)] as usize;
                    while cell < inner.len() && x > inner[cell] {
                        cell += 1;
                    }
                    visit(cell);
                }
            }
        }
    }
}

/// Returns the supremum of the real numbers that round to at most `x`.
fn largest_source<T: Value>(x: T) -> f64 {
    let middle = 0.5 * x.exact() + 0.5 * x.above().exact();
    match size_of::<T>() {
        // A tie in the step from f32 goes to the even value, and so does every number that rounds to that f32.
        2 => {
            let middle = middle as f32;
            let neighbour = if x.bits() & 1 == 0 { middle.next_up() } else { middle.next_down() };
            f64::midpoint(middle.into(), neighbour.into())
        }
        _ => middle,
    }
}

/// A distribution's quantile function, by interpolation.
struct Quantiles {
    from: f64,
    step: f64,
    cumulative: Vec<f64>,
}

impl Quantiles {
    /// The probability left out at either end.
    const END: f64 = 1e-6;

    fn new(distribution: &Distribution) -> Self {
        let (mean, std) = match *distribution {
            Distribution::Normal { mean, std } | Distribution::TruncatedNormal { mean, std, .. } => (mean, std),
            _ => (distribution.mean(), distribution.std()),
        };
        // Finite, and all but a negligible part of the distribution: 40 σ from the mean or, in a tail, from
        // the near bound.
        let (low, high) = distribution.support();
        let (low, high) = (low.max(mean.min(high) - 40.0 * std), high.min(mean.max(low) + 40.0 * std));
        let quantile = |probability: f64| {
            let (mut below, mut above) = (low, high);
            for _ in 0..60 {
                let middle = f64::midpoint(below, above);
                *(if distribution.cdf(middle) < probability { &mut below } else { &mut above }) = middle;
            }
            above
        };
        let (from, to) = (quantile(Self::END), quantile(1.0 - Self::END));
        let step = (to - from) / STEPS as f64;
        let cumulative = (0..=STEPS).map(|i| distribution.cdf(from + step * i as f64)).collect();
        Self { from, step, cumulative }
    }

    /// Returns the quantiles of 1/count, 2/count, …
    fn take(&self, count: usize) -> impl Iterator<Item = f64> {
        (1..count).map(move |k| {
            let target = k as f64 / count as f64;
            let after = self.cumulative.partition_point(|&p| p < target).clamp(1, STEPS);
            let (a, b) = (self.cumulative[after - 1], self.cumulative[after]);
            self.from + self.step * ((after - 1) as f64 + (target - a) / (b - a))
        })
    }
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;
    use crate::cases::{normal, truncated, uniform};

    fn found<T: Value>(cells: &Cells, values: &[T]) -> Vec<usize> {
        let mut found = Vec::new();
        cells.each(values, |cell| found.push(cell));
        found
    }

    #[test]
    fn a_value_belongs_to_the_first_cell_whose_top_is_not_below_it() {
        for distribution in [normal(0.0, 0.02), uniform(-0.3, 1.7), truncated(0.0, 1.0, 20.0, f64::INFINITY)] {
            let cells = Cells::equiprobable::<f32>(&distribution, 5000);
            let (from, to) = (cells.tops[0], cells.tops[cells.len() - 2]);
            let spread = |i: i32| (from + (to - from) * (f64::from(i) / 9e4 - 0.05)) as f32;
            let tops = cells.tops.iter().map(|&top| top as f32);
            let values: Vec<f32> = tops.flat_map(|x| [x.next_down(), x]).chain((0..99_000).map(spread)).collect();
            for (&x, cell) in values.iter().zip(found(&cells, &values)) {
                let expected = cells.tops.partition_point(|&top| top < x.into()).min(cells.len() - 1);
                assert_eq!(cell, expected, "{distribution}: {x}");
            }
        }
    }

    #[test]
    fn cells_have_nearly_equal_probability() {
        for distribution in
            [normal(0.0, 0.02), truncated(0.0, 1.0, 20.0, f64::INFINITY), truncated(0.0, 1.0, -1.0, 3.0)]
        {
            let cells = Cells::equiprobable::<f64>(&distribution, 5000);
            assert_eq!(cells.len(), 5000);
            for (top, p) in cells.probabilities() {
                assert!((p * 5000.0 - 1.0).abs() < 0.01, "{distribution}: {p} to {top}");
            }
        }
    }

    #[test]
    fn a_rounded_value_stands_for_the_numbers_that_round_to_it() {
        // Around 1, bf16 has a spacing of 2⁻⁸ below and 2⁻⁷ above; 1 is even and its neighbours are odd.
        let half_f32 = f64::from(f32::EPSILON) / 2.0;
        assert_eq!(largest_source(bf16::ONE), 1.0 + 2_f64.powi(-8) + half_f32);
        assert_eq!(largest_source(bf16::from_f32(1.0 - 1.0 / 256.0)), 1.0 - 2_f64.powi(-9) - half_f32 / 2.0);
        assert_eq!(largest_source(1f32), 1.0 + half_f32);
        assert_eq!(largest_source(1f64), 1.0);
    }

    #[test]
    fn a_16_bit_value_has_the_probability_of_its_interval() {
        let distribution = uniform(0.0, 1.0);
        let cells = Cells::values::<f16>(&distribution);
        let of = |x: f32| cells.probabilities().nth(found(&cells, &[f16::from_f32(x)])[0]).expect("a cell");
        let ulp = 2_f64.powi(-11);
        assert_eq!(of(0.5).0, 0.5);
        assert!((of(0.75).1 - ulp).abs() < 1e-6);
        assert!((of(0.5).1 - 0.75 * ulp).abs() < 1e-6);
        // The last value below the open bound also has the half interval above it.
        assert!((of(0.99951172).1 - 1.5 * ulp).abs() < 1e-6);
        assert_eq!(cells.len(), 0x3C00);
        assert_eq!(found(&cells, &[f16::NEG_ZERO, f16::ZERO]), [0, 0]);
    }
}
