//! The maximum number of threads of a fill.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Largest number of threads that can be asked for.
pub const MAX_THREADS: usize = 1024;

/// The environment variable with the number of threads.
const VARIABLE: &str = "FANIN_THREADS";

/// The number of threads that was set; 0 for one per processor.
static LIMIT: AtomicUsize = AtomicUsize::new(UNREAD);

/// Neither set nor read from the environment yet.
const UNREAD: usize = usize::MAX;

/// Sets the maximum number of threads of all fills of the process that do not set their own; 0
/// means one per processor that the process may use. Stands above `FANIN_THREADS`.
///
/// A maximum: fewer threads share a fill where the system provides fewer, down to the caller's
/// thread alone.
///
/// # Errors
///
/// Returns [`ThreadsError`] for more than [`MAX_THREADS`].
///
/// ```
/// use init_kernels::threads;
///
/// threads::set_count(2)?;
/// assert_eq!(threads::count()?, 2);
/// assert!(threads::set_count(1025).is_err());
/// # Ok::<(), threads::ThreadsError>(())
/// ```
pub fn set_count(threads: usize) -> Result<(), ThreadsError> {
    if threads > MAX_THREADS {
        return Err(ThreadsError::TooMany { threads });
    }
    LIMIT.store(threads, Ordering::Relaxed);
    Ok(())
}

/// Returns the number of threads that was set, 0 for one per processor.
// No lock of its own: a child process forked while another thread holds it would wait forever.
pub(crate) fn check() -> Result<usize, ThreadsError> {
    match LIMIT.load(Ordering::Relaxed) {
        UNREAD => read(),
        limit => Ok(limit),
    }
}

#[cold]
fn read() -> Result<usize, ThreadsError> {
    let limit = match std::env::var_os(VARIABLE) {
        None => 0,
        Some(word) => {
            let word = word.to_string_lossy();
            let number = word.trim().parse().ok().filter(|&number| number <= MAX_THREADS);
            number.ok_or_else(|| ThreadsError::Variable { word: word.into_owned() })?
        }
    };
    // Another thread may have set a number meanwhile, which then stays.
    let _ = LIMIT.compare_exchange(UNREAD, limit, Ordering::Relaxed, Ordering::Relaxed);
    Ok(limit)
}

/// Why a number of threads cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ThreadsError {
    /// More threads than can be asked for.
    #[error("the number of threads must be at most {MAX_THREADS}, got {threads}; 0 means one per processor")]
    TooMany {
        /// The number that was given.
        threads: usize,
    },
    /// `FANIN_THREADS` is not a number of threads.
    #[error(
        "the environment variable {VARIABLE} must be a number from 0 to {MAX_THREADS}, got `{word}`; 0 means one per \
         processor"
    )]
    Variable {
        /// The value of the variable.
        word: String,
    },
    /// The system did not start as many threads as a fill requires.
    #[error("could not start {threads} threads ({reason}); ask for fewer")]
    NotStarted {
        /// The number of threads that was required.
        threads: usize,
        /// What the system answered.
        reason: String,
    },
}
