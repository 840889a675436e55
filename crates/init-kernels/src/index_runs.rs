//! Index runs: which element of the whole tensor each element of a buffer is.

use std::ops::Range;

/// A map from the elements of a buffer to those of a tensor: runs of consecutive indices, at
/// regular distances, and the part of them that is in the buffer.
#[derive(Clone, Debug)]
pub(crate) struct IndexRuns {
    /// Flat index of the first element of the first run.
    first: u64,
    /// Elements per run.
    run: usize,
    /// Counts and distances of the runs, the innermost first.
    outer: Vec<(usize, u64)>,
    /// The elements of the runs, counted from the first, that are in the buffer.
    window: Range<usize>,
    /// Flat indices between which those elements are: no other is looked for.
    bounds: Range<u64>,
}

impl IndexRuns {
    /// Returns the map of runs, all of which are in the buffer.
    pub(crate) fn new(first: u64, run: usize, outer: Vec<(usize, u64)>) -> Self {
        let len = outer.iter().fold(run, |len, &(count, _)| len * count);
        Self { first, run, outer, window: 0..len, bounds: 0..0 }.bounded()
    }

    /// Returns the map of one run.
    pub(crate) fn consecutive(first: u64, len: usize) -> Self {
        let bounds = first..first.saturating_add(len as u64);
        Self { first, run: len.max(1), outer: Vec::new(), window: 0..len, bounds }
    }

    /// Returns the map of `len` elements from element `offset` on.
    pub(crate) fn slice(mut self, offset: usize, len: usize) -> Self {
        let start = self.window.start + offset;
        self.window = start..start + len;
        self.bounded()
    }

    /// Sets the bounds: indices increase along the buffer.
    fn bounded(mut self) -> Self {
        self.bounds = match self.window.len() {
            0 => self.first..self.first,
            len => self.locate(0).0..self.locate(len - 1).0 + 1,
        };
        self
    }

    /// Returns the flat index of an element of the buffer, and how many elements from it on are
    /// consecutive.
    #[inline]
    pub(crate) fn locate(&self, index: usize) -> (u64, usize) {
        let index = self.window.start + index;
        if self.outer.is_empty() && index < self.run {
            // Divisions cost a small fill a tenth of its time.
            return (self.first + index as u64, self.run - index);
        }
        let (mut number, inside) = (index / self.run, index % self.run);
        let mut flat = self.first + inside as u64;
        for &(count, stride) in &self.outer {
            flat += (number % count) as u64 * stride;
            number /= count;
        }
        (flat, self.run - inside)
    }

    /// Finds the elements of the buffer among the `len` elements of the tensor from flat index
    /// `first` on: calls `part` with the buffer index of each run of them and its range among the
    /// `len`.
    pub(crate) fn intersect(&self, first: u64, len: usize, mut part: impl FnMut(usize, Range<usize>)) {
        let mut at = self.bounds.start.saturating_sub(first).min(len as u64) as usize;
        let len = self.bounds.end.saturating_sub(first).min(len as u64) as usize;
        while at < len {
            let mut rest = first + at as u64 - self.first;
            let (mut number, mut enclosing) = (0, None);
            let mut inside = true;
            for &(count, stride) in self.outer.iter().rev() {
                inside = rest / stride < count as u64;
                if !inside {
                    break;
                }
                number = number * count + (rest / stride) as usize;
                rest %= stride;
                enclosing = Some(stride);
            }
            if inside && rest < self.run as u64 {
                let rest = rest as usize;
                let count = (self.run - rest).min(len - at);
                let index = number * self.run + rest;
                let (start, end) = (index.max(self.window.start), (index + count).min(self.window.end));
                if start < end {
                    part(start - self.window.start, at + (start - index)..at + (end - index));
                }
                at += count;
            } else {
                // An index outside on one axis, also one before the shard's offset on it, has a
                // digit beyond the shard's size there; the next index that can be inside is where
                // the enclosing axis continues.
                let Some(enclosing) = enclosing else { return };
                at = at.saturating_add((enclosing - rest).min(len as u64) as usize);
            }
        }
    }

    /// Returns the buffer index of the element with a flat index, if it is in the buffer.
    pub(crate) fn index_of(&self, flat: u64) -> Option<usize> {
        let mut found = None;
        self.intersect(flat, 1, |index, _| found = Some(index));
        found
    }
}
