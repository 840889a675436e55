//! Rounds: every case once after the other, the limit between them, so that a slow moment of the machine meets them all.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

use init_kernels::Buffer;
use rayon::ThreadPool;

use crate::failure::Outcome;

use super::case::Case;
use super::{gb_per_s, median, no_memory, pool, sample};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    /// Of the buffer.
    pub(crate) bytes: usize,
    /// At most so many.
    pub(crate) count: usize,
    /// What one fill may take: slow ones fill less than the buffer.
    pub(crate) fill_time: Option<Duration>,
    /// After it, nothing is measured that was measured before.
    pub(crate) deadline: Option<Duration>,
}

/// A case and its median.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) case: Case,
    /// Filled each time.
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

impl Timing {
    pub(crate) fn ns_per_element(&self) -> f64 {
        let elements = self.bytes / self.case.dtype.size();
        self.time.as_nanos() as f64 / elements as f64
    }

    pub(crate) fn gb_per_s(&self) -> f64 {
        gb_per_s(self.bytes, self.time)
    }
}

/// What the rounds gave.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) rounds: usize,
    /// GB/s of the limit, for each number of threads.
    pub(crate) limits: BTreeMap<usize, f64>,
    pub(crate) timings: Vec<Timing>,
}

/// A case, and what its fills took so far.
struct Turn<'a> {
    case: Case,
    pool: &'a ThreadPool,
    /// Elements of the buffer that it fills.
    len: usize,
    times: Vec<Duration>,
}

impl Rounds {
    /// Measures the cases; those that share a dtype, a level and threads should follow each other.
    pub(crate) fn measure(&self, cases: &[Case], tick: &dyn Fn()) -> Outcome<Measured> {
        let start = Instant::now();
        let mut memory = self.touched()?;
        let mut pools = BTreeMap::new();
        for case in cases {
            if let Entry::Vacant(vacant) = pools.entry(case.threads) {
                vacant.insert(pool(case.threads)?);
            }
        }
        let mut turns = Vec::new();
        for &case in cases {
            let pool = &pools[&case.threads];
            let len = self.len(&mut memory, pool, &case)?;
            turns.push(Turn { case, pool, len, times: Vec::new() });
        }

        let mut limits: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
        let mut rounds = 0;
        let is_late = || self.deadline.is_some_and(|deadline| start.elapsed() > deadline);
        'rounds: while rounds < self.count {
            let mut last: Option<Case> = None;
            for turn in &mut turns {
                if rounds > 0 && is_late() {
                    break 'rounds;
                }
                if !last.is_some_and(|last| last.is_beside(&turn.case)) {
                    limits.entry(turn.case.threads).or_default().push(sample::limit(&mut memory, turn.pool)?);
                }
                last = Some(turn.case);
                let part = &mut memory[..turn.len];
                turn.times.push(sample::fill(part, turn.pool, &turn.case)?);
                if rounds == 0 {
                    sample::check(part, &turn.case)?;
                }
                tick();
            }
            rounds += 1;
        }

        let limits =
            limits.into_iter().map(|(threads, times)| (threads, gb_per_s(size_of_val(&*memory), median(times))));
        let timings = turns.into_iter().map(|turn| {
            let bytes = turn.len * size_of::<f64>();
            Timing { case: turn.case, bytes, time: median(turn.times) }
        });
        Ok(Measured { rounds, limits: limits.collect(), timings: timings.collect() })
    }

    /// A buffer whose pages are all there.
    fn touched(&self) -> Outcome<Buffer<f64>> {
        let mut memory = Buffer::new(self.bytes / size_of::<f64>()).map_err(|_| no_memory(self.bytes))?;
        memory.fill(1.0);
        Ok(memory)
    }

    /// How much of the buffer a case may fill, found out on a small part of it.
    fn len(&self, memory: &mut [f64], pool: &ThreadPool, case: &Case) -> Outcome<usize> {
        /// Elements of the trial, and the least that is filled: more than any first-level cache holds.
        const TRIAL: usize = 32 * 1024;
        /// Whole blocks in every dtype.
        const STEP: usize = 4096;
        let Some(most) = self.fill_time else { return Ok(memory.len()) };
        if memory.len() <= TRIAL {
            return Ok(memory.len());
        }
        let trial = sample::fill(&mut memory[..TRIAL], pool, case)?.as_secs_f64();
        let len = (TRIAL as f64 * most.as_secs_f64() / trial) as usize / STEP * STEP;
        Ok(len.clamp(TRIAL, memory.len()))
    }
}
