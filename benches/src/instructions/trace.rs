//! Counting instructions: a child process fills between two signals to itself, and its parent
//! single-steps it.

use std::{fmt, io, process::Command};

use init_kernels::{Filler, Level};
use nix::{
    errno::Errno,
    sched::{CpuSet, sched_getcpu, sched_setaffinity},
    sys::{
        ptrace,
        signal::{Signal, raise},
        wait::{WaitStatus, waitpid},
    },
    unistd::Pid,
};

use super::{
    case::{Case, cases},
    worker::Worker,
};

/// The signal with which the child marks the start and the end of a fill.
const MARK: Signal = Signal::SIGUSR1;

/// Why instructions could not be counted.
#[derive(Debug)]
pub enum TraceError {
    /// The child could not be started.
    Start(io::Error),
    /// The system refuses tracing.
    Trace(Errno),
    /// The child ended or stopped unexpectedly.
    Child(WaitStatus),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the child process could not be started: {error}"),
            Self::Trace(error) => write!(f, "instructions cannot be counted here, ptrace failed: {error}"),
            Self::Child(status) => write!(f, "the child process ended or stopped unexpectedly: {status:?}"),
        }
    }
}

impl std::error::Error for TraceError {}

impl From<Errno> for TraceError {
    fn from(error: Errno) -> Self {
        Self::Trace(error)
    }
}

/// Runs the child process: each fill once to check its values and once to be counted.
///
/// # Panics
///
/// Panics if a fill writes other values than the portable level, or if a signal cannot be sent.
pub fn child() {
    ptrace::traceme().expect("a parent that traces");
    raise(Signal::SIGSTOP).expect("a process may signal itself");
    let mut worker = Worker::default();
    // Done once per process: the detection of CPU features.
    let _ = Filler::new().level(Level::best()).fill(&mut [0f32; 32], &crate::distributions()[0].1, crate::stream());
    let mark = || raise(MARK).expect("a process may signal itself");
    // The instructions between two marks without a fill.
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

/// Starts the program again as the child, and returns the instructions of each fill of each case.
///
/// # Errors
///
/// Returns [`TraceError`] if the child cannot be started or traced, or fails.
pub fn count(child: &mut Command) -> Result<Vec<Vec<u64>>, TraceError> {
    // Both on one CPU, which makes a step many times cheaper. The child inherits the setting.
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
    let overhead = between_marks(pid)?;
    let mut counts = Vec::new();
    for case in cases() {
        let mut fills = Vec::new();
        for _ in case.fills() {
            fills.push(between_marks(pid)? - overhead);
        }
        counts.push(fills);
    }
    match resume(pid)? {
        WaitStatus::Exited(_, 0) => Ok(counts),
        status => Err(TraceError::Child(status)),
    }
}

/// Resumes the child until its next mark, and counts the instructions to the one after.
fn between_marks(pid: Pid) -> Result<u64, TraceError> {
    match resume(pid)? {
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

/// Resumes the stopped child until it stops again or ends.
fn resume(pid: Pid) -> Result<WaitStatus, TraceError> {
    ptrace::cont(pid, None)?;
    Ok(waitpid(pid, None)?)
}
