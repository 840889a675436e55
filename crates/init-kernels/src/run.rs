//! One thread's work: runs of consecutive elements, sampled group by group through a block's lanes.

use std::mem::MaybeUninit;

use crate::Stream;
use crate::cache_line::{LINE, Lined, lined, lines_within};
use crate::lanes::{BLOCK, Lanes};
use crate::sampler::{GROUP, Sampler};
use crate::simd::Simd;

/// Consecutive elements of a tensor, and where they go.
#[derive(Debug)]
pub(crate) struct Run<'a, E> {
    /// Flat index of the first element in the whole tensor.
    pub(crate) offset: u64,
    pub(crate) dst: &'a mut [MaybeUninit<E>],
}

/// How values get to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// As usual: what was written stays in the caches.
    Cached,
    /// Past the caches, where whole lines can go that way: nothing is read before it is overwritten.
    PastCache,
}

/// Fills runs with one value.
#[inline(always)]
pub(crate) fn fill_constant<'a, S: Simd, E: Copy + 'a>(
    simd: S,
    value: E,
    route: Route,
    runs: impl Iterator<Item = Run<'a, E>>,
) {
    let value = MaybeUninit::new(value);
    let mut group = Lined([value; GROUP]);
    for run in runs {
        if route == Route::Cached {
            run.dst.fill(value);
            continue;
        }
        let head = run.dst.as_ptr().align_offset(align_of::<Lined<E>>()).min(run.dst.len());
        let (head, rest) = run.dst.split_at_mut(head);
        let (groups, tail) = rest.as_chunks_mut();
        match lined(groups) {
            Some(groups) => groups.iter_mut().for_each(|dst| copy_past_cache(simd, &mut group, dst)),
            None => groups.as_flattened_mut().fill(value),
        }
        head.fill(value);
        tail.fill(value);
    }
    simd.fence();
}

#[inline(always)]
fn copy_past_cache<S: Simd, E: Copy>(simd: S, src: &mut Lined<E>, dst: &mut Lined<E>) {
    for (src, dst) in src.lines().iter().zip(dst.lines()) {
        simd.store_past_cache(simd.load_line(src), dst);
    }
}

/// Fills runs, in increasing order of their offsets, from a stream.
#[inline(always)]
pub(crate) fn fill_runs<'a, S: Simd, E: Copy + 'a, P: Sampler<E>>(
    simd: S,
    sampler: P,
    stream: Stream,
    route: Route,
    runs: impl Iterator<Item = Run<'a, E>>,
) {
    let mut cursor: Option<Cursor<S, E>> = None;
    let mut ahead: Option<(u64, Lanes<S>)> = None;
    for Run { mut offset, mut dst } in runs {
        while !dst.is_empty() {
            let block = offset / BLOCK as u64;
            let place = (offset % BLOCK as u64) as usize;
            let count = dst.len().min(BLOCK - place);
            let (now, rest) = dst.split_at_mut(count);
            let cursor = match &mut cursor {
                Some(cursor) if cursor.reaches(block, place / GROUP) => cursor,
                other => {
                    let lanes = match ahead.take() {
                        Some((seeded, lanes)) if seeded == block => lanes,
                        _ => Lanes::new(simd, stream, block),
                    };
                    other.insert(Cursor::new(block, lanes))
                }
            };
            if !rest.is_empty() {
                // Seeding is one long chain of multiplications: begun a block ahead, it is done in the shadow of the sampling.
                ahead = Some((block + 1, Lanes::new(simd, stream, block + 1)));
            }
            cursor.fill(simd, sampler, route, place, now);
            dst = rest;
            offset += count as u64;
        }
    }
    if route == Route::PastCache {
        simd.fence();
    }
}

/// A place in a block: the lanes before its next group, and the group that was last made apart.
struct Cursor<S: Simd, E> {
    block: u64,
    lanes: Lanes<S>,
    /// The group that the lanes are about to give.
    next: usize,
    /// The group that `apart` holds.
    held: Option<usize>,
    apart: [MaybeUninit<E>; GROUP],
}

impl<S: Simd, E: Copy> Cursor<S, E> {
    #[inline(always)]
    fn new(block: u64, lanes: Lanes<S>) -> Self {
        Self { block, lanes, next: 0, held: None, apart: [MaybeUninit::uninit(); GROUP] }
    }

    /// Whether a group can be had without starting the block anew.
    fn reaches(&self, block: u64, group: usize) -> bool {
        self.block == block && (self.next <= group || self.next == group + 1 && self.held == Some(group))
    }

    /// Fills `dst`, which does not leave the block, from the element at `place` of the block.
    #[inline(always)]
    fn fill<P: Sampler<E>>(
        &mut self,
        simd: S,
        sampler: P,
        route: Route,
        mut place: usize,
        mut dst: &mut [MaybeUninit<E>],
    ) {
        while !dst.is_empty() {
            let (group, inside) = (place / GROUP, place % GROUP);
            let whole = if inside == 0 { dst.len() / GROUP } else { 0 };
            // A group that the run enters in its middle, or does not fill, is made apart and copied.
            let count = if whole == 0 { dst.len().min(GROUP - inside) } else { whole * GROUP };
            let (now, rest) = dst.split_at_mut(count);
            if whole == 0 {
                now.copy_from_slice(&self.group_apart(simd, sampler, group)[inside..inside + count]);
            } else {
                self.advance::<P>(simd, group);
                self.next = group + whole;
                // A copy, so that the state stays in registers.
                let mut lanes = self.lanes;
                let (groups, _) = now.as_chunks_mut();
                let past_cache = S::PAST_CACHE && P::FAST && route == Route::PastCache;
                if past_cache && let Some(groups) = lined(groups) {
                    sample_lined(simd, sampler, &mut lanes, groups);
                } else if past_cache && S::STRADDLES && groups.as_ptr().addr().is_multiple_of(4) {
                    sample_straddling(simd, sampler, &mut lanes, groups);
                } else {
                    sample(simd, sampler, &mut lanes, groups);
                }
                self.lanes = lanes;
            }
            dst = rest;
            place += count;
        }
    }

    #[inline(always)]
    fn group_apart<P: Sampler<E>>(&mut self, simd: S, sampler: P, group: usize) -> &[MaybeUninit<E>; GROUP] {
        if self.held != Some(group) {
            self.advance::<P>(simd, group);
            sampler.sample(simd, &mut self.lanes, &mut self.apart);
            self.held = Some(group);
            self.next = group + 1;
        }
        &self.apart
    }

    /// Brings the lanes to a group that is not behind them.
    #[inline(always)]
    fn advance<P: Sampler<E>>(&mut self, simd: S, group: usize) {
        self.lanes.skip(simd, (group - self.next) * P::STEPS);
        self.next = group;
    }
}

#[inline(always)]
fn sample<S: Simd, E, P: Sampler<E>>(
    simd: S,
    sampler: P,
    lanes: &mut Lanes<S>,
    groups: &mut [[MaybeUninit<E>; GROUP]],
) {
    for dst in groups {
        sampler.sample(simd, lanes, dst);
    }
}

/// The same past the caches, into groups that each begin a line. Each group lives in registers: the stores into it and the
/// loads of the copies cancel out.
#[inline(always)]
fn sample_lined<S: Simd, E: Copy, P: Sampler<E>>(simd: S, sampler: P, lanes: &mut Lanes<S>, groups: &mut [Lined<E>]) {
    for dst in groups {
        let mut group = Lined([MaybeUninit::uninit(); GROUP]);
        sampler.sample(simd, lanes, &mut group.0);
        copy_past_cache(simd, &mut group, dst);
    }
}

/// The same where groups begin anywhere in a line, as an allocator's memory does, most often 16 bytes after its start: each
/// line of memory takes the end of one line of values and the beginning of the next.
#[inline(always)]
fn sample_straddling<S: Simd, E: Copy, P: Sampler<E>>(
    simd: S,
    sampler: P,
    lanes: &mut Lanes<S>,
    groups: &mut [[MaybeUninit<E>; GROUP]],
) {
    let mut group = Lined([MaybeUninit::uninit(); GROUP]);
    let (head, memory, tail) = lines_within(groups);
    simd.prefetch(tail);
    let by = (head.len() / 4) as u32;
    sampler.sample(simd, lanes, &mut group.0);
    let lines = group.lines();
    head.copy_from_slice(&lines[0].0[..head.len()]);
    let (first, memory) = memory.split_at_mut(lines.len() - 1);
    let mut last = simd.load_line(&lines[0]);
    for (line, dst) in lines[1..].iter().zip(first) {
        let values = simd.load_line(line);
        simd.store_past_cache(simd.straddle(last, values, by), dst);
        last = values;
    }
    for dst in memory.chunks_exact_mut(lines.len()) {
        sampler.sample(simd, lanes, &mut group.0);
        for (line, dst) in group.lines().iter().zip(dst) {
            let values = simd.load_line(line);
            simd.store_past_cache(simd.straddle(last, values, by), dst);
            last = values;
        }
    }
    let [.., end] = group.lines() else { return };
    tail.copy_from_slice(&end.0[LINE - tail.len()..]);
}
