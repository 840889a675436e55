//! From a fill to the kernels: the work is split among threads, each part enters the code of its
//! level.

use std::mem::MaybeUninit;

use half::{bf16, f16};
use init_core::Distribution;

use crate::{
    error::FillError,
    float_env::FloatEnv,
    geometry::BLOCK,
    index_runs::IndexRuns,
    parallel::join,
    run::{Route, Run},
    sampler::{Sample, Sampled},
    simd::Simd,
    stream::Stream,
    token::{Token, dispatch},
};

/// Below this many bytes the caller's thread does the work, and above it no task is smaller: about
/// 20 µs, many times the cost of starting a task.
const TASK_BYTES: usize = 64 * 1024;

/// From this many bytes on a fill bypasses the caches, which would have to read each line before it
/// is overwritten: twice the speed at 64 MiB and above. Below, the written lines are still in the
/// caches when they are used. Measured on Sapphire Rapids, uniform f32 on one core, past the caches
/// and through them: 21.5 and 23.8 GB/s at 4 MiB, 20.2 and 17.8 at 16, 16.9 and 9.7 at 64.
const PAST_CACHE_BYTES: usize = 16 << 20;

/// A buffer to fill, and everything that its values and the speed depend on.
#[derive(Debug)]
pub(crate) struct Job<'a, T> {
    pub(crate) token: Token,
    pub(crate) stream: Stream,
    pub(crate) indices: &'a IndexRuns,
    pub(crate) dst: &'a mut [MaybeUninit<T>],
    pub(crate) parallel: bool,
}

/// An element type that can be filled with a distribution.
///
/// The functions are implemented type by type, so that the fills are compiled once, in this crate,
/// and not again in every crate that fills.
pub(crate) trait FillDistribution: Sampled {
    /// Checks that a distribution fits the type.
    fn check_distribution(distribution: &Distribution) -> Result<(), FillError>;

    /// Fills a buffer with independent values of a distribution.
    fn fill_distribution(job: Job<'_, Self>, distribution: &Distribution) -> Result<(), FillError>;
}

macro_rules! fill_distribution {
    ($($element:ident)*) => {$(
        impl FillDistribution for $element {
            fn check_distribution(distribution: &Distribution) -> Result<(), FillError> {
                FloatEnv::run(|| prepare::<Self>(distribution).map(drop))
            }

            fn fill_distribution(job: Job<'_, Self>, distribution: &Distribution) -> Result<(), FillError> {
                // By reference: moving a result that was just written, in wider words than it was
                // written in, waits for the stores. The same applies wherever a small fill passes.
                FloatEnv::run(|| match &prepare::<Self>(distribution) {
                    Ok(sampler) => {
                        fill(job, sampler);
                        Ok(())
                    }
                    Err(error) => Err(error.clone()),
                })
            }
        }
    )*};
}

fill_distribution!(f32 f64 bf16 f16);

/// Prepares a distribution for an element type. The caller has set the standard floating-point
/// mode.
#[inline]
pub(crate) fn prepare<T: Sampled>(distribution: &Distribution) -> Result<T::Sampler, FillError> {
    T::sampler(distribution)
}

/// Fills a buffer from a sampler. The caller has set the standard floating-point mode.
#[inline(always)]
pub(crate) fn fill<T: Sampled>(job: Job<'_, T>, sampler: &T::Sampler) {
    let Job { token, stream, indices, dst, parallel } = job;
    let route = if size_of_val(dst) < PAST_CACHE_BYTES { Route::Cached } else { Route::PastCache };
    Task { token, sampler, stream, indices, route, index: 0, dst }.run(parallel);
}

/// A part of a buffer that one thread fills, or splits.
#[derive(Debug)]
struct Task<'a, T: Sampled> {
    token: Token,
    sampler: &'a T::Sampler,
    stream: Stream,
    indices: &'a IndexRuns,
    route: Route,
    /// Index of `dst` in the buffer.
    index: usize,
    dst: &'a mut [MaybeUninit<T>],
}

impl<T: Sampled> Task<'_, T> {
    #[inline(always)]
    fn run(self, parallel: bool) {
        if !parallel || size_of_val(self.dst) < 2 * TASK_BYTES {
            dispatch!(self.token, simd => self.run_at(simd));
        } else {
            self.share();
        }
    }

    /// Fills the two halves on two threads.
    #[cold]
    #[inline(never)]
    fn share(self) {
        let (left, right) = self.split();
        // Another thread has a floating-point mode of its own.
        join(true, || FloatEnv::run(|| left.run(true)), || FloatEnv::run(|| right.run(true)));
    }

    /// Splits the task into halves, at the start of a block where that is near: whole blocks need
    /// no scratch.
    fn split(self) -> (Self, Self) {
        let middle = self.dst.len() / 2;
        let (flat, _) = self.indices.locate(self.index + middle);
        let inside = (flat % BLOCK as u64) as usize;
        let (left, right) = self.dst.split_at_mut(middle - inside.min(middle / 2));
        let index = self.index + left.len();
        (Task { dst: left, ..self }, Task { dst: right, index, ..self })
    }

    #[inline(always)]
    fn run_at<S: Simd>(self, simd: S) {
        let Self { sampler, stream, indices, mut index, dst, route, .. } = self;
        let mut rest = dst;
        simd.vectorize(
            #[inline(always)]
            move || {
                let runs = std::iter::from_fn(move || {
                    if rest.is_empty() {
                        return None;
                    }
                    let (offset, len) = indices.locate(index);
                    let count = len.min(rest.len());
                    let (dst, after) = std::mem::take(&mut rest).split_at_mut(count);
                    rest = after;
                    index += dst.len();
                    Some(Run { offset, dst })
                });
                sampler.fill(simd, stream, route, runs);
            },
        );
    }
}
