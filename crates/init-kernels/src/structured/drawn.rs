//! Structured fills with random values: sparse matrices, repeated filters, chrono biases.

use std::mem::MaybeUninit;

use init_core::{Distribution, shape::Matrix};

use super::part::Part;
use crate::{
    dispatch::{Job, fill, prepare},
    error::FillError,
    index_runs::IndexRuns,
    math::neg_two_ln_f64,
    parallel::map,
    ranges::{Ranges, has_memory, room},
    sampler::Sampled,
    simd::{Portable, Simd},
    words::Words,
};

/// A matrix whose rows are the repeated rows of a smaller matrix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeated<'a> {
    pub(super) matrix: &'a Matrix,
    pub(super) source: &'a Matrix,
    pub(super) repeats: usize,
    pub(super) tiled: bool,
}

impl<T: Sampled> Part<'_, T> {
    /// Samples the part, then sets the chosen rows of each of its columns to zero.
    pub(super) fn sparse(&mut self, matrix: &Matrix, zeros: usize, std: f64) -> Result<(), FillError> {
        let distribution = Distribution::Normal { mean: 0.0, std };
        if zeros == 0 {
            return self.draw(&distribution);
        }
        let (rows, cols) = (matrix.rows(), matrix.cols());
        let mut needed = Ranges::default();
        if self.is_whole(matrix.len()) {
            needed.add(0..matrix.copies() as u64 * cols as u64)?;
        } else {
            self.each_line(matrix, |copy, _, columns| {
                let first = copy as u64 * cols as u64;
                needed.add(first + columns.start as u64..first + columns.end as u64)
            })?;
        }
        has_memory(rows as u128 * size_of::<(u64, usize)>() as u128)?;
        self.draw(&distribution)?;

        let (stream, indices) = (self.job.stream, self.job.indices);
        let column = |number: u64| -> Result<Vec<usize>, FillError> {
            let (copy, col) = ((number / cols as u64) as usize, (number % cols as u64) as usize);
            let mut words = Words::new(stream.child_index(number));
            let mut keys = room(rows)?;
            keys.extend((0..rows).map(|row| (words.next_u64(), row)));
            keys.select_nth_unstable(zeros - 1);
            let index = |&(_, row): &(u64, usize)| indices.index_of(matrix.index(copy, row, col));
            Ok(keys[..zeros].iter().filter_map(index).collect())
        };
        // A few columns at a time, so that the lists of indices stay small.
        const COLUMNS: u64 = 256;
        for range in needed.sorted() {
            for start in range.clone().step_by(COLUMNS as usize) {
                let count = COLUMNS.min(range.end - start) as usize;
                for chosen in map(self.job.threads, count, |number| column(start + number as u64)) {
                    for index in chosen? {
                        self.job.dst[index].write(T::from_f64(0.0));
                    }
                }
            }
        }
        Ok(())
    }

    /// Samples each element at the index that its row has in the smaller matrix.
    pub(super) fn icnr(&mut self, rows: &Repeated<'_>, distribution: &Distribution) -> Result<(), FillError> {
        let (token, stream, sampler) = (self.job.token, self.job.stream, prepare::<T>(distribution)?);
        let draw = |flat: u64, dst: &mut [MaybeUninit<T>]| {
            let indices = &IndexRuns::consecutive(flat, dst.len());
            fill(Job { token, stream, indices, dst, threads: 1 }, &sampler);
        };
        self.runs(|mut flat, mut dst| {
            while !dst.is_empty() {
                let count = rows.part(flat, dst.len(), &draw, dst);
                dst = &mut std::mem::take(&mut dst)[count..];
                flat += count as u64;
            }
        });
        Ok(())
    }

    /// Samples u for the units of the part, and writes ln u to one gate and −ln u to the other.
    pub(super) fn chrono(&mut self, hidden: usize, gates: [usize; 2], longest: f64) -> Result<(), FillError> {
        // The longest list of times below.
        has_memory(self.job.dst.len().min(hidden) as u128 * size_of::<f64>() as u128)?;
        self.constant(0.0)?;
        let sampler = prepare::<f64>(&Distribution::Uniform { low: 1.0, high: longest - 1.0 })?;
        let Job { token, stream, indices, threads, .. } = self.job;
        let dst = &mut *self.job.dst;
        for (gate, sign) in gates.into_iter().zip([-0.5, 0.5]) {
            indices.intersect((gate * hidden) as u64, hidden, |index, range| {
                let units = IndexRuns::consecutive(range.start as u64, range.len());
                let mut times = vec![MaybeUninit::uninit(); range.len()];
                fill(Job { token, stream, indices: &units, dst: &mut times, threads }, &sampler);
                for (dst, time) in dst[index..].iter_mut().zip(times) {
                    // SAFETY: the fill wrote every element.
                    let time = unsafe { time.assume_init() };
                    let logarithm = neg_two_ln_f64(Portable, Portable.splat_f64(time)).to_array()[0];
                    dst.write(T::from_f64(sign * logarithm + 0.0));
                }
            });
        }
        Ok(())
    }
}

impl Repeated<'_> {
    /// Fills the first of `len` elements from `flat` on whose sources are consecutive, and returns
    /// their number.
    fn part<T: Sampled>(
        &self,
        flat: u64,
        len: usize,
        draw: &impl Fn(u64, &mut [MaybeUninit<T>]),
        dst: &mut [MaybeUninit<T>],
    ) -> usize {
        let Self { matrix, source, repeats, tiled } = *self;
        let (copy, row, col) = matrix.position(flat);
        let first = if tiled { row % source.rows() } else { row / repeats };
        let from = source.index(copy, first, col);
        if matrix.inner() > 1 {
            let count = len.min(matrix.inner() - col % matrix.inner());
            draw(from, &mut dst[..count]);
            count
        } else if tiled {
            let count = len.min(source.rows() - first);
            draw(from, &mut dst[..count]);
            count
        } else {
            let count = len.min(matrix.rows() - row);
            let last = (row + count - 1) / repeats;
            let mut once = vec![MaybeUninit::uninit(); last - first + 1];
            draw(from, &mut once);
            for (row, dst) in (row..row + count).zip(dst) {
                *dst = once[row / repeats - first];
            }
            count
        }
    }
}
