//! The library's own threads, in pools.
//!
//! A forked child has the memory of its parent but none of its threads: a pool that it inherits
//! would wait for ever. Pools therefore belong to a process, identified by its id, and a child that
//! fills creates new ones. The inherited pools are left as they are: threads that no longer exist
//! may have locked a lock or half written a queue, so that even freeing it would access them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicPtr, Ordering},
    },
    thread::available_parallelism,
};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{error::Failure, status::Status};

/// Number of pools that are kept, of different sizes: those used last.
const KEPT: usize = 4;

/// The pools of one process.
struct Process {
    id: u32,
    /// Number of threads that the process may use. Asking the system takes longer than a small
    /// fill.
    parallelism: usize,
    /// The pools by their number of threads, the one used last at the end.
    pools: Mutex<Vec<(usize, Arc<ThreadPool>)>>,
}

/// The last process that created pools: this one, or one that it was forked from.
static PROCESS: AtomicPtr<Process> = AtomicPtr::new(std::ptr::null_mut());

fn process() -> &'static Process {
    let id = std::process::id();
    let last = PROCESS.load(Ordering::Acquire);
    // SAFETY: null, or a `Process` that was leaked below and is only ever shared.
    if let Some(process) = unsafe { last.as_ref() }
        && process.id == id
    {
        return process;
    }
    let parallelism = available_parallelism().map_or(1, usize::from);
    let new = Box::into_raw(Box::new(Process { id, parallelism, pools: Mutex::default() }));
    match PROCESS.compare_exchange(last, new, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: from a box that from now on is shared and never freed.
        Ok(_) => unsafe { &*new },
        Err(first) => {
            // SAFETY: from a box that has not been shared with anyone.
            drop(unsafe { Box::from_raw(new) });
            // SAFETY: another thread of this process was first, and leaked the value that it
            // stored.
            unsafe { &*first }
        }
    }
}

/// Returns the pool with that many threads, or with as many as the process may use for 0; `None`
/// for one thread.
pub(crate) fn of(threads: usize) -> Result<Option<Arc<ThreadPool>>, Failure> {
    let process = process();
    let threads = if threads == 0 { process.parallelism } else { threads };
    if threads == 1 {
        return Ok(None);
    }
    let mut pools = process.pools.lock().unwrap_or_else(PoisonError::into_inner);
    let found = pools.iter().position(|(size, _)| *size == threads);
    let entry = match found {
        Some(at) => pools.remove(at),
        None => {
            let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(|number| format!("fanin {number}"));
            let pool = builder.build().map_err(|error| {
                let message = format!("could not start {threads} threads ({error}); ask for fewer in the options");
                Failure::new(Status::NoThreads, message)
            })?;
            if pools.len() == KEPT {
                // Its threads end with the last fill that uses them.
                pools.remove(0);
            }
            (threads, Arc::new(pool))
        }
    };
    let pool = entry.1.clone();
    pools.push(entry);
    Ok(Some(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_needs_no_pool() {
        assert!(of(1).unwrap().is_none());
    }

    #[test]
    fn a_pool_has_the_threads_asked_for_and_is_kept() {
        let first = of(3).unwrap().unwrap();
        assert_eq!(first.current_num_threads(), 3);
        assert!(Arc::ptr_eq(&first, &of(3).unwrap().unwrap()));
        for threads in 4..4 + KEPT {
            assert_eq!(of(threads).unwrap().unwrap().current_num_threads(), threads);
        }
        assert!(!Arc::ptr_eq(&first, &of(3).unwrap().unwrap()));
        assert!(process().pools.lock().unwrap().len() <= KEPT);
    }
}
