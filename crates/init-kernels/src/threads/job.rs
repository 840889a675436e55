//! A job: tasks behind one counter, shared by the thread that needs them done and by threads of the
//! pool.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::sync::Mutex;

/// The numbers of the tasks that nobody has taken yet.
#[derive(Debug)]
pub(crate) struct Numbers {
    next: AtomicUsize,
    count: usize,
}

impl Numbers {
    pub(super) const fn new(count: usize) -> Self {
        Self { next: AtomicUsize::new(0), count }
    }

    /// Takes the next number.
    pub(crate) fn take(&self) -> Option<usize> {
        // Relaxed: the counter hands out numbers, and orders nothing else. It stays far below an
        // overflow, because each thread takes at most one number too many.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then_some(number)
    }

    fn is_empty(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.count
    }

    fn discard(&self) {
        self.next.store(self.count, Ordering::Relaxed);
    }
}

/// What each thread that takes part in a job calls once: it takes numbers until none is left.
pub(crate) type Work<'a> = &'a (dyn Fn(&Numbers) + Sync);

/// A job, in the memory of the caller that waits for it.
pub(super) struct Job<'a> {
    work: Work<'a>,
    numbers: Numbers,
    /// Number of pool threads that are working on it.
    inside: AtomicUsize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl<'a> Job<'a> {
    pub(super) const fn new(count: usize, work: Work<'a>) -> Self {
        Self { work, numbers: Numbers::new(count), inside: AtomicUsize::new(0), panic: Mutex::new(None) }
    }

    /// Returns whether a thread that joined now would still find a task.
    pub(super) fn has_tasks(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Works until no task is left. A panic discards the remaining tasks and is kept for
    /// [`finish`](Self::finish).
    pub(super) fn work(&self) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| (self.work)(&self.numbers))) {
            self.numbers.discard();
            let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *first {
                // Dropping it may panic in turn.
                Some(_) => std::mem::forget(payload),
                first => *first = Some(payload),
            }
        }
    }

    /// Counts a pool thread in.
    pub(super) fn enter(&self) {
        self.inside.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a pool thread out. Its writes are visible to whoever sees the count fall.
    ///
    /// # Safety
    ///
    /// The caller was counted in. The job may be gone when this returns, which is why it takes a
    /// pointer.
    pub(super) unsafe fn leave(job: *const Self) {
        // SAFETY: the job is alive as long as a thread is counted in.
        unsafe { (*job).inside.fetch_sub(1, Ordering::Release) };
    }

    /// Returns whether no pool thread is working on it.
    pub(super) fn is_left(&self) -> bool {
        self.inside.load(Ordering::Acquire) == 0
    }

    /// Continues a panic of any of its threads.
    pub(super) fn finish(self) {
        if let Some(payload) = self.panic.into_inner().unwrap_or_else(PoisonError::into_inner) {
            std::panic::resume_unwind(payload);
        }
    }
}

impl fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("numbers", &self.numbers).field("inside", &self.inside).finish_non_exhaustive()
    }
}
