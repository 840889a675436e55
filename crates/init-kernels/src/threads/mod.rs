//! The threads that share large fills: their number, and a pool of them that is safe in any
//! process.
//!
//! A fill splits its work into tasks behind one counter. The caller's thread works on its own tasks
//! at once, and threads of the pool join it if they are free, so that no fill ever waits for
//! another one. Pool threads start when they are first needed and end after two idle seconds. They
//! run on the processors of the process, not on those of the thread that first filled, and block
//! all signals but those that an instruction raises.
//!
//! A forked child forgets the pool of its parent, of which it inherits only memory, and starts
//! threads of its own.

mod job;
mod limit;
mod pool;
mod processors;
mod system;

pub(crate) use job::Numbers;
pub(crate) use limit::check;
pub use limit::{MAX_THREADS, ThreadsError, set_count};
pub(crate) use pool::{run, start};

/// Returns the maximum number of threads of a fill that does not set its own: what
/// [`set_count`] set, or else the value of `FANIN_THREADS`, read once, or else one per processor
/// that the process may use.
///
/// # Errors
///
/// Returns [`ThreadsError`] if `FANIN_THREADS` is not a number of threads.
pub fn count() -> Result<usize, ThreadsError> {
    Ok(match check()? {
        0 => pool::processors(),
        limit => limit,
    })
}

/// Ends the threads of the pool, and returns when they have ended.
///
/// Threads in the middle of other fills complete their tasks first, and those fills go on with
/// their callers' threads. A later large fill starts threads again. No program needs this call:
/// threads end by themselves after two idle seconds. Memory checkers report fewer blocks after it.
pub fn shutdown() {
    pool::shutdown();
}
