//! What the pool needs from the system: processors, signals, forks. Systems without them do
//! nothing here.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use linux::{Mask, all_masks, main_mask, own_mask};
#[cfg(unix)]
pub(super) use unix::{SignalsBlocked, on_fork_in_child};

#[cfg(not(unix))]
pub(super) use not_unix::{SignalsBlocked, on_fork_in_child};
/// A set of processors; systems other than Linux have none.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use other::{Mask, all_masks, main_mask, own_mask};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use libc::{pid_t, sched_getaffinity, sched_setaffinity};

    /// A set of processors, one bit each: up to 8192, more than Linux can be configured for.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(in super::super) struct Mask([u64; 128]);

    impl Mask {
        /// Returns the processors of a thread, 0 for the caller's; `None` if it has ended.
        fn of(thread: pid_t) -> Option<Self> {
            let mut bits = [0; 128];
            // SAFETY: the system writes at most as many bytes as `bits` has.
            let status = unsafe { sched_getaffinity(thread, size_of_val(&bits), bits.as_mut_ptr().cast()) };
            (status == 0).then_some(Self(bits))
        }

        pub(in super::super) fn count(&self) -> usize {
            self.0.iter().map(|word| word.count_ones() as usize).sum()
        }

        pub(in super::super) fn union(self, other: &Self) -> Self {
            Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
        }

        /// Lets the caller's thread run on these processors. Without success it runs where it ran.
        pub(in super::super) fn apply(&self) {
            // SAFETY: the system reads at most as many bytes as the array has.
            let _ = unsafe { sched_setaffinity(0, size_of_val(&self.0), self.0.as_ptr().cast()) };
        }
    }

    /// Returns the processors of the caller's thread.
    pub(in super::super) fn own_mask() -> Option<Mask> {
        Mask::of(0)
    }

    /// Returns the processors of the main thread, whose id is that of the process.
    pub(in super::super) fn main_mask() -> Option<Mask> {
        Mask::of(std::process::id() as pid_t)
    }

    /// Returns the processors of each thread of the process.
    pub(in super::super) fn all_masks() -> Vec<Mask> {
        let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
        let id = |name: std::ffi::OsString| name.to_str()?.parse().ok();
        threads.filter_map(|entry| Mask::of(id(entry.ok()?.file_name())?)).collect()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod other {
    /// No value: this system has no sets of processors.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(in super::super) enum Mask {}

    impl Mask {
        pub(in super::super) fn count(&self) -> usize {
            match *self {}
        }

        pub(in super::super) fn union(self, _: &Self) -> Self {
            self
        }

        pub(in super::super) fn apply(&self) {
            match *self {}
        }
    }

    pub(in super::super) fn own_mask() -> Option<Mask> {
        None
    }

    pub(in super::super) fn main_mask() -> Option<Mask> {
        None
    }

    pub(in super::super) fn all_masks() -> Vec<Mask> {
        Vec::new()
    }
}

#[cfg(unix)]
mod unix {
    use std::mem::MaybeUninit;

    use libc::{
        SIG_SETMASK, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP, pthread_atfork, pthread_sigmask, sigdelset,
        sigfillset, sigset_t,
    };

    /// Signals that the instruction of a thread raises: blocking them would hide a crash.
    const RAISED: [i32; 6] = [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS];

    /// Blocks all other signals in the caller's thread while it lives. Threads started meanwhile
    /// keep them blocked, from their first instruction on.
    pub(in super::super) struct SignalsBlocked {
        before: sigset_t,
    }

    impl SignalsBlocked {
        pub(in super::super) fn new() -> Self {
            let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            // SAFETY: the first call initialises the set that the others change and read;
            // `pthread_sigmask` writes `before`, and cannot fail with a valid operation.
            unsafe {
                sigfillset(all.as_mut_ptr());
                for signal in RAISED {
                    sigdelset(all.as_mut_ptr(), signal);
                }
                pthread_sigmask(SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
                Self { before: before.assume_init() }
            }
        }
    }

    impl Drop for SignalsBlocked {
        fn drop(&mut self) {
            // SAFETY: the set was written by `pthread_sigmask`.
            unsafe { pthread_sigmask(SIG_SETMASK, &raw const self.before, std::ptr::null_mut()) };
        }
    }

    /// Has `handler` called in every child that this process forks from now on.
    pub(in super::super) fn on_fork_in_child(handler: extern "C" fn()) {
        // SAFETY: the handler is a function, which lives as long as the library is mapped; glibc
        // removes the handlers of a library that is unloaded, and musl unloads none. Without memory for it the
        // call fails, and the process id alone tells a child.
        let _ = unsafe { pthread_atfork(None, None, Some(handler_of(handler))) };
    }

    /// Gives a handler the type that `libc` declares.
    fn handler_of(handler: extern "C" fn()) -> unsafe extern "C" fn() {
        handler
    }
}

#[cfg(not(unix))]
mod not_unix {
    pub(in super::super) struct SignalsBlocked;

    impl SignalsBlocked {
        pub(in super::super) fn new() -> Self {
            Self
        }
    }

    pub(in super::super) fn on_fork_in_child(_: extern "C" fn()) {}
}
