//! Work on several threads: the only module that knows of rayon. Without the feature `parallel` the
//! caller's thread does everything.

use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Calls two functions, at the same time if `parallel`.
pub(crate) fn join(parallel: bool, left: impl FnOnce() + Send, right: impl FnOnce() + Send) {
    #[cfg(feature = "parallel")]
    if parallel {
        rayon::join(left, right);
        return;
    }
    let _ = parallel;
    left();
    right();
}

/// Returns `task(0), …, task(count − 1)`.
pub(crate) fn map<A: Send>(parallel: bool, count: usize, task: impl Fn(usize) -> A + Send + Sync) -> Vec<A> {
    #[cfg(feature = "parallel")]
    if parallel {
        return (0..count).into_par_iter().map(task).collect();
    }
    let _ = parallel;
    (0..count).map(task).collect()
}

/// Calls `task` with the number and the elements of each chunk of `len` elements.
pub(crate) fn for_each_chunk<T: Send>(
    parallel: bool,
    dst: &mut [T],
    len: usize,
    task: impl Fn(usize, &mut [T]) + Send + Sync,
) {
    #[cfg(feature = "parallel")]
    if parallel {
        dst.par_chunks_mut(len).enumerate().for_each(|(number, chunk)| task(number, chunk));
        return;
    }
    let _ = parallel;
    dst.chunks_mut(len).enumerate().for_each(|(number, chunk)| task(number, chunk));
}

/// Returns `task(0), …, task(count − 1)`, started in this order; each thread has one scratch memory
/// for all of its tasks.
pub(crate) fn queue<W, A: Send>(
    parallel: bool,
    count: usize,
    scratch: impl Fn() -> W + Sync,
    task: impl Fn(&mut W, usize) -> A + Sync,
) -> Vec<A> {
    let next = AtomicUsize::new(0);
    let work = |_: usize| {
        let mut scratch = scratch();
        let numbers =
            std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&number| number < count));
        numbers.map(|number| (number, task(&mut scratch, number))).collect::<Vec<_>>()
    };
    #[cfg(feature = "parallel")]
    if parallel {
        // A queue instead of rayon's splitting in halves: the tasks differ in size, and the last
        // ones are the smallest.
        let threads = rayon::current_num_threads().min(count);
        let mut results: Vec<_> = (0..threads).into_par_iter().with_max_len(1).flat_map_iter(work).collect();
        results.sort_unstable_by_key(|&(number, _)| number);
        return results.into_iter().map(|(_, result)| result).collect();
    }
    let _ = parallel;
    work(0).into_iter().map(|(_, result)| result).collect()
}
