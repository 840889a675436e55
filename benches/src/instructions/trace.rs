//! Counting: a child that fills between two signals to itself, and a parent that lets it go on one instruction at a time.

use std::io;
use std::process::Command;

use init_kernels::{Filler, Level};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use super::case::{Case, cases};
use super::worker::Worker;

/// By this signal the child says where a fill begins and ends.
const MARK: Signal = Signal::SIGUSR1;

/// Why nothing could be counted.
#[derive(Debug)]
pub enum TraceError {
    /// The child could not be started.
    Start(io::Error),
    /// The system refuses to trace.
    Trace(Errno),
    /// The child did something else than fill.
    Child(WaitStatus),
}

impl std::fmt::Display for TraceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the child process does not start: {error}"),
            Self::Trace(error) => write!(f, "instructions cannot be counted here, ptrace says: {error}"),
            Self::Child(status) => write!(f, "the child process ended early: {status:?}"),
        }
    }
}

impl std::error::Error for TraceError {}

impl From<Errno> for TraceError {
    fn from(error: Errno) -> Self {
        Self::Trace(error)
    }
}

/// What the child process does: each fill once for its values and once to be counted.
///
/// # Panics
/// If a fill writes other values than the portable level, or a signal cannot be sent.
pub fn child() {
    ptrace::traceme().expect("a parent that traces");
    raise(Signal::SIGSTOP).expect("a process may signal itself");
    let mut worker = Worker::default();
    // What a process does only once: it asks the processor for its features.
    let _ = Filler::new().level(Level::best()).fill(&mut [0f32; 32], &crate::laws()[0].1, crate::stream());
    let mark = || raise(MARK).expect("a process may signal itself");
    // What lies between two marks anyway.
    mark();
    mark();
    for case in cases() {
        for len in case.fills() {
            worker.fill(&Case { level: Level::Portable, ..case }, len);
            let expected = worker.bytes(&case, len).to_vec();
            worker.fill(&case, len);
            assert!(worker.bytes(&case, len) == expected, "{} wrote other values than portable", case.name());
            mark();
            worker.fill(&case, len);
            mark();
        }
    }
}

/// Starts the program again as the child, and gives the instructions of each fill of each case.
///
/// # Errors
/// [`TraceError`].
pub fn count(child: &mut Command) -> Result<Vec<Vec<u64>>, TraceError> {
    // Both on one processor, which makes a step many times cheaper. The child inherits it.
    let mut here = CpuSet::new();
    here.set(sched_getcpu()?)?;
    sched_setaffinity(Pid::from_raw(0), &here)?;
    #[allow(clippy::zombie_processes, reason = "waited for by `waitpid`, which alone reports stops")]
    let child = child.spawn().map_err(TraceError::Start)?;
    let pid = Pid::from_raw(child.id().cast_signed());
    match waitpid(pid, None)? {
        WaitStatus::Stopped(_, Signal::SIGSTOP) => {}
        status => return Err(TraceError::Child(status)),
    }
    let nothing = between_marks(pid)?;
    let mut counts = Vec::new();
    for case in cases() {
        let mut fills = Vec::new();
        for _ in case.fills() {
            fills.push(between_marks(pid)? - nothing);
        }
        counts.push(fills);
    }
    match go_on(pid)? {
        WaitStatus::Exited(_, 0) => Ok(counts),
        status => Err(TraceError::Child(status)),
    }
}

/// Lets the child run to its next mark, and counts from there to the one after.
fn between_marks(pid: Pid) -> Result<u64, TraceError> {
    match go_on(pid)? {
        WaitStatus::Stopped(_, MARK) => {}
        status => return Err(TraceError::Child(status)),
    }
    let mut count = 0;
    loop {
        ptrace::step(pid, None)?;
        match waitpid(pid, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => count += 1,
            WaitStatus::Stopped(_, MARK) => return Ok(count),
            status => return Err(TraceError::Child(status)),
        }
    }
}

/// Lets the stopped child run until it stops again or ends.
fn go_on(pid: Pid) -> Result<WaitStatus, TraceError> {
    ptrace::cont(pid, None)?;
    Ok(waitpid(pid, None)?)
}
