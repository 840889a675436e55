//! One timed fill, and a check of the values that it wrote.

use std::time::{Duration, Instant};

use bytemuck::Pod;
use half::{bf16, f16};
use init_core::{DType, Distribution};
use init_kernels::{Element, Filler, Level, Stream};

use super::case::Case;
use crate::failure::{Failure, Outcome};

/// The time for which short fills are repeated, so that the resolution of the clock does not
/// matter.
const MIN_TIME: Duration = Duration::from_millis(2);

/// The number of elements of each part that is compared, and the number of parts.
const PART: usize = 4096;
const PARTS: usize = 8;

/// The constant that is written for the limit; a later check cannot mistake it for a fill.
const LIMIT: Distribution = Distribution::Constant(0.5);

pub(super) fn stream() -> Stream {
    Stream::new(42).child("bench")
}

/// Times one fill of the whole buffer with a constant at the best level: for a large buffer, the
/// write bandwidth.
pub(super) fn limit(memory: &mut [f64], threads: usize) -> Outcome<Duration> {
    time(memory, threads, Level::best(), &LIMIT)
}

/// Times one fill.
pub(super) fn fill(memory: &mut [f64], case: &Case) -> Outcome<Duration> {
    let distribution = &case.fill.distribution();
    match case.dtype {
        DType::F32 => time::<f32>(bytemuck::cast_slice_mut(memory), case.threads, case.level, distribution),
        DType::F64 => time::<f64>(memory, case.threads, case.level, distribution),
        DType::Bf16 => time::<bf16>(bytemuck::cast_slice_mut(memory), case.threads, case.level, distribution),
        DType::F16 => time::<f16>(bytemuck::cast_slice_mut(memory), case.threads, case.level, distribution),
    }
}

/// Compares parts of the buffer, the first and the last elements among them, with what another
/// level computes on one thread.
pub(super) fn check(memory: &[f64], case: &Case) -> Outcome {
    match case.dtype {
        DType::F32 => compare::<f32>(bytemuck::cast_slice(memory), case),
        DType::F64 => compare::<f64>(memory, case),
        DType::Bf16 => compare::<bf16>(bytemuck::cast_slice(memory), case),
        DType::F16 => compare::<f16>(bytemuck::cast_slice(memory), case),
    }
}

fn time<T: Element>(dst: &mut [T], threads: usize, level: Level, distribution: &Distribution) -> Outcome<Duration> {
    let filler = Filler::new().level(level).threads(threads);
    let start = Instant::now();
    let mut count = 0;
    loop {
        filler.fill(dst, distribution, stream()).map_err(Failure::failed)?;
        count += 1;
        let time = start.elapsed();
        if time >= MIN_TIME {
            return Ok(time / count);
        }
    }
}

fn compare<T: Element + Pod>(found: &[T], case: &Case) -> Outcome {
    let other = if case.level == Level::Portable { Level::best() } else { Level::Portable };
    let filler = Filler::new().level(other).threads(1);
    let part = PART.min(found.len());
    let mut expected = vec![T::zeroed(); part];
    for index in 0..PARTS {
        let start = (found.len() - part) / (PARTS - 1) * index;
        let start = if index == PARTS - 1 { found.len() - part } else { start };
        filler.fill_at(&mut expected, start as u64, &case.fill.distribution(), stream()).map_err(Failure::failed)?;
        let part = &found[start..start + part];
        if bytemuck::cast_slice::<T, u8>(part) != bytemuck::cast_slice::<T, u8>(&expected) {
            return Err(Failure::failed(format_args!(
                "{} of {} at level {} on {} threads wrote different values from level {other}, from element {start} \
                 on: this is a bug, please report it",
                case.fill.name(),
                case.dtype,
                case.level,
                case.threads,
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::case::Fill, *};

    #[test]
    fn the_check_accepts_the_fill_and_rejects_any_other_buffer() {
        let mut memory = vec![0f64; 40_000];
        for dtype in DType::ALL {
            let case = Case { fill: Fill::ALL[1], dtype, level: Level::best(), threads: 2 };
            limit(&mut memory, 2).unwrap();
            assert!(check(&memory, &case).is_err());
            fill(&mut memory, &case).unwrap();
            check(&memory, &case).unwrap();
            assert!(check(&memory, &Case { fill: Fill::ALL[0], ..case }).is_err());
            // One bit of the last element.
            let last = memory.last_mut().unwrap();
            *last = f64::from_bits(last.to_bits() ^ 1 << 63);
            assert!(check(&memory, &case).is_err());
        }
    }
}
