//! Structured fills that are orthogonal matrices.

use init_core::shape::{Filters, Matrix, Order};

use super::part::Part;
use crate::{
    error::FillError,
    orthogonal::{Normals, Position, Target, Wanted, fill},
    ranges::{Ranges, room},
    real::Real,
    sampler::Sampled,
};

impl<T: Sampled<Real: Normals>> Part<'_, T> {
    /// Writes `gain` times the copies of an orthogonal matrix.
    pub(super) fn orthogonal(&mut self, matrix: &Matrix, gain: f64) -> Result<(), FillError> {
        let tall = matrix.rows() >= matrix.cols();
        // Columns of the tall matrices, numbered through all copies.
        let columns = matrix.rows().min(matrix.cols()) as u64;
        let mut needed = Ranges::default();
        if self.is_whole(matrix.len()) {
            needed.add(0..matrix.copies() as u64 * columns)?;
        } else {
            self.each_line(matrix, |copy, rows, cols| {
                let (first, along) = (copy as u64 * columns, if tall { cols } else { rows });
                needed.add(first + along.start as u64..first + along.end as u64)
            })?;
        }
        self.write(needed, columns, |copy| Position::copy(matrix, copy), gain)
    }

    /// Writes `gain` times an orthogonal matrix at one tap, and 0 elsewhere.
    pub(super) fn delta_orthogonal(&mut self, filters: &Filters, tap: usize, gain: f64) -> Result<(), FillError> {
        let (outputs, inputs, taps) = (filters.out() as u64, filters.inputs() as u64, filters.taps() as u64);
        let mut needed = Ranges::default();
        let base = filters.index(0, 0, tap);
        self.each_run(|flat, count| {
            let end = flat + count as u64;
            match filters.order() {
                // Outputs are at least as many as inputs: the columns are those of the inputs.
                Order::OutFirst => {
                    let mut at = flat + (base + taps - flat % taps) % taps;
                    while at < end {
                        let input = at / taps % inputs;
                        let columns = (inputs - input).min((end - at).div_ceil(taps));
                        needed.add(input..input + columns)?;
                        at += columns * taps;
                    }
                }
                Order::OutLast => {
                    let (first, last) = (flat.max(base) - base, end.min(base + inputs * outputs).saturating_sub(base));
                    if first < last {
                        needed.add(first / outputs..last.div_ceil(outputs))?;
                    }
                }
            }
            Ok(())
        })?;
        // Refused before anything is written.
        let needed = self.wanted(needed, inputs, |_| Position::tap(filters, tap))?;
        self.constant(0.0)?;
        self.compute(&needed, gain);
        Ok(())
    }

    fn write(
        &mut self,
        needed: Ranges,
        columns: u64,
        position: impl Fn(usize) -> Position,
        gain: f64,
    ) -> Result<(), FillError> {
        let wanted = self.wanted(needed, columns, position)?;
        self.compute(&wanted, gain);
        Ok(())
    }

    fn compute(&mut self, wanted: &[Wanted], gain: f64) {
        let target = Target::new(self.job.dst, self.job.indices);
        fill(self.job.token, &target, wanted, gain, self.job.threads);
    }

    /// Returns the matrices of which the numbered columns are needed, `columns` per matrix.
    fn wanted(
        &self,
        needed: Ranges,
        columns: u64,
        position: impl Fn(usize) -> Position,
    ) -> Result<Vec<Wanted>, FillError> {
        let needed = needed.sorted();
        let copies = |range: &std::ops::Range<u64>| range.start / columns..range.end.div_ceil(columns);
        let mut wanted = room::<Wanted>(needed.iter().map(|range| copies(range).count()).sum())?;
        for range in &needed {
            for copy in copies(range) {
                let first = copy * columns;
                let start = range.start.max(first) - first;
                let end = range.end.min(first + columns) - first;
                let lanes = T::Real::LANES as u64;
                let lines = (start / lanes) as usize..end.div_ceil(lanes) as usize;
                match wanted.last_mut().filter(|last| last.copy == copy) {
                    Some(last) => last.add(lines),
                    None => {
                        let stream = self.job.stream.child_index(copy);
                        wanted.push(Wanted::new(copy, position(copy as usize), stream, lines));
                    }
                }
            }
        }
        for matrix in &wanted {
            matrix.check(T::Real::LANES, size_of::<T::Real>())?;
        }
        Ok(wanted)
    }
}
