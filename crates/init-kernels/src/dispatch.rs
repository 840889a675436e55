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
    level::Level,
    parallel::for_each_part,
    prepared::Prepared,
    run::{Route, Run},
    sampler::{Sample, Sampled},
    simd::Simd,
    stream::Stream,
    token::{Token, dispatch},
};

/// A fill that takes one thread less time than this is not shared, in ns. On two idle cores of
/// Sapphire Rapids, medians of 4000 interleaved fills of uniform and normal f32 values on one thread
/// and on two, in µs: 12.6 and 13.2 at 8 µs of work, 18.6 and 14.4 at 12, 25.5 and 18.8 at 20, 37.9
/// and 24.6 at 30, 92 and 53 at 60. From 30 on, sharing gains a third: the second thread begins to
/// work 10 µs after it was called, and calling it takes 2.5 µs.
const SHARED_NS: u64 = 30_000;

/// The shortest task, in ns: taking one is a single addition, of 20 to 100 ns with many threads.
const TASK_NS: u64 = 4_000;

/// The longest task, in bytes: as large as the pages that Linux gives large buffers, because two
/// threads that first touch one page wait for each other.
const TASK_BYTES: usize = 2 << 20;

/// The number of tasks for each thread of a large fill, so that all end at about the same time.
const TASKS: usize = 16;

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
    /// Maximum number of threads, 0 for the process's number.
    pub(crate) threads: usize,
}

/// An element type that can be filled with a distribution.
///
/// The functions are implemented type by type, so that the fills are compiled once, in this crate,
/// and not again in every crate that fills.
pub(crate) trait FillDistribution: Sampled {
    /// Checks that a distribution fits the type.
    fn check_distribution(distribution: &Distribution) -> Result<(), FillError>;

    /// Prepares a distribution for kernels outside this crate.
    fn prepared(distribution: &Distribution) -> Result<Prepared, FillError>;

    /// Fills a buffer with independent values of a distribution.
    fn fill_distribution(job: Job<'_, Self>, distribution: &Distribution) -> Result<(), FillError>;
}

macro_rules! fill_distribution {
    ($($element:ident)*) => {$(
        impl FillDistribution for $element {
            fn check_distribution(distribution: &Distribution) -> Result<(), FillError> {
                FloatEnv::run(|| prepare::<Self>(distribution).map(drop))
            }

            fn prepared(distribution: &Distribution) -> Result<Prepared, FillError> {
                FloatEnv::run(|| prepare::<Self>(distribution).map(|sampler| Sample::<Self>::prepared(&sampler)))
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
    // Tasks are whole blocks, so that below two there is nothing to share.
    if job.threads != 1
        && job.dst.len() >= 2 * BLOCK
        && job.dst.len() as u64 * sampler.picoseconds(Level::of(job.token)) >= SHARED_NS * 1000
    {
        return share(job, sampler);
    }
    let Job { token, stream, indices, dst, threads: _ } = job;
    let task = Task { sampler, stream, indices, route: route(dst), index: 0, dst };
    dispatch!(token, simd => task.run_at(simd));
}

/// Fills a buffer on several threads.
#[cold]
#[inline(never)]
fn share<T: Sampled>(job: Job<'_, T>, sampler: &T::Sampler) {
    let Job { token, stream, indices, dst, threads } = job;
    let route = route(dst);
    let shortest = (TASK_NS * 1000 / sampler.picoseconds(Level::of(token))) as usize;
    let longest = TASK_BYTES / size_of::<T>();
    let wanted = dst.len() / (TASKS * if threads == 0 { 16 } else { threads });
    let size = wanted.clamp(shortest.min(longest), longest).next_multiple_of(BLOCK);
    // At the start of a block where that is near: whole blocks need no scratch.
    let start = |number: usize| {
        let middle = number * size;
        let inside = if number == 0 { 0 } else { (indices.locate(middle).0 % BLOCK as u64) as usize };
        middle - inside.min(size / 2)
    };
    for_each_part(threads, dst, dst.len().div_ceil(size), start, |index, dst| {
        let task = Task { sampler, stream, indices, route, index, dst };
        // Another thread has a floating-point mode of its own.
        FloatEnv::run(|| dispatch!(token, simd => task.run_at(simd)));
    });
}

fn route<T>(dst: &[MaybeUninit<T>]) -> Route {
    if size_of_val(dst) < PAST_CACHE_BYTES { Route::Cached } else { Route::PastCache }
}

/// A part of a buffer that one thread fills.
#[derive(Debug)]
struct Task<'a, T: Sampled> {
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
