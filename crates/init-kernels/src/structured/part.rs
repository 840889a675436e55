//! The part of a structured fill that is requested, and the operations on it that all structured
//! fills share.

use std::mem::MaybeUninit;

use init_core::Distribution;

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
