use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use init_data::trainer::Curve;
use init_kernels::Stream;

use super::{Start, Task};
use crate::failure::{Failure, Outcome};

/// What became of a start with each seed.
#[derive(Debug)]
pub(crate) struct Trials {
    pub(crate) start: Start,
    /// One a seed.
    pub(crate) curves: Vec<Curve>,
}

/// Trains from every start with every seed. Each training has one thread of its own, so that as many run at once as
/// there are threads, and no result depends on how many. Weights come from the stream of the seed, the order of the
/// examples from its child `order`.
pub(crate) fn run_all(
    task: &Task,
    starts: Vec<Start>,
    seeds: &[u64],
    step: &(dyn Fn() + Sync),
) -> Outcome<Vec<Trials>> {
    let jobs: Vec<(&Start, u64)> =
        starts.iter().flat_map(|start| seeds.iter().map(move |&seed| (start, seed))).collect();
    let results: Mutex<Vec<Option<Outcome<Curve>>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    let (next, refused) = (AtomicUsize::new(0), AtomicBool::new(false));
    let threads = rayon::current_num_threads().min(jobs.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !refused.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&(start, seed)) = jobs.get(index) else { break };
                    let result = alone(|| trial(task, start, seed, step));
                    refused.fetch_or(result.is_err(), Ordering::Relaxed);
                    results.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    // After a refusal those before it are there, and it is the first: trainings begin in order, and what has begun is
    // ended.
    let lost = || Err(Failure::failed("a training ended without a result"));
    let mut curves = results.into_iter().map(|result| result.unwrap_or_else(lost));
    starts
        .iter()
        .map(|start| {
            let curves = curves.by_ref().take(seeds.len()).collect::<Outcome<Vec<_>>>()?;
            Ok(Trials { start: start.clone(), curves })
        })
        .collect()
}

/// On one thread: the matrices are too small to be worth more.
fn alone<T: Send>(work: impl FnOnce() -> Outcome<T> + Send) -> Outcome<T> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(Failure::failed)?;
    pool.install(work)
}

fn trial(task: &Task, start: &Start, seed: u64, step: &(dyn Fn() + Sync)) -> Outcome<Curve> {
    let stream = Stream::new(seed);
    let mut network = start.network(task, stream, &|| step())?;
    let order = stream.child("order");
    task.training.run(&mut network, &task.train, &task.test, order, &|| step()).map_err(Failure::input)
}
