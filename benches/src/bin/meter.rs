//! Times fills for a program in another language. It reads one request a line and answers each with the seconds of one fill:
//!
//! ```text
//! fill normal f32 67108864 2
//! 0.01032…
//! ```
//!
//! that is: what, law, dtype, elements, threads, and a level if it is not to be the best. What: `fill`; `limit`, one value everywhere at the best level; `memset`, as the
//! standard library fills a slice; `rand`, a loop over `rand_distr` and xoshiro256++ on one thread. The buffer is one, its
//! pages are there, and a fill's values are compared with the portable level's. Short fills are repeated, and their time is the mean.
//! What cannot be is answered with `none`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use bytemuck::Pod;
use fanin_benches::peer::PeerElement;
use fanin_benches::{LIMIT, check_ends, law, stream};
use half::{bf16, f16};
use init_core::Distribution;
use init_kernels::{Buffer, Element, Filler, Level};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::ThreadPool;

fn main() -> io::Result<()> {
    let mut meter = Meter { memory: Buffer::new(0).expect("nothing is always there"), pools: BTreeMap::new() };
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
    pools: BTreeMap<usize, ThreadPool>,
}

impl Meter {
    fn answer(&mut self, line: &str) -> Option<f64> {
        let words: Vec<_> = line.split_whitespace().collect();
        let (&[what, law_name, dtype, elements, threads], level) = words.split_first_chunk().unwrap_or_else(|| {
            panic!("a request is: what, law, dtype, elements, threads, and perhaps a level; not `{line}`");
        });
        let level = level.first().map_or(Level::best(), |level| level.parse().expect("the level has a known name"));
        if !level.is_available() {
            return None;
        }
        let law = if matches!(what, "limit" | "memset") { LIMIT } else { law(law_name) };
        let elements: usize = elements.parse().expect("elements are a number");
        let threads: usize = threads.parse().expect("threads are a number");
        let pool = self.pools.entry(threads).or_insert_with(|| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("the threads start")
        });
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
        match (what, dtype) {
            ("rand", "f32") => rand::<f32>(&mut bytemuck::cast_slice_mut(memory)[..elements], &law, threads),
            ("rand", "f64") => rand::<f64>(&mut memory[..elements], &law, threads),
            ("rand", _) => None,
            (_, "f32") => time::<f32>(&mut bytemuck::cast_slice_mut(memory)[..elements], what, &law, pool, level),
            (_, "f64") => time::<f64>(&mut memory[..elements], what, &law, pool, level),
            (_, "bf16") => time::<bf16>(&mut bytemuck::cast_slice_mut(memory)[..elements], what, &law, pool, level),
            (_, "f16") => time::<f16>(&mut bytemuck::cast_slice_mut(memory)[..elements], what, &law, pool, level),
            _ => panic!("no dtype `{dtype}`"),
        }
    }
}

/// What is measured once, if it takes so long.
const LEAST: Duration = Duration::from_millis(2);

fn mean(mut once: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut count = 0;
    loop {
        once();
        count += 1;
        let time = start.elapsed();
        if time >= LEAST {
            return time.as_secs_f64() / f64::from(count);
        }
    }
}

fn time<T: Element + Pod>(
    dst: &mut [T],
    what: &str,
    law: &Distribution,
    pool: &ThreadPool,
    level: Level,
) -> Option<f64> {
    let threads = pool.current_num_threads();
    match what {
        "fill" | "limit" => {
            let filler = Filler::new().level(level).parallel(threads > 1);
            let seconds =
                pool.install(|| mean(|| filler.fill(black_box(&mut *dst), law, stream()).expect("the laws fit")));
            check_ends(dst, law);
            Some(seconds)
        }
        "memset" if threads == 1 => Some(mean(|| bytemuck::cast_slice_mut::<T, u8>(black_box(&mut *dst)).fill(1))),
        _ => None,
    }
}

fn rand<T: PeerElement>(dst: &mut [T], law: &Distribution, threads: usize) -> Option<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(42);
    // Whether it has the law shows on one element.
    if threads > 1 || !T::rand(&mut dst[..1], &mut rng, law) {
        return None;
    }
    Some(mean(|| {
        T::rand(black_box(&mut *dst), &mut rng, law);
    }))
}
