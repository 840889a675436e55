//! Work on several threads. Without the feature `parallel` the caller's thread does everything.

use std::sync::PoisonError;

use crate::sync::Mutex;
#[cfg(feature = "parallel")]
use crate::threads::{Numbers, run};

/// The numbers of the tasks, taken by one thread.
#[cfg(not(feature = "parallel"))]
pub(crate) struct Numbers(std::cell::Cell<usize>, usize);

#[cfg(not(feature = "parallel"))]
impl Numbers {
    fn take(&self) -> Option<usize> {
        let number = self.0.replace(self.0.get() + 1);
        (number < self.1).then_some(number)
    }
}

#[cfg(not(feature = "parallel"))]
fn run(_: usize, count: usize, work: &dyn Fn(&Numbers)) {
    work(&Numbers(std::cell::Cell::new(0), count));
}

/// Returns the largest number of threads that can take part.
#[cfg(feature = "parallel")]
pub(crate) fn participants(threads: usize) -> usize {
    if threads == 0 { crate::threads::count().unwrap_or(1) } else { threads }
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn participants(_: usize) -> usize {
    1
}

/// Returns `task(0), …, task(count − 1)`, computed by at most `threads` threads, 0 for the
/// process's number.
pub(crate) fn map<A: Send>(threads: usize, count: usize, task: impl Fn(usize) -> A + Sync) -> Vec<A> {
    queue(threads, count, || (), |(), number| task(number))
}

/// Returns `task(0), …, task(count − 1)`, started in this order; each thread has one scratch memory
/// for all of its tasks.
pub(crate) fn queue<W, A: Send>(
    threads: usize,
    count: usize,
    scratch: impl Fn() -> W + Sync,
    task: impl Fn(&mut W, usize) -> A + Sync,
) -> Vec<A> {
    let results = Mutex::new(Vec::with_capacity(count));
    run(threads, count, &|numbers: &Numbers| {
        let mut scratch = scratch();
        while let Some(number) = numbers.take() {
            let result = task(&mut scratch, number);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|&(number, _)| number);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Calls `task` with each of `count` parts of a slice and the index of its first element. Part `n`
/// begins at `start(n)`, and ends where the next one begins or the slice ends.
///
/// # Panics
///
/// If a part begins before the previous one or behind the end of the slice.
pub(crate) fn for_each_part<T: Send>(
    threads: usize,
    dst: &mut [T],
    count: usize,
    start: impl Fn(usize) -> usize + Sync,
    task: impl Fn(usize, &mut [T]) + Sync,
) {
    let (len, base) = (dst.len(), Shared(dst.as_mut_ptr()));
    run(threads, count, &|numbers: &Numbers| {
        while let Some(number) = numbers.take() {
            let first = start(number);
            let end = if number + 1 == count { len } else { start(number + 1) };
            assert!(first <= end && end <= len, "part {number} is {first}..{end} of {len} elements");
            // SAFETY: inside the slice, as checked, and disjoint from the other parts: starts
            // never decrease, each number is taken once, and `dst` is borrowed until `run` returns.
            let part = unsafe { std::slice::from_raw_parts_mut(base.at(first), end - first) };
            task(first, part);
        }
    });
}

/// The address of a slice whose parts different threads write.
struct Shared<T>(*mut T);

// SAFETY: only parts that no other thread has are accessed through it.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// # Safety
    ///
    /// `index` is not behind the end of the slice.
    unsafe fn at(&self, index: usize) -> *mut T {
        // SAFETY: as for this function.
        unsafe { self.0.add(index) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_for_any_number_of_threads() {
        for threads in [0, 1, 2, 7, 64] {
            for count in [0, 1, 2, 3, 1000] {
                let expected: Vec<_> = (0..count).map(|number| number * number).collect();
                assert_eq!(map(threads, count, |number| number * number), expected, "{threads} threads");
            }
        }
    }

    #[test]
    fn parts_cover_a_slice_once() {
        for threads in [0, 1, 3, 16] {
            let mut values = vec![0u32; 10_007];
            for_each_part(
                threads,
                &mut values,
                101,
                |number| number * 100,
                |first, part| {
                    for (index, value) in (first..).zip(part) {
                        *value += index as u32;
                    }
                },
            );
            assert!(values.iter().zip(0..).all(|(&value, index)| value == index));
        }
    }

    #[test]
    fn parts_that_would_overlap_are_refused() {
        let outcome = std::panic::catch_unwind(|| {
            for_each_part(2, &mut [0u8; 10], 3, |number| [0, 6, 4][number], |_, part| part.fill(1));
        });
        assert!(outcome.is_err());
    }

    #[test]
    fn a_panic_of_a_task_is_that_of_the_call() {
        for threads in [1, 4] {
            let outcome = std::panic::catch_unwind(|| map(threads, 100, |number| assert_ne!(number, 60)));
            assert!(outcome.is_err());
        }
        assert_eq!(map(4, 3, |number| number), [0, 1, 2]);
    }
}
