//! Thread cancellation of POSIX: disabled during a call, because it would unwind through frames of
//! Rust, which ends the process.

use std::ffi::c_int;

/// Keeps cancellation of the caller's thread disabled while it lives. A request stays pending.
#[derive(Debug)]
pub(crate) struct Disabled {
    before: c_int,
}

impl Disabled {
    pub(crate) fn new() -> Self {
        Self { before: set(DISABLE) }
    }
}

impl Drop for Disabled {
    fn drop(&mut self) {
        set(self.before);
    }
}

/// `PTHREAD_CANCEL_DISABLE`, which the crate `libc` does not have.
const DISABLE: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };

#[cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd", target_os = "netbsd"))]
unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

/// Sets the state of the caller's thread, and returns the previous one.
#[cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd", target_os = "netbsd"))]
fn set(state: c_int) -> c_int {
    let mut before = DISABLE;
    // SAFETY: declared as in POSIX. It writes `before`, and fails only for a state that does not
    // exist.
    let _ = unsafe { pthread_setcancelstate(state, &raw mut before) };
    before
}

/// This system has no thread cancellation.
#[cfg(not(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd", target_os = "netbsd")))]
fn set(state: c_int) -> c_int {
    state
}
