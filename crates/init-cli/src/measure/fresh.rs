//! The cost of a fill of new memory, whose pages are not mapped yet.

use std::time::{Duration, Instant};

use init_core::Distribution;
use init_kernels::{Buffer, FillError, Filler, Level};
use serde::Serialize;

use super::{gb_per_s, median, no_memory, sample};
use crate::failure::{Failure, Outcome};

/// The smallest buffer: a smaller one might be memory that the allocator kept.
const MIN_BYTES: usize = 64 << 20;

/// One kind of buffer: the speed of its first fill, and of the second.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Fresh {
    pub(crate) memory: &'static str,
    pub(crate) threads: usize,
    pub(crate) bytes: usize,
    /// The speed of the first fill.
    pub(crate) new_gb_per_s: f64,
    /// The speed of the second fill.
    pub(crate) touched_gb_per_s: f64,
}

/// Fills new buffers of that many bytes, but at least 64 MiB, with normal f32 values at the best
/// level.
pub(crate) fn fresh(bytes: usize, threads: usize, rounds: usize) -> Outcome<Vec<Fresh>> {
    let bytes = bytes.max(MIN_BYTES);
    let len = bytes / size_of::<f32>();
    let mut times: [[Vec<Duration>; 2]; 2] = Default::default();
    for _ in 0..rounds {
        let mut vec = Vec::<f32>::new();
        vec.try_reserve_exact(len).map_err(|_| no_memory(bytes))?;
        twice(threads, &mut times[0], |filler, distribution| {
            filler.fill_at_uninit(&mut vec.spare_capacity_mut()[..len], 0, distribution, sample::stream()).map(drop)
        })?;
        drop(vec);
        let mut buffer = Buffer::<f32>::new(len).map_err(|_| no_memory(bytes))?;
        twice(threads, &mut times[1], |filler, distribution| filler.fill(&mut buffer, distribution, sample::stream()))?;
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

/// Times the first fill of new memory, and the second.
fn twice(
    threads: usize,
    times: &mut [Vec<Duration>; 2],
    mut fill: impl FnMut(&Filler, &Distribution) -> Result<(), FillError>,
) -> Outcome {
    let filler = Filler::new().level(Level::best()).threads(threads);
    let distribution = Distribution::Normal { mean: 0.0, std: 0.02 };
    for times in times {
        let start = Instant::now();
        fill(&filler, &distribution).map_err(Failure::failed)?;
        times.push(start.elapsed());
    }
    Ok(())
}
