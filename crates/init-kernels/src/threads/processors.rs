//! The processors that the process may use.

use std::thread::{self, available_parallelism};

use super::system::{Mask, SignalsBlocked, all_masks, main_mask, own_mask};

/// The processors that the process may use.
#[derive(Clone, Copy)]
pub(super) struct Processors {
    pub(super) count: usize,
    /// Which ones, where the system says so. Pool threads run on these, whoever started them.
    pub(super) mask: Option<Mask>,
}

impl Processors {
    /// Asks the system: the processors of the main thread, of which the number may be limited
    /// further by a control group's quota. The caller's thread may be pinned to one of them.
    ///
    /// A main thread that is pinned to one processor (as `OMP_PROC_BIND=true` does) says nothing of
    /// the process: then the processors of all its threads count.
    pub(super) fn ask() -> Self {
        let Some(mask) = main_mask().map(widened) else {
            return Self { count: allowed(), mask: None };
        };
        let count = match own_mask() {
            Some(own) if own != mask => allowed_on(mask, &own),
            _ => allowed(),
        };
        Self { count, mask: Some(mask) }
    }
}

/// Returns the processors of all threads if there is only one in the mask.
fn widened(mask: Mask) -> Mask {
    if mask.count() > 1 { mask } else { all_masks().iter().fold(mask, Mask::union) }
}

/// Returns the number of processors that the caller's thread may use, a quota included.
fn allowed() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Returns the number that a thread with that mask may use, where the caller's thread has another
/// one. A quota shows only in a thread that has more processors than the quota allows.
fn allowed_on(mask: Mask, own: &Mask) -> usize {
    let here = allowed();
    if here < own.count() {
        return here.min(mask.count());
    }
    let _blocked = SignalsBlocked::new();
    let asking = thread::Builder::new().name("fanin".into()).spawn(move || {
        mask.apply();
        allowed()
    });
    // Where no thread can be had, one is the right number.
    asking.ok().and_then(|thread| thread.join().ok()).unwrap_or(1)
}
