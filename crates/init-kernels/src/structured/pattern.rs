//! Structured fills of few distinct values: identities, zero rows, Hadamard matrices, bilinear
//! interpolation.

use std::mem::MaybeUninit;

use init_core::{
    Distribution,
    shape::{Filters, Matrix, Order},
};

use super::part::Part;
use crate::{error::FillError, sampler::Sampled};

impl<T: Sampled> Part<'_, T> {
    /// Writes `gain` at (i mod rows, i mod cols) for i below `count`, and 0 elsewhere; `count` is
    /// the smaller or the larger of the two.
    pub(super) fn eye(&mut self, matrix: &Matrix, count: usize, gain: f64) -> Result<(), FillError> {
        self.constant(0.0)?;
        let (rows, cols) = (matrix.rows(), matrix.cols());
        let diagonal = move |copy| (0..count).map(move |i| matrix.index(copy, i % rows, i % cols));
        // Up to the larger size, the diagonal begins again whenever it has crossed the smaller one.
        let period = if count > rows.min(cols) { rows.min(cols) } else { usize::MAX };
        let all = (0..matrix.copies()).flat_map(diagonal);
        self.mark(gain, matrix.copies() as u64 * count as u64, all, |flat| {
            let (_, row, col) = matrix.position(flat);
            row % period == col % period
        });
        Ok(())
    }

    /// Writes 1 at the centre tap of each pair of equal output and input channels of a group, and 0
    /// elsewhere.
    pub(super) fn dirac(&mut self, filters: &Filters, groups: usize, centre: usize) -> Result<(), FillError> {
        self.constant(0.0)?;
        let outputs = filters.out() / groups;
        let count = outputs.min(filters.inputs());
        let of_group = move |group| (0..count).map(move |d| filters.index(group * outputs + d, d, centre));
        self.mark(1.0, groups as u64 * count as u64, (0..groups).flat_map(of_group), |flat| {
            let (out, input, tap) = filters.position(flat);
            tap == centre && out % outputs == input
        });
        Ok(())
    }

    /// Writes a Hadamard matrix at the centre tap, or an identity if there are not more outputs
    /// than inputs.
    pub(super) fn hadamard(&mut self, filters: &Filters, centre: usize, gain: f64) -> Result<(), FillError> {
        if filters.out() <= filters.inputs() {
            self.constant(0.0)?;
            let all = (0..filters.out()).map(|i| filters.index(i, i, centre));
            self.mark(gain, filters.out() as u64, all, |flat| {
                let (out, input, tap) = filters.position(flat);
                tap == centre && out == input
            });
            return Ok(());
        }
        let value = hadamard(filters, gain);
        let [zero, plus, minus] = [0.0, value, -value].map(|value| MaybeUninit::new(T::from_f64(value)));
        self.runs(|flat, dst| {
            for (flat, dst) in (flat..).zip(dst) {
                let (out, input, tap) = filters.position(flat);
                *dst = match (tap == centre, (out & input).count_ones() % 2) {
                    (false, _) => zero,
                    (true, 0) => plus,
                    (true, _) => minus,
                };
            }
        });
        Ok(())
    }

    /// Writes `value` to one gate, and 0 to the others.
    pub(super) fn gate(&mut self, hidden: usize, gate: usize, value: f64) -> Result<(), FillError> {
        self.constant(0.0)?;
        let (indices, dst) = (self.job.indices, &mut *self.job.dst);
        indices.intersect((gate * hidden) as u64, hidden, |index, range| {
            dst[index..index + range.len()].fill(MaybeUninit::new(T::from_f64(value)));
        });
        Ok(())
    }

    /// Samples the whole tensor, then sets one row to zero.
    pub(super) fn zero_row(
        &mut self,
        matrix: &Matrix,
        row: usize,
        distribution: &Distribution,
    ) -> Result<(), FillError> {
        self.draw(distribution)?;
        let of_copy = |copy| (0..matrix.cols()).map(move |col| matrix.index(copy, row, col));
        let all = (0..matrix.copies()).flat_map(of_copy);
        self.mark(0.0, matrix.copies() as u64 * matrix.cols() as u64, all, |flat| matrix.position(flat).1 == row);
        Ok(())
    }

    /// Writes the weights of bilinear interpolation to each filter, or only to those of equal
    /// channels.
    pub(super) fn bilinear(&mut self, filters: &Filters, diagonal: bool) {
        let zero = MaybeUninit::new(T::from_f64(0.0));
        let weight = |tap| MaybeUninit::new(T::from_f64(interpolation(filters, tap)));
        if filters.taps() > self.job.dst.len() {
            self.runs(|flat, dst| {
                for (flat, dst) in (flat..).zip(dst) {
                    let (out, input, tap) = filters.position(flat);
                    *dst = if diagonal && out != input { zero } else { weight(tap) };
                }
            });
            return;
        }
        let taps: Vec<_> = (0..filters.taps()).map(weight).collect();
        self.runs(|mut flat, mut dst| {
            while !dst.is_empty() {
                let (out, input, tap) = filters.position(flat);
                let (left, first) = match filters.order() {
                    Order::OutFirst => (filters.taps() - tap, tap),
                    Order::OutLast => (filters.out() - out, out),
                };
                let (now, rest) = dst.split_at_mut(left.min(dst.len()));
                match filters.order() {
                    Order::OutFirst if diagonal && out != input => now.fill(zero),
                    Order::OutFirst => now.copy_from_slice(&taps[first..first + now.len()]),
                    Order::OutLast if diagonal => {
                        now.fill(zero);
                        if let Some(index) = input.checked_sub(first).filter(|&index| index < now.len()) {
                            now[index] = taps[tap];
                        }
                    }
                    Order::OutLast => now.fill(taps[tap]),
                }
                flat += now.len() as u64;
                dst = rest;
            }
        });
    }
}

/// Returns the largest value of a Hadamard fill: `gain` over the root of the number of rows,
/// rounded up to a power of two.
pub(super) fn hadamard(filters: &Filters, gain: f64) -> f64 {
    if filters.out() <= filters.inputs() {
        return gain;
    }
    let twice_log = filters.out().next_power_of_two().trailing_zeros();
    let odd = if twice_log % 2 == 1 { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
    gain * (odd / (1_u64 << (twice_log / 2)) as f64)
}

/// Returns the product of 1 − |x / f − c| over the axes, from the outermost on.
fn interpolation(filters: &Filters, tap: usize) -> f64 {
    let weight = |(size, x): (usize, usize)| {
        let f = size.div_ceil(2);
        let centre = (2 * f - 1 - f % 2) as f64 / (2 * f) as f64;
        1.0 - (x as f64 / f as f64 - centre).abs()
    };
    filters.spatial().iter().copied().zip(filters.coordinates(tap)).map(weight).product()
}
