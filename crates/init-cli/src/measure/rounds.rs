//! Rounds of measurements: every case once per round, with the limit in between, so that a slow
//! phase of the machine affects all cases alike.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use init_kernels::Buffer;

use super::{case::Case, gb_per_s, median, no_memory, sample};
use crate::failure::Outcome;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    /// The size of the buffer.
    pub(crate) bytes: usize,
    /// The maximum number of rounds.
    pub(crate) count: usize,
    /// The longest time for one fill: a slow one fills less than the buffer.
    pub(crate) fill_time: Option<Duration>,
    /// The time after which no further round is measured.
    pub(crate) deadline: Option<Duration>,
}

/// A case and its median time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) case: Case,
    /// Bytes per fill.
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

/// The result of all rounds.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) rounds: usize,
    /// The limit in GB/s for each number of threads: the speed of writing one constant.
    pub(crate) limits: BTreeMap<usize, f64>,
    pub(crate) timings: Vec<Timing>,
}

/// A case, and the times of its fills so far.
struct Turn {
    case: Case,
    /// The number of elements of the buffer that it fills.
    len: usize,
    times: Vec<Duration>,
}

impl Rounds {
    /// Measures the cases; those that share a dtype, a level and a number of threads should be
    /// neighbours.
    pub(crate) fn measure(&self, cases: &[Case], tick: &dyn Fn()) -> Outcome<Measured> {
        let start = Instant::now();
        let mut memory = self.touched()?;
        let mut turns = Vec::new();
        for &case in cases {
            let len = self.len(&mut memory, &case)?;
            turns.push(Turn { case, len, times: Vec::new() });
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
                if !last.is_some_and(|last| last.shares_limit(&turn.case)) {
                    limits.entry(turn.case.threads).or_default().push(sample::limit(&mut memory, turn.case.threads)?);
                }
                last = Some(turn.case);
                let part = &mut memory[..turn.len];
                turn.times.push(sample::fill(part, &turn.case)?);
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

    /// Returns a buffer whose pages are all mapped.
    fn touched(&self) -> Outcome<Buffer<f64>> {
        let mut memory = Buffer::new(self.bytes / size_of::<f64>()).map_err(|_| no_memory(self.bytes))?;
        memory.fill(1.0);
        Ok(memory)
    }

    /// Returns how many elements of the buffer a case fills, estimated on a small part of it.
    fn len(&self, memory: &mut [f64], case: &Case) -> Outcome<usize> {
        /// The number of elements of the trial, and the minimum that is filled: more than fit into
        /// any L1 cache.
        const TRIAL: usize = 32 * 1024;
        /// Whole blocks in every dtype.
        const STEP: usize = 4096;
        let Some(longest) = self.fill_time else { return Ok(memory.len()) };
        if memory.len() <= TRIAL {
            return Ok(memory.len());
        }
        let trial = sample::fill(&mut memory[..TRIAL], case)?.as_secs_f64();
        let len = (TRIAL as f64 * longest.as_secs_f64() / trial) as usize / STEP * STEP;
        Ok(len.clamp(TRIAL, memory.len()))
    }
}
