//! The part of a structured fill that is requested, and the operations on it that all structured
//! fills share.

use std::{mem::MaybeUninit, ops::Range};

use init_core::{Distribution, shape::Matrix};

use crate::{
    dispatch::{Job, fill, prepare},
    error::FillError,
    float_env::FloatEnv,
    parallel::for_each_part,
    sampler::Sampled,
};

/// Elements that one task computes where each costs some operations of its own.
const TASK: usize = 1 << 15;

/// A part of a structured fill.
#[derive(Debug)]
pub(super) struct Part<'a, T> {
    pub(super) job: Job<'a, T>,
}

impl<T: Sampled> Part<'_, T> {
    /// Fills the part with independent values.
    pub(super) fn draw(&mut self, distribution: &Distribution) -> Result<(), FillError> {
        let Job { token, stream, indices, ref mut dst, threads } = self.job;
        fill(Job { token, stream, indices, dst, threads }, &prepare::<T>(distribution)?);
        Ok(())
    }

    /// Fills the part with one value.
    pub(super) fn constant(&mut self, value: f64) -> Result<(), FillError> {
        self.draw(&Distribution::Constant(value))
    }

    /// Writes the element with a flat index, if the part has it.
    pub(super) fn set(&mut self, flat: u64, value: f64) {
        if let Some(index) = self.job.indices.index_of(flat) {
            self.job.dst[index].write(T::from_f64(value));
        }
    }

    /// Writes one value to those of `count` elements of the tensor that are in the part: `all` are
    /// their flat indices, and `is_one` tells whether an element is one of them.
    ///
    /// Takes the time of the fewer: of these elements, or of those of the part.
    pub(super) fn mark(
        &mut self,
        value: f64,
        count: u64,
        all: impl Iterator<Item = u64>,
        is_one: impl Fn(u64) -> bool + Send + Sync,
    ) {
        if count <= self.job.dst.len() as u64 {
            all.for_each(|flat| self.set(flat, value));
            return;
        }
        let value = MaybeUninit::new(T::from_f64(value));
        self.runs(|flat, dst| {
            for (flat, dst) in (flat..).zip(dst) {
                if is_one(flat) {
                    *dst = value;
                }
            }
        });
    }

    /// Returns whether the part is the whole tensor of this many elements.
    pub(super) fn is_whole(&self, elements: u64) -> bool {
        self.job.dst.len() as u64 == elements
    }

    /// Calls `run` with the flat index and the number of each run of consecutive elements.
    pub(super) fn each_run(&self, mut run: impl FnMut(u64, usize) -> Result<(), FillError>) -> Result<(), FillError> {
        let (indices, len) = (self.job.indices, self.job.dst.len());
        let mut index = 0;
        while index < len {
            let (flat, count) = indices.locate(index);
            let count = count.min(len - index);
            run(flat, count)?;
            index += count;
        }
        Ok(())
    }

    /// Calls `line` with the copy and the rows and columns of each run of consecutive elements
    /// that are in one row or one column of a matrix.
    pub(super) fn each_line(
        &self,
        matrix: &Matrix,
        mut line: impl FnMut(usize, Range<usize>, Range<usize>) -> Result<(), FillError>,
    ) -> Result<(), FillError> {
        self.each_run(|mut flat, mut count| {
            while count > 0 {
                let (copy, row, col) = matrix.position(flat);
                let (rows, cols) = if matrix.inner() == 1 {
                    (row..row + count.min(matrix.rows() - row), col..col + 1)
                } else {
                    (row..row + 1, col..col + count.min(matrix.inner() - col % matrix.inner()))
                };
                let done = rows.len() * cols.len();
                line(copy, rows, cols)?;
                flat += done as u64;
                count -= done;
            }
            Ok(())
        })
    }

    /// Calls `run` with the flat index of the first element, and the elements, of each run of
    /// consecutive elements, a few thousand at a time.
    pub(super) fn runs(&mut self, run: impl Fn(u64, &mut [MaybeUninit<T>]) + Send + Sync) {
        let indices = self.job.indices;
        let task = |mut index: usize, mut dst: &mut [MaybeUninit<T>]| {
            while !dst.is_empty() {
                let (flat, count) = indices.locate(index);
                let (now, rest) = dst.split_at_mut(count.min(dst.len()));
                index += now.len();
                run(flat, now);
                dst = rest;
            }
        };
        let count = self.job.dst.len().div_ceil(TASK);
        let start = |number: usize| number * TASK;
        for_each_part(self.job.threads, self.job.dst, count, start, |index, dst| FloatEnv::run(|| task(index, dst)));
    }
}
