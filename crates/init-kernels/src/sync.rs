//! Locks: the standard library's.
//!
//! Built with `--cfg race`, as `crates/init-ffi/tests/race.sh` does, they are locks of which
//! ThreadSanitizer sees every step. It does not see into the compiled standard library.

#[cfg(not(race))]
pub(crate) use std::sync::Mutex;
#[cfg(feature = "parallel")]
#[cfg(not(race))]
pub(crate) use std::sync::{Condvar, MutexGuard};

#[cfg(race)]
pub(crate) use visible::{Condvar, Mutex, MutexGuard};

#[cfg(race)]
mod visible {
    use std::{
        cell::UnsafeCell,
        ops::{Deref, DerefMut},
        sync::atomic::{AtomicBool, AtomicUsize, Ordering},
        thread,
        time::{Duration, Instant},
    };

    type LockResult<T> = Result<T, std::sync::PoisonError<T>>;

    /// A lock that is tried until it is free.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T> {
        taken: AtomicBool,
        data: UnsafeCell<T>,
    }

    // SAFETY: `taken` lets one thread at a time access the data.
    unsafe impl<T: Send> Sync for Mutex<T> {}

    impl<T> Mutex<T> {
        pub(crate) const fn new(data: T) -> Self {
            Self { taken: AtomicBool::new(false), data: UnsafeCell::new(data) }
        }

        pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
            Ok(self.acquire())
        }

        fn acquire(&self) -> MutexGuard<'_, T> {
            while self.taken.swap(true, Ordering::Acquire) {
                thread::yield_now();
            }
            MutexGuard { mutex: self }
        }

        pub(crate) fn into_inner(self) -> LockResult<T> {
            Ok(self.data.into_inner())
        }
    }

    /// Access to the data of a lock.
    pub(crate) struct MutexGuard<'a, T> {
        mutex: &'a Mutex<T>,
    }

    impl<T> Drop for MutexGuard<'_, T> {
        fn drop(&mut self) {
            self.mutex.taken.store(false, Ordering::Release);
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;

        fn deref(&self) -> &T {
            // SAFETY: the guard has the lock.
            unsafe { &*self.mutex.data.get() }
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            // SAFETY: the guard has the lock.
            unsafe { &mut *self.mutex.data.get() }
        }
    }

    /// A condition: the number of notifications so far.
    #[derive(Debug, Default)]
    pub(crate) struct Condvar(AtomicUsize);

    /// Whether a wait was ended by its time limit.
    pub(crate) struct WaitTimeoutResult(bool);

    impl WaitTimeoutResult {
        pub(crate) fn timed_out(&self) -> bool {
            self.0
        }
    }

    impl Condvar {
        pub(crate) const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }

        /// Wakes all waiting threads, as a condition may.
        pub(crate) fn notify_one(&self) {
            self.notify_all();
        }

        pub(crate) fn notify_all(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
            Ok(self.wait_until(guard, Duration::MAX).0)
        }

        pub(crate) fn wait_timeout<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            limit: Duration,
        ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
            Ok(self.wait_until(guard, limit))
        }

        fn wait_until<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            limit: Duration,
        ) -> (MutexGuard<'a, T>, WaitTimeoutResult) {
            let (mutex, start, before) = (guard.mutex, Instant::now(), self.0.load(Ordering::Relaxed));
            drop(guard);
            let is_over = || start.elapsed() >= limit;
            while self.0.load(Ordering::Relaxed) == before && !is_over() {
                thread::yield_now();
            }
            let timed_out = self.0.load(Ordering::Relaxed) == before;
            (mutex.acquire(), WaitTimeoutResult(timed_out))
        }
    }
}
