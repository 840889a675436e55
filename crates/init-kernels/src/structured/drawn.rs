//! Structured fills with random values: sparse matrices, repeated filters, chrono biases.

use std::{
    mem::MaybeUninit,
    sync::{Mutex, PoisonError},
};

use init_core::{Distribution, shape::Matrix};

use super::part::Part;
use crate::{
    dispatch::{Job, fill, prepare},
    error::FillError,
    index_runs::IndexRuns,
    math::neg_two_ln_f64,
    parallel::{map, participants},
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

/// Columns of fewer rows than this are chosen several at a time.
const SHORT_ROWS: usize = 1 << 14;

/// What a thread needs to choose the zeros of columns.
struct Scratch {
    /// A key for each row, and the row.
    keys: Vec<(u64, usize)>,
    /// The positions of the zeros in the buffer.
    chosen: Vec<usize>,
}

impl Scratch {
    fn new(rows: usize, zeros: usize) -> Result<Self, FillError> {
        Ok(Self { keys: room(rows)?, chosen: room(zeros)? })
    }
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
        // A few columns at a time for each thread, so that the lists stay small; a tall one alone.
        let each = (SHORT_ROWS / rows).clamp(1, 64);
        // Before anything is written: where memory for several threads is missing, fewer work.
        let mut scratch = Vec::new();
        for _ in 0..participants(self.job.threads) {
            match Scratch::new(rows, each.saturating_mul(zeros)) {
                Ok(more) => scratch.push(Mutex::new(more)),
                Err(error) if scratch.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        self.draw(&distribution)?;

        let (stream, indices) = (self.job.stream, self.job.indices);
        let choose = |number: u64, scratch: &mut Scratch| {
            let (copy, col) = ((number / cols as u64) as usize, (number % cols as u64) as usize);
            let mut words = Words::new(stream.child_index(number));
            let Scratch { keys, chosen } = scratch;
            keys.clear();
            keys.extend((0..rows).map(|row| (words.next_u64(), row)));
            keys.select_nth_unstable(zeros - 1);
            let index = |&(_, row): &(u64, usize)| indices.index_of(matrix.index(copy, row, col));
            chosen.extend(keys[..zeros].iter().filter_map(index));
        };
        for range in needed.sorted() {
            for start in range.clone().step_by(scratch.len() * each) {
                let end = range.end.min(start + (scratch.len() * each) as u64);
                let lists = ((end - start) as usize).div_ceil(each);
                map(scratch.len(), lists, |list| {
                    let mut scratch = scratch[list].lock().unwrap_or_else(PoisonError::into_inner);
                    scratch.chosen.clear();
                    let first = start + (list * each) as u64;
                    (first..end.min(first + each as u64)).for_each(|number| choose(number, &mut scratch));
                });
                for scratch in &mut scratch[..lists] {
                    for &index in &scratch.get_mut().unwrap_or_else(PoisonError::into_inner).chosen {
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
