//! The pool: threads that join the jobs of callers.
//!
//! One lock guards a few numbers and the list of open jobs. It is held for the time of a few
//! assignments, never while a thread starts, works or waits.

use std::{
    io, process,
    sync::{
        PoisonError,
        atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    job::{Job, Numbers, Work},
    limit::{self, ThreadsError},
    processors::Processors,
    system::{SignalsBlocked, on_fork_in_child},
};
use crate::sync::{Condvar, Mutex, MutexGuard};

/// The time after which an idle thread ends. A process whose main thread has left by `pthread_exit`
/// ends with its last thread.
const IDLE: Duration = Duration::from_secs(2);

/// How often a caller looks whether the last pool thread has left its job before it sleeps: about
/// 20 µs, less than it takes to be woken.
const SPINS: usize = 500;

/// How many threads a thread wakes or starts before it works. Those do the same, so that many are
/// awake after a logarithmic time.
const CALLS: usize = 2;

/// Calls `work` on the caller's thread, and on threads of the pool as far as they are free: at most
/// `threads` in all, 0 for the process's number. Each of them takes numbers below `count` until
/// none is left. Returns when all have returned.
pub(crate) fn run(threads: usize, count: usize, work: Work<'_>) {
    // A number that the environment gives wrong was refused when the fill began.
    let limit = if threads == 0 { limit::check().unwrap_or(0) } else { threads };
    if limit == 1 || count < 2 {
        return work(&Numbers::new(count));
    }
    let pool = Pool::current();
    let maximum = if limit == 0 { pool.processors() } else { limit };
    if maximum == 1 {
        return work(&Numbers::new(count));
    }
    let job = Job::new(count, work);
    pool.open(&job, maximum.min(count) - 1, (threads == 0).then_some(maximum));
    // No panic leaves the job, so that it is closed in any case.
    job.work();
    pool.close(&job);
    job.finish();
}

/// Starts pool threads, so that with the caller's there are at least that many.
pub(crate) fn start(threads: usize) -> Result<(), ThreadsError> {
    let pool = Pool::current();
    while pool.ready().reserve(threads - 1) {
        if let Err(reason) = pool.start() {
            return Err(ThreadsError::NotStarted { threads, reason: reason.to_string() });
        }
    }
    Ok(())
}

/// Returns the number of processors that the process may use.
pub(super) fn processors() -> usize {
    Pool::current().processors()
}

pub(super) fn shutdown() {
    if let Some(pool) = Pool::last().filter(|pool| pool.is_current()) {
        pool.shutdown();
    }
}

/// The last process that created a pool: this one, or one that it was forked from.
static LAST: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());

/// Number of forks between this process and the one that loaded the library, as far as the system
/// reports them.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

extern "C" fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// The pool of one process.
pub(super) struct Pool {
    /// The process, by its id and its generation: a child may get the id that its parent had.
    process: (u32, usize),
    /// The pool of the process that this one was forked from. It is never used: threads that no
    /// longer exist may have locked its lock or half written its list. Kept reachable for memory
    /// checkers.
    _inherited: Option<&'static Pool>,
    state: Mutex<State>,
    /// For idle threads: there may be a job to join.
    job_opened: Condvar,
    /// For callers that wait: a thread has left a job or ended, or a shutdown is over.
    changed: Condvar,
    /// The processors, once they are known.
    processors: Mutex<Option<Processors>>,
    /// Their number, or 0.
    count: AtomicUsize,
    /// How often the number was needed while it was one.
    asked: AtomicUsize,
}

#[derive(Default)]
struct State {
    open: Vec<Open>,
    /// Threads that have been started, or are about to be.
    alive: usize,
    /// Those of them that have not looked for a job yet.
    starting: usize,
    /// Those that sleep.
    idle: usize,
    /// Sleeping threads that have been woken, and have not looked for a job yet.
    woken: usize,
    /// Those that work on a job.
    busy: usize,
    /// Callers that work on their own jobs.
    callers: usize,
    /// Callers that sleep until their job is left.
    waiting: usize,
    /// Calls of `shutdown` that wait for threads to end.
    ending: usize,
    handles: Vec<JoinHandle<()>>,
}

/// A job that threads may join.
struct Open {
    job: *const Job<'static>,
    /// Number of threads that may still join it.
    places: usize,
    /// For a job with the process's number of threads: that number. No thread joins while that many callers
    /// and pool threads are working.
    limit: Option<usize>,
}

// SAFETY: a `Job` is shared between threads, and the pointer is only followed while the caller
// keeps the job alive.
unsafe impl Send for Open {}

impl State {
    /// Returns the position of a job that one more thread may join when `coming` others are about
    /// to: the job with the most free places.
    fn joinable(&self, coming: usize) -> Option<usize> {
        let working = self.callers + self.busy + coming;
        let joinable = |open: &Open| {
            // SAFETY: an open job is alive: `close` takes it from the list before it ends.
            open.places > coming && open.limit.is_none_or(|limit| working < limit) && unsafe { &*open.job }.has_tasks()
        };
        let open = self.open.iter().enumerate().filter(|(_, open)| joinable(open));
        open.max_by_key(|(_, open)| open.places).map(|(position, _)| position)
    }

    /// Counts the caller's thread into a job.
    fn join(&mut self) -> Option<*const Job<'static>> {
        let position = self.joinable(0)?;
        let open = &mut self.open[position];
        open.places -= 1;
        self.busy += 1;
        // SAFETY: an open job is alive.
        unsafe { &*open.job }.enter();
        Some(open.job)
    }

    /// Reserves the start of a thread if fewer than `enough` are alive.
    fn reserve(&mut self, enough: usize) -> bool {
        let missing = self.alive < enough;
        if missing {
            self.alive += 1;
            self.starting += 1;
        }
        missing
    }
}

/// How another thread is called.
enum Call {
    Wake,
    Start,
}

impl Pool {
    fn last() -> Option<&'static Self> {
        // SAFETY: null, or a `Pool` that `current` leaked and that is only ever shared.
        unsafe { LAST.load(Ordering::Acquire).as_ref() }
    }

    /// Returns the pool of this process.
    fn current() -> &'static Self {
        let last = Self::last();
        if let Some(pool) = last.filter(|pool| pool.is_current()) {
            return pool;
        }
        // Whoever comes here meanwhile registers the handler as well: it may be called twice, and
        // a lock would be inherited by a child that is forked meanwhile.
        static REGISTERED: AtomicBool = AtomicBool::new(false);
        if !REGISTERED.load(Ordering::Acquire) {
            on_fork_in_child(forked);
            REGISTERED.store(true, Ordering::Release);
        }
        let new = Box::into_raw(Box::new(Self::new(last)));
        let expected = last.map_or(std::ptr::null_mut(), |pool| std::ptr::from_ref(pool).cast_mut());
        match LAST.compare_exchange(expected, new, Ordering::AcqRel, Ordering::Acquire) {
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

    fn new(inherited: Option<&'static Self>) -> Self {
        Self {
            process: Self::this_process(),
            _inherited: inherited,
            state: Mutex::default(),
            job_opened: Condvar::new(),
            changed: Condvar::new(),
            processors: Mutex::new(None),
            count: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
        }
    }

    fn this_process() -> (u32, usize) {
        (process::id(), GENERATION.load(Ordering::Relaxed))
    }

    fn is_current(&self) -> bool {
        self.process == Self::this_process()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the state when no call of `shutdown` is under way: threads would end as they start.
    fn ready(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        while state.ending > 0 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }

    /// Returns the number of processors, asked for once. While it is one, it is asked for again
    /// the 2nd, 4th, 8th, … time: more threads may have started, on other processors.
    fn processors(&self) -> usize {
        match self.count.load(Ordering::Relaxed) {
            0 => {}
            1 if (self.asked.fetch_add(1, Ordering::Relaxed) + 2).is_power_of_two() => {}
            count => return count,
        }
        let processors = Processors::ask();
        *self.processors.lock().unwrap_or_else(PoisonError::into_inner) = Some(processors);
        self.count.store(processors.count, Ordering::Relaxed);
        processors.count
    }

    /// Lets up to `helpers` threads join a job, and calls the first of them.
    fn open(&'static self, job: &Job<'_>, helpers: usize, limit: Option<usize>) {
        // `close` ends what `open` begins: the pointer is not followed later.
        let job = std::ptr::from_ref(job).cast::<Job<'static>>();
        let mut state = self.lock();
        state.callers += 1;
        state.open.push(Open { job, places: helpers, limit });
        self.call(state, true);
    }

    /// Lets no further thread join a job, and waits until those that have joined have left.
    fn close(&'static self, job: &Job<'_>) {
        let address = std::ptr::from_ref(job).cast::<Job<'static>>();
        let mut state = self.lock();
        state.open.retain(|open| open.job != address);
        state.callers -= 1;
        // A sleeping thread may work in this caller's place.
        self.call(state, false);
        for _ in 0..SPINS {
            if job.is_left() {
                return;
            }
            std::hint::spin_loop();
        }
        let mut state = self.lock();
        state.waiting += 1;
        while !job.is_left() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
    }

    /// Wakes or starts a few threads, if there is a job for them. Without a thread to be had, the
    /// others do the work.
    fn call(&'static self, mut state: MutexGuard<'_, State>, may_start: bool) {
        for _ in 0..CALLS {
            let coming = state.starting + state.woken;
            if state.ending > 0 || state.joinable(coming).is_none() {
                return;
            }
            let call = if state.idle > state.woken {
                state.woken += 1;
                Call::Wake
            } else if may_start {
                state.alive += 1;
                state.starting += 1;
                Call::Start
            } else {
                return;
            };
            drop(state);
            match call {
                Call::Wake => self.job_opened.notify_one(),
                Call::Start if self.start().is_err() => return,
                Call::Start => {}
            }
            state = self.lock();
        }
    }

    /// Starts a thread that has been counted.
    fn start(&'static self) -> io::Result<()> {
        let mask = self.mask();
        let started = {
            let _blocked = SignalsBlocked::new();
            thread::Builder::new().name("fanin".into()).spawn(move || {
                if let Some(mask) = mask {
                    mask.apply();
                }
                self.work();
            })
        };
        let mut state = self.lock();
        match started {
            Ok(handle) => {
                state.handles.push(handle);
                // Ended threads give their memory back.
                let ended: Vec<_> = state.handles.extract_if(.., |handle| handle.is_finished()).collect();
                drop(state);
                ended.into_iter().for_each(join);
                Ok(())
            }
            Err(error) => {
                state.alive -= 1;
                state.starting -= 1;
                Err(error)
            }
        }
    }

    fn mask(&self) -> Option<super::system::Mask> {
        // Also while the number is one: more threads may be there now, on other processors.
        if self.count.load(Ordering::Relaxed) <= 1 {
            self.processors();
        }
        self.processors.lock().unwrap_or_else(PoisonError::into_inner).and_then(|processors| processors.mask)
    }

    /// The life of a pool thread.
    fn work(&'static self) {
        let mut state = self.lock();
        state.starting -= 1;
        loop {
            if state.ending > 0 {
                break;
            }
            if let Some(job) = state.join() {
                self.call(state, true);
                // SAFETY: a job that has been joined is alive until it is left.
                unsafe {
                    (*job).work();
                    Job::leave(job);
                }
                state = self.lock();
                state.busy -= 1;
                if state.waiting > 0 {
                    self.changed.notify_all();
                }
                continue;
            }
            state.idle += 1;
            let (woken, timeout) = self.job_opened.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            state.woken = state.woken.saturating_sub(1);
            if timeout.timed_out() && state.joinable(0).is_none() {
                break;
            }
        }
        state.alive -= 1;
        if state.ending > 0 {
            self.changed.notify_all();
        }
    }

    fn shutdown(&self) {
        let mut state = self.lock();
        state.ending += 1;
        self.job_opened.notify_all();
        while state.alive > 0 || !state.handles.is_empty() {
            let handles = std::mem::take(&mut state.handles);
            if handles.is_empty() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                drop(state);
                handles.into_iter().for_each(join);
                state = self.lock();
            }
        }
        state.ending -= 1;
        self.changed.notify_all();
    }
}

fn join(thread: JoinHandle<()>) {
    // A pool thread does not panic: jobs keep their panics for their callers.
    let _ = thread.join();
}
