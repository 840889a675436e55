//! One thread's work: runs of consecutive elements, sampled group by group through a block's lanes.

use std::mem::MaybeUninit;

use crate::Stream;
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

/// Fills runs with one value.
pub(crate) fn fill_constant<'a, E: Copy + 'a>(value: E, runs: impl Iterator<Item = Run<'a, E>>) {
    for run in runs {
        run.dst.fill(MaybeUninit::new(value));
    }
}

/// Fills runs, in increasing order of their offsets, from a stream.
#[inline(always)]
pub(crate) fn fill_runs<'a, S: Simd, E: Copy + 'a, P: Sampler<E>>(
    simd: S,
    sampler: P,
    stream: Stream,
    runs: impl Iterator<Item = Run<'a, E>>,
) {
    let mut cursor: Option<Cursor<S, E>> = None;
    for Run { mut offset, mut dst } in runs {
        while !dst.is_empty() {
            let block = offset / BLOCK as u64;
            let place = (offset % BLOCK as u64) as usize;
            let count = dst.len().min(BLOCK - place);
            let (now, rest) = dst.split_at_mut(count);
            let cursor = match &mut cursor {
                Some(cursor) if cursor.reaches(block, place / GROUP) => cursor,
                other => other.insert(Cursor::new(simd, stream, block)),
            };
            cursor.fill(simd, sampler, place, now);
            dst = rest;
            offset += count as u64;
        }
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
    fn new(simd: S, stream: Stream, block: u64) -> Self {
        Self {
            block,
            lanes: Lanes::new(simd, stream, block),
            next: 0,
            held: None,
            apart: [MaybeUninit::uninit(); GROUP],
        }
    }

    /// Whether a group can be had without starting the block anew.
    fn reaches(&self, block: u64, group: usize) -> bool {
        self.block == block && (self.next <= group || self.next == group + 1 && self.held == Some(group))
    }

    /// Fills `dst`, which does not leave the block, from the element at `place` of the block.
    #[inline(always)]
    fn fill<P: Sampler<E>>(&mut self, simd: S, sampler: P, place: usize, dst: &mut [MaybeUninit<E>]) {
        let (mut group, inside) = (place / GROUP, place % GROUP);

        // A group that the run enters in its middle, or does not fill, is made apart and copied.
        let head = if inside == 0 { 0 } else { dst.len().min(GROUP - inside) };
        let (head, rest) = dst.split_at_mut(head);
        if !head.is_empty() {
            head.copy_from_slice(&self.group_apart(simd, sampler, group)[inside..inside + head.len()]);
            group += 1;
        }

        let (whole, tail) = rest.as_chunks_mut();
        if !whole.is_empty() {
            self.advance::<P>(simd, group);
            // A copy, so that the state stays in registers.
            let mut lanes = self.lanes;
            for dst in &mut *whole {
                sampler.sample(simd, &mut lanes, dst);
            }
            self.lanes = lanes;
            group += whole.len();
            self.next = group;
        }

        if !tail.is_empty() {
            tail.copy_from_slice(&self.group_apart(simd, sampler, group)[..tail.len()]);
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
