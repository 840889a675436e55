//! The boundary: turns Rust's errors into statuses, and lets no panic through.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use init_kernels::FloatEnv;

use crate::{
    error::{Error, Failure},
    memory::aligned,
    status::{Status, StatusArg},
};

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

/// Runs a body that returns a number instead of a status: NaN if it panics.
pub(crate) fn number(body: impl FnOnce() -> f64) -> f64 {
    catch_unwind(AssertUnwindSafe(|| FloatEnv::run(body))).unwrap_or_else(|payload| {
        std::mem::forget(payload);
        f64::NAN
    })
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
