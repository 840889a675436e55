//! The work of one thread: runs of consecutive elements, sampled group by group from the lanes of a
//! block.
//!
//! In pseudo-code:
//!
//! ```text
//! for each run:
//!     for each block that the run enters:
//!         lanes = lanes seeded for the block, skipped to the run's first group
//!         sample the first group into scratch and copy its part, unless the run begins on a group
//!         sample the whole groups into memory
//!         sample the last group into scratch and copy its part, unless the run ends on a group
//! ```

use std::mem::MaybeUninit;

use crate::{
    cache_line::{AlignedGroup, aligned_groups, whole_lines},
    geometry::{BLOCK, GROUP, LINE},
    kernel::Kernel,
    lanes::Lanes,
    simd::Simd,
    stream::Stream,
};

/// Consecutive elements of a tensor, and their memory.
#[derive(Debug)]
pub(crate) struct Run<'a, E> {
    /// Flat index of the first element in the whole tensor.
    pub(crate) offset: u64,
    pub(crate) dst: &'a mut [MaybeUninit<E>],
}

/// How values are written to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// By plain stores: written lines stay in the caches.
    Cached,
    /// Past the caches, for whole lines: no line is read before it is overwritten.
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
    let mut group = AlignedGroup([value; GROUP]);
    for run in runs {
        if route == Route::Cached {
            run.dst.fill(value);
            continue;
        }
        let head = run.dst.as_ptr().align_offset(align_of::<AlignedGroup<E>>()).min(run.dst.len());
        let (head, rest) = run.dst.split_at_mut(head);
        let (groups, tail) = rest.as_chunks_mut();
        match aligned_groups(groups) {
            Some(groups) => groups.iter_mut().for_each(|dst| copy_past_cache(simd, &mut group, dst)),
            None => groups.as_flattened_mut().fill(value),
        }
        head.fill(value);
        tail.fill(value);
    }
    simd.fence();
}

/// Copies a group past the caches.
#[inline(always)]
fn copy_past_cache<S: Simd, E: Copy>(simd: S, src: &mut AlignedGroup<E>, dst: &mut AlignedGroup<E>) {
    for (src, dst) in src.lines().iter().zip(dst.lines()) {
        simd.store_past_cache(simd.load_line(src), dst);
    }
}

/// Fills runs, in increasing order of their offsets, from a stream.
#[inline(always)]
pub(crate) fn fill_runs<'a, S: Simd, E: Copy + 'a, K: Kernel<E>>(
    simd: S,
    kernel: K,
    stream: Stream,
    route: Route,
    runs: impl Iterator<Item = Run<'a, E>>,
) {
    let mut cursor: Option<Cursor<S, E>> = None;
    let mut ahead: Option<(u64, Lanes<S>)> = None;
    for Run { mut offset, mut dst } in runs {
        while !dst.is_empty() {
            let block = offset / BLOCK as u64;
            let position = (offset % BLOCK as u64) as usize;
            let count = dst.len().min(BLOCK - position);
            let (now, rest) = dst.split_at_mut(count);
            let cursor = match &mut cursor {
                Some(cursor) if cursor.reaches(block, position / GROUP) => cursor,
                other => {
                    let lanes = match ahead.take() {
                        Some((seeded, lanes)) if seeded == block => lanes,
                        _ => Lanes::new(simd, stream, block),
                    };
                    other.insert(Cursor::new(block, lanes))
                }
            };
            if !rest.is_empty() {
                // Seeding is one long chain of multiplications: started a block ahead, it overlaps
                // with the sampling.
                ahead = Some((block + 1, Lanes::new(simd, stream, block + 1)));
            }
            cursor.fill(simd, kernel, route, position, now);
            dst = rest;
            offset += count as u64;
        }
    }
    if route == Route::PastCache {
        simd.fence();
    }
}

/// A position in a block: the lanes before its next group, and the group last sampled into scratch.
struct Cursor<S: Simd, E> {
    block: u64,
    lanes: Lanes<S>,
    /// The group that the lanes give next.
    next: usize,
    /// The group in `scratch`.
    cached: Option<usize>,
    scratch: [MaybeUninit<E>; GROUP],
}

impl<S: Simd, E: Copy> Cursor<S, E> {
    #[inline(always)]
    fn new(block: u64, lanes: Lanes<S>) -> Self {
        Self { block, lanes, next: 0, cached: None, scratch: [MaybeUninit::uninit(); GROUP] }
    }

    /// Returns whether a group can be reached without reseeding the block.
    fn reaches(&self, block: u64, group: usize) -> bool {
        self.block == block && (self.next <= group || self.next == group + 1 && self.cached == Some(group))
    }

    /// Fills `dst`, which does not exceed the block, from the element at `position` of the block.
    #[inline(always)]
    fn fill<K: Kernel<E>>(
        &mut self,
        simd: S,
        kernel: K,
        route: Route,
        mut position: usize,
        mut dst: &mut [MaybeUninit<E>],
    ) {
        while !dst.is_empty() {
            let (group, inside) = (position / GROUP, position % GROUP);
            let whole = if inside == 0 { dst.len() / GROUP } else { 0 };
            // A group that the run enters midway or covers in part is sampled into scratch and
            // copied.
            let count = if whole == 0 { dst.len().min(GROUP - inside) } else { whole * GROUP };
            let (now, rest) = dst.split_at_mut(count);
            if whole == 0 {
                now.copy_from_slice(&self.scratch_group(simd, kernel, group)[inside..inside + count]);
            } else {
                self.advance::<K>(simd, group);
                self.next = group + whole;
                // A local copy, so that the state stays in registers.
                let mut lanes = self.lanes;
                let (groups, _) = now.as_chunks_mut();
                let past_cache = S::PAST_CACHE && K::FAST && route == Route::PastCache;
                if past_cache && let Some(groups) = aligned_groups(groups) {
                    sample_aligned(simd, kernel, &mut lanes, groups);
                } else if past_cache && S::FAST_CONCAT_SHIFT && groups.as_ptr().addr().is_multiple_of(4) {
                    sample_unaligned(simd, kernel, &mut lanes, groups);
                } else {
                    sample(simd, kernel, &mut lanes, groups);
                }
                self.lanes = lanes;
            }
            dst = rest;
            position += count;
        }
    }

    #[inline(always)]
    fn scratch_group<K: Kernel<E>>(&mut self, simd: S, kernel: K, group: usize) -> &[MaybeUninit<E>; GROUP] {
        if self.cached != Some(group) {
            self.advance::<K>(simd, group);
            kernel.sample(simd, &mut self.lanes, &mut self.scratch);
            self.cached = Some(group);
            self.next = group + 1;
        }
        &self.scratch
    }

    /// Skips the lanes forward to a group.
    #[inline(always)]
    fn advance<K: Kernel<E>>(&mut self, simd: S, group: usize) {
        self.lanes.skip(simd, (group - self.next) * K::STEPS);
        self.next = group;
    }
}

/// Samples into groups by plain stores.
#[inline(always)]
fn sample<S: Simd, E, K: Kernel<E>>(simd: S, kernel: K, lanes: &mut Lanes<S>, groups: &mut [[MaybeUninit<E>; GROUP]]) {
    for dst in groups {
        kernel.sample(simd, lanes, dst);
    }
}

/// Samples past the caches into groups that begin on cache lines. Each group stays in registers:
/// the stores into it and the loads of the copies cancel out.
#[inline(always)]
fn sample_aligned<S: Simd, E: Copy, K: Kernel<E>>(
    simd: S,
    kernel: K,
    lanes: &mut Lanes<S>,
    groups: &mut [AlignedGroup<E>],
) {
    for dst in groups {
        let mut group = AlignedGroup([MaybeUninit::uninit(); GROUP]);
        kernel.sample(simd, lanes, &mut group.0);
        copy_past_cache(simd, &mut group, dst);
    }
}

/// Samples past the caches into groups that cross cache lines, as in most memory from an allocator,
/// which begins 16 bytes after the start of a line: each line of memory takes the end of one line
/// of values and the beginning of the next.
#[inline(always)]
fn sample_unaligned<S: Simd, E: Copy, K: Kernel<E>>(
    simd: S,
    kernel: K,
    lanes: &mut Lanes<S>,
    groups: &mut [[MaybeUninit<E>; GROUP]],
) {
    let mut group = AlignedGroup([MaybeUninit::uninit(); GROUP]);
    let (head, memory, tail) = whole_lines(groups);
    simd.prefetch(tail);
    let by = (head.len() / 4) as u32;
    kernel.sample(simd, lanes, &mut group.0);
    let lines = group.lines();
    head.copy_from_slice(&lines[0].0[..head.len()]);
    let (first, memory) = memory.split_at_mut(lines.len() - 1);
    let mut last = simd.load_line(&lines[0]);
    for (line, dst) in lines[1..].iter().zip(first) {
        let values = simd.load_line(line);
        simd.store_past_cache(simd.concat_shift(last, values, by), dst);
        last = values;
    }
    for dst in memory.chunks_exact_mut(lines.len()) {
        kernel.sample(simd, lanes, &mut group.0);
        for (line, dst) in group.lines().iter().zip(dst) {
            let values = simd.load_line(line);
            simd.store_past_cache(simd.concat_shift(last, values, by), dst);
            last = values;
        }
    }
    let [.., end] = group.lines() else { return };
    tail.copy_from_slice(&end.0[LINE - tail.len()..]);
}
