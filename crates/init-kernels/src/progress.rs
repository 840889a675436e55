//! Progress of long operations, and their cancellation.

use std::{fmt, ops::ControlFlow};

/// Receives the progress of a long operation and may cancel it.
///
/// The callback gets the number of units (bytes, steps, epochs: the operation says which) completed
/// since its last call, on the thread that completed them. Returning [`ControlFlow::Break`] cancels
/// the operation, which then returns an error made from [`Cancelled`].
///
/// ```
/// use std::{ops::ControlFlow, sync::atomic::{AtomicU64, Ordering}};
///
/// use init_kernels::{Cancelled, Progress};
///
/// let done = AtomicU64::new(0);
/// let report = |units| {
///     let total = done.fetch_add(units, Ordering::Relaxed) + units;
///     if total < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
/// };
/// let progress = Progress::new(&report);
/// assert_eq!(progress.advance(2), Ok(()));
/// assert_eq!(progress.advance(1), Err(Cancelled));
///
/// assert_eq!(Progress::none().advance(1_000_000), Ok(()));
/// ```
#[derive(Clone, Copy, Default)]
pub struct Progress<'a>(Option<&'a (dyn Fn(u64) -> ControlFlow<()> + Sync)>);

impl<'a> Progress<'a> {
    /// Reports to a callback.
    #[must_use]
    pub fn new(report: &'a (dyn Fn(u64) -> ControlFlow<()> + Sync)) -> Self {
        Self(Some(report))
    }

    /// Reports nothing and never cancels.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Reports that `units` more have been completed.
    ///
    /// # Errors
    ///
    /// Returns [`Cancelled`] if the callback asks to stop.
    pub fn advance(self, units: u64) -> Result<(), Cancelled> {
        match self.0.map_or(ControlFlow::Continue(()), |report| report(units)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Cancelled),
        }
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.0.is_some()).finish()
    }
}

/// The error of an operation that its caller cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;
