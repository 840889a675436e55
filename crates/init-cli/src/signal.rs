//! Ctrl-C and SIGTERM, handled so that a run can clean up.

use std::{
    io,
    ops::ControlFlow,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
    low_level::emulate_default_handler,
};

/// A signal that asks the program to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signal(i32);

impl Signal {
    /// Ends the program as if the signal had not been caught, so that a shell sees it and stops its
    /// script.
    pub(crate) fn end(self) -> ExitCode {
        // This returns only for a signal that the system does not know.
        let _ = emulate_default_handler(self.0);
        ExitCode::FAILURE
    }
}

/// The signals that have arrived.
pub(crate) struct Signals {
    noted: Arc<AtomicUsize>,
}

impl Signals {
    /// Records Ctrl-C and SIGTERM from now on, so that a run can stop cleanly; a second signal ends
    /// the program at once.
    pub(crate) fn catch() -> io::Result<Self> {
        let noted = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the first signal sets the flag that makes the second one end the
            // program.
            flag::register_conditional_default(signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            flag::register_usize(signal, Arc::clone(&noted), signal as usize)?;
        }
        Ok(Self { noted })
    }

    /// Returns the answer of a progress callback: to continue until a signal arrives.
    pub(crate) fn flow(&self) -> ControlFlow<()> {
        if self.noted().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Returns the signal that has arrived, if there is one.
    pub(crate) fn noted(&self) -> Option<Signal> {
        match self.noted.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(Signal(signal as i32)),
        }
    }
}
