//! Fresh memory: what a fill costs when its pages are not there yet.

use std::time::{Duration, Instant};

use init_core::Distribution;
use init_kernels::{Buffer, FillError, Filler, Level};
use rayon::ThreadPool;
use serde::Serialize;

use crate::failure::{Failure, Outcome};

use super::case::Fill;
use super::{gb_per_s, median, no_memory, pool, sample};

/// Less might be memory that the allocator kept.
const LEAST: usize = 64 << 20;

/// A kind of new buffer, filled once and then again.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Fresh {
    pub(crate) memory: &'static str,
    pub(crate) threads: usize,
    pub(crate) bytes: usize,
    /// Of the first fill.
    pub(crate) new_gb_per_s: f64,
    /// Of the second.
    pub(crate) touched_gb_per_s: f64,
}

/// Fills new buffers of so many bytes, but at least 64 MiB, with normal f32 values, at the best level.
pub(crate) fn fresh(bytes: usize, threads: usize, rounds: usize) -> Outcome<Vec<Fresh>> {
    let pool = pool(threads)?;
    let bytes = bytes.max(LEAST);
    let len = bytes / size_of::<f32>();
    let mut times: [[Vec<Duration>; 2]; 2] = Default::default();
    for _ in 0..rounds {
        let mut vec = Vec::<f32>::new();
        vec.try_reserve_exact(len).map_err(|_| no_memory(bytes))?;
        twice(&pool, &mut times[0], |filler, law| {
            filler.fill_at_uninit(&mut vec.spare_capacity_mut()[..len], 0, law, sample::stream()).map(drop)
        })?;
        drop(vec);
        let mut buffer = Buffer::<f32>::new(len).map_err(|_| no_memory(bytes))?;
        twice(&pool, &mut times[1], |filler, law| filler.fill(&mut buffer, law, sample::stream()))?;
    }
    let kinds = ["Vec", "Buffer"].into_iter().zip(times);
    let fresh = kinds.map(|(memory, [new, touched])| Fresh {
        memory,
        threads,
        bytes,
        new_gb_per_s: gb_per_s(bytes, median(new)),
        touched_gb_per_s: gb_per_s(bytes, median(touched)),
    });
    Ok(fresh.collect())
}

/// The first fill of new memory, and the second.
fn twice(
    pool: &ThreadPool,
    times: &mut [Vec<Duration>; 2],
    mut fill: impl FnMut(&Filler, &Distribution) -> Result<(), FillError> + Send,
) -> Outcome {
    let filler = Filler::new().level(Level::best()).parallel(pool.current_num_threads() > 1);
    let law = Fill::Normal.law();
    for times in times {
        let start = Instant::now();
        pool.install(|| fill(&filler, &law)).map_err(Failure::failed)?;
        times.push(start.elapsed());
    }
    Ok(())
}
