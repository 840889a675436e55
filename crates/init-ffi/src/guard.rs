//! The boundary: turns Rust's errors into statuses, lets no panic through, and keeps the caller's
//! thread in the call until it ends.

use std::{
    any::Any,
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use init_kernels::FloatEnv;

use crate::{
    cancellation,
    error::{Error, Failure},
    memory::aligned,
    status::{Status, StatusArg},
};

thread_local! {
    /// Whether a call is running on this thread.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// A call that is running on the caller's thread. A signal handler that calls the library meanwhile
/// is refused, because the interrupted call may hold a lock or the allocator's; `pthread_cancel`
/// waits, because it would unwind through frames of Rust.
struct Inside {
    _cancellation: cancellation::Disabled,
}

impl Inside {
    fn enter() -> Option<Self> {
        if INSIDE.replace(true) {
            return None;
        }
        Some(Self { _cancellation: cancellation::Disabled::new() })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(false);
    }
}

/// Runs the body of a call, whatever the host's floating-point mode, and reports how it ended:
/// returns the status and writes it into `error`.
///
/// # Safety
///
/// `error` is NULL or may be written.
pub(crate) unsafe fn guard(error: *mut Error, body: impl FnOnce() -> Result<(), Failure>) -> StatusArg {
    if !error.is_null() && !aligned(error) {
        return Status::Misaligned as u32;
    }
    let Some(_inside) = Inside::enter() else {
        if !error.is_null() {
            // SAFETY: not null, aligned, and the caller guarantees that it may be written.
            unsafe { Error::write(error, Status::Reentered, "another call is running on this thread") };
        }
        return Status::Reentered as u32;
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| FloatEnv::run(body)));
    let failure = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(payload) => Some(Failure::new(Status::Panic, panic_message(payload))),
    };
    let (status, message) = match &failure {
        None => (Status::Ok, ""),
        Some(failure) => (failure.status, failure.message.as_str()),
    };
    if !error.is_null() {
        // SAFETY: not null, aligned, and the caller guarantees that it may be written.
        unsafe { Error::write(error, status, message) };
    }
    status as u32
}

/// Runs a body that returns a number instead of a status: NaN if it panics, or another call is
/// running on this thread.
pub(crate) fn number(body: impl FnOnce() -> f64) -> f64 {
    let Some(_inside) = Inside::enter() else {
        return f64::NAN;
    };
    catch_unwind(AssertUnwindSafe(|| FloatEnv::run(body))).unwrap_or_else(|payload| {
        std::mem::forget(payload);
        f64::NAN
    })
}

/// Runs a body that returns nothing; not at all if another call is running on this thread.
pub(crate) fn unit(body: impl FnOnce()) {
    let Some(_inside) = Inside::enter() else {
        return;
    };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
        std::mem::forget(payload);
    }
}

fn panic_message(payload: Box<dyn Any + Send>) -> String {
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "no message".to_owned(),
    };
    // Dropping it may panic in turn.
    std::mem::forget(payload);
    format!("a bug in libfanin, please report it: {text}")
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;
    use crate::error::MESSAGE_SIZE;

    fn guarded(body: impl FnOnce() -> Result<(), Failure>) -> (u32, String) {
        let mut error = Error { status: 99, length: 99, message: [0x55; MESSAGE_SIZE] };
        // SAFETY: `error` is a local variable.
        let status = unsafe { guard(&raw mut error, body) };
        // SAFETY: the message ends with a NUL.
        let message = unsafe { CStr::from_ptr(error.message.as_ptr()) };
        assert_eq!((error.status, error.length as usize), (status, message.count_bytes()));
        (status, message.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_panic_is_a_status_with_its_message() {
        for body in [|| panic!("at the {}", "disco"), || panic!("at the disco"), || std::panic::panic_any(7)] {
            let (status, message) = guarded(body);
            assert_eq!(status, Status::Panic as u32);
            assert!(message.ends_with("at the disco") || message.ends_with("no message"), "{message}");
        }
        assert!(number(|| panic!()).is_nan());
    }

    #[test]
    fn a_payload_that_panics_when_dropped_does_not_escape() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        assert_eq!(guarded(|| std::panic::panic_any(Bomb)).0, Status::Panic as u32);
    }

    #[test]
    fn a_long_message_is_truncated_between_characters() {
        let long = "σ".repeat(1000);
        let (status, message) = guarded(|| Err(Failure::new(Status::InvalidText, long.clone())));
        assert_eq!(status, Status::InvalidText as u32);
        assert_eq!(message, "σ".repeat(507));
    }

    #[test]
    fn success_is_reported_as_well() {
        assert_eq!(guarded(|| Ok(())), (0, String::new()));
    }
}
