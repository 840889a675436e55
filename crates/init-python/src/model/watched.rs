//! Long operations: on threads of their own, without the interpreter's lock, and ended by Ctrl-C.

use std::{
    ops::ControlFlow,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fanin::{
    Progress,
    init_kernels::{FloatEnv, threads},
};
use pyo3::{exceptions::PyRuntimeError, prelude::*};

use crate::error;

/// How often the calling thread looks for signals.
const INTERVAL: Duration = Duration::from_millis(50);

/// Runs `operation` with a pool of threads of its own, and looks for signals until it ends.
///
/// The pool is made for each call, since the threads of an older one do not exist in a forked child. A signal handler
/// that raises, as that of Ctrl-C does, cancels the operation; its exception is then the result.
pub(crate) fn watched<R: Send>(py: Python<'_>, operation: impl FnOnce(Progress<'_>) -> R + Send) -> PyResult<R> {
    let count = threads::count().map_err(error::value)?;
    // Threads inherit the floating-point mode of the thread that starts them.
    let pool = FloatEnv::run(|| rayon::ThreadPoolBuilder::new().num_threads(count).build());
    let pool = pool.map_err(|error| PyRuntimeError::new_err(format!("could not start {count} threads: {error}")))?;
    let (result, ended, is_cancelled) = (Mutex::new(None), Condvar::new(), AtomicBool::new(false));
    let report = |_| match is_cancelled.load(Ordering::Relaxed) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let locked = || result.lock().unwrap_or_else(PoisonError::into_inner);
    let mut raised = None;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let run = || pool.install(|| operation(Progress::new(&report)));
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
            *locked() = Some(outcome);
            ended.notify_one();
        });
        loop {
            let outcome = py.detach(|| {
                let waiting = ended.wait_timeout_while(locked(), INTERVAL, |outcome| outcome.is_none());
                waiting.unwrap_or_else(PoisonError::into_inner).0.take()
            });
            if let Some(outcome) = outcome {
                return match (outcome, raised) {
                    (Err(panic), _) => std::panic::resume_unwind(panic),
                    (Ok(_), Some(raised)) => Err(raised),
                    (Ok(result), None) => Ok(result),
                };
            }
            if raised.is_none()
                && let Err(signal) = py.check_signals()
            {
                is_cancelled.store(true, Ordering::Relaxed);
                raised = Some(signal);
            }
        }
    })
}
