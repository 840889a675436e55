//! The trials of a comparison, in parallel.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use init_data::trainer::{Curve, TrainError};
use init_kernels::{Progress, Stream};

use super::{start::Start, task::Task};
use crate::failure::{Failure, Outcome};

/// The learning curves of one start.
#[derive(Debug)]
pub(crate) struct Trials {
    pub(crate) start: Start,
    /// One per seed.
    pub(crate) curves: Vec<Curve>,
}

/// Trains from every start with every seed; `None` if `progress` cancels, whose units are epochs.
/// Each training has its own thread, so that as many run at once as there are threads, and
/// no result depends on how many. Weights come from the stream of the seed, the order of the
/// examples from its child `order`.
pub(crate) fn run_all(
    task: &Task,
    starts: Vec<Start>,
    seeds: &[u64],
    progress: Progress<'_>,
) -> Outcome<Option<Vec<Trials>>> {
    let jobs: Vec<(&Start, u64)> =
        starts.iter().flat_map(|start| seeds.iter().map(move |&seed| (start, seed))).collect();
    let results: Mutex<Vec<Option<Outcome<Option<Curve>>>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let threads = rayon::current_num_threads().min(jobs.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stopped.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&(start, seed)) = jobs.get(index) else { break };
                    let result = on_one_thread(|| trial(task, start, seed, progress));
                    stopped.fetch_or(!matches!(result, Ok(Some(_))), Ordering::Relaxed);
                    results.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Trials start in order, and each that has started ends: all before the first error have
    // results.
    let lost = || Err(Failure::failed("a training ended without a result"));
    let mut curves = results.into_iter().map(|result| result.unwrap_or_else(lost));
    starts
        .iter()
        .map(|start| {
            let curves = curves.by_ref().take(seeds.len()).collect::<Outcome<Option<Vec<_>>>>()?;
            Ok(curves.map(|curves| Trials { start: start.clone(), curves }))
        })
        .collect()
}

/// Runs on one thread: the matrices are too small to be worth more.
fn on_one_thread<T: Send>(work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(Failure::failed)?;
    pool.install(work)
}

fn trial(task: &Task, start: &Start, seed: u64, progress: Progress<'_>) -> Outcome<Option<Curve>> {
    let stream = Stream::new(seed);
    let Some(mut network) = start.network(task, stream, progress)? else { return Ok(None) };
    match task.training.run(&mut network, &task.train, &task.test, stream.child("order"), progress) {
        Ok(curve) => Ok(Some(curve)),
        Err(TrainError::Cancelled(_)) => Ok(None),
        Err(error) => Err(Failure::input(error)),
    }
}
