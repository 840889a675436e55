//! Times fills for a program in another language: reads one request per line and answers each with
//! the seconds of a fill.
//!
//! ```text
//! fill normal f32 67108864 2
//! 0.01032…
//! ```
//!
//! A request is an operation, a distribution, a dtype, a number of elements, a number of threads,
//! and optionally a level (default: the best). The operations: `fill`; `limit`, a constant at the
//! best level; `memset`, the standard library's fill of a slice; `rand`, a loop over `rand_distr`
//! and xoshiro256++ on one thread. All requests share one buffer whose pages are mapped, and the
//! values of a fill are compared with those of the portable level. Short fills are repeated, and
//! the mean is returned. An unsupported request is answered with `none`.

use std::{
    hint::black_box,
    io::{self, BufRead, Write},
    time::{Duration, Instant},
};

use bytemuck::Pod;
use fanin_benches::peer::PeerElement;
use fanin_benches::{LIMIT, check_ends, distribution, stream};
use half::{bf16, f16};
use init_core::Distribution;
use init_kernels::{Buffer, Element, Filler, Level};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

fn main() -> io::Result<()> {
    let mut meter = Meter { memory: Buffer::new(0).expect("an empty buffer is always available") };
    let mut out = io::stdout().lock();
    writeln!(out, "ready fanin {} {}", env!("CARGO_PKG_VERSION"), Level::best())?;
    out.flush()?;
    for line in io::stdin().lock().lines() {
        match meter.answer(&line?) {
            Some(seconds) => writeln!(out, "{seconds:.9}")?,
            None => writeln!(out, "none")?,
        }
        out.flush()?;
    }
    Ok(())
}

struct Meter {
    memory: Buffer<f64>,
}

impl Meter {
    fn answer(&mut self, line: &str) -> Option<f64> {
        let words: Vec<_> = line.split_whitespace().collect();
        let (&[operation, name, dtype, elements, threads], level) = words.split_first_chunk().unwrap_or_else(|| {
            panic!(
                "a request must be: operation, distribution, dtype, elements, threads, optionally a level; got `{line}`"
            );
        });
        let level = level.first().map_or(Level::best(), |level| level.parse().expect("the level has a known name"));
        if !level.is_available() {
            return None;
        }
        let distribution = if matches!(operation, "limit" | "memset") { LIMIT } else { distribution(name) };
        let elements: usize = elements.parse().expect("elements are a number");
        let threads: usize = threads.parse().expect("threads are a number");
        let bytes = elements
            * if dtype == "f64" {
                8
            } else if dtype == "f32" {
                4
            } else {
                2
            };
        if self.memory.len() < bytes.div_ceil(8) {
            self.memory = Buffer::new(bytes.div_ceil(8)).expect("the system has the memory");
            self.memory.fill(1.0);
        }
        let memory = &mut self.memory[..];
        match (operation, dtype) {
            ("rand", "f32") => rand::<f32>(&mut bytemuck::cast_slice_mut(memory)[..elements], &distribution, threads),
            ("rand", "f64") => rand::<f64>(&mut memory[..elements], &distribution, threads),
            ("rand", _) => None,
            (_, "f32") => {
                time::<f32>(&mut bytemuck::cast_slice_mut(memory)[..elements], operation, &distribution, threads, level)
            }
            (_, "f64") => time::<f64>(&mut memory[..elements], operation, &distribution, threads, level),
            (_, "bf16") => time::<bf16>(
                &mut bytemuck::cast_slice_mut(memory)[..elements],
                operation,
                &distribution,
                threads,
                level,
            ),
            (_, "f16") => {
                time::<f16>(&mut bytemuck::cast_slice_mut(memory)[..elements], operation, &distribution, threads, level)
            }
            _ => panic!("unknown dtype `{dtype}`"),
        }
    }
}

/// Calls are repeated for at least this long.
const MIN_TIME: Duration = Duration::from_millis(2);

/// Returns the mean seconds of a call.
fn mean(mut once: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut count = 0;
    loop {
        once();
        count += 1;
        let time = start.elapsed();
        if time >= MIN_TIME {
            return time.as_secs_f64() / f64::from(count);
        }
    }
}

fn time<T: Element + Pod>(
    dst: &mut [T],
    operation: &str,
    distribution: &Distribution,
    threads: usize,
    level: Level,
) -> Option<f64> {
    match operation {
        "fill" | "limit" => {
            let filler = Filler::new().level(level).threads(threads);
            let seconds =
                mean(|| filler.fill(black_box(&mut *dst), distribution, stream()).expect("the distributions fit"));
            check_ends(dst, distribution);
            Some(seconds)
        }
        "memset" if threads == 1 => Some(mean(|| bytemuck::cast_slice_mut::<T, u8>(black_box(&mut *dst)).fill(1))),
        _ => None,
    }
}

fn rand<T: PeerElement>(dst: &mut [T], distribution: &Distribution, threads: usize) -> Option<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(42);
    // One element shows whether the peer has the distribution.
    if threads > 1 || !T::rand(&mut dst[..1], &mut rng, distribution) {
        return None;
    }
    Some(mean(|| {
        T::rand(black_box(&mut *dst), &mut rng, distribution);
    }))
}
