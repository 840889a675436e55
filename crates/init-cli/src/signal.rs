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
    /// Ends as if the signal had not been caught, so that a shell sees what happened and stops its script.
    pub(crate) fn end(self) -> ExitCode {
        // Only a signal that the system does not know comes back from here.
        let _ = emulate_default_handler(self.0);
        ExitCode::FAILURE
    }
}

/// From here on, Ctrl-C and SIGTERM are noted, so that work can end tidily; a second one ends the program on the spot.
pub(crate) struct Signals {
    noted: Arc<AtomicUsize>,
}

impl Signals {
    pub(crate) fn catch() -> io::Result<Self> {
        let noted = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal arms what the second one finds.
            flag::register_conditional_default(signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            flag::register_usize(signal, Arc::clone(&noted), signal as usize)?;
        }
        Ok(Self { noted })
    }

    /// Returns what a progress callback answers: to go on until a signal is noted.
    pub(crate) fn flow(&self) -> ControlFlow<()> {
        if self.noted().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    pub(crate) fn noted(&self) -> Option<Signal> {
        match self.noted.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(Signal(signal as i32)),
        }
    }
}
