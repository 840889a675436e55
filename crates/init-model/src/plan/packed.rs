//! Parameters that are packed into one tensor.

use std::ops::Range;

use init_core::{Resolved, Shape};
use init_kernels::{Element, FillError, Filler, Shard, Stream};

/// The positions of separate parameters of one size in the tensor that they are packed into.
///
/// The tensor is a sequence of runs of consecutive elements, one run of each block in turn. Packed
/// along the first axis, a block is one run; along the last axis, a run is the block's part of a
/// row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    names: Vec<String>,
    run: u64,
}

impl Packed {
    /// Blocks along an axis whose size their number divides.
    pub(crate) fn new(names: Vec<String>, shape: &Shape, axis: isize) -> Self {
        let at = if axis < 0 { shape.ndim().saturating_add_signed(axis) } else { axis.unsigned_abs() };
        let side: u64 = shape.dims().iter().skip(at).map(|&dim| dim as u64).product();
        let run = side / names.len().max(1) as u64;
        Self { names, run }
    }

    /// Returns the names of the separate parameters, in the order of the blocks.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the number of consecutive elements of one block.
    pub(crate) fn run(&self) -> u64 {
        self.run
    }

    /// Returns how many of the first `flat` elements of the tensor belong to a block.
    fn before(&self, block: usize, flat: u64) -> u64 {
        let period = self.run * self.names.len() as u64;
        flat / period * self.run + (flat % period).saturating_sub(block as u64 * self.run).min(self.run)
    }

    /// Fills the elements from flat index `offset` on, each block from its parameter's stream.
    pub(crate) fn fill_at<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        resolved: &Resolved,
        model: Stream,
        filler: Filler,
    ) -> Result<(), FillError> {
        let stop = offset + dst.len() as u64;
        let part = |block| self.before(block, offset)..self.before(block, stop);
        let scattered = |part: &Range<u64>| !part.is_empty() && part.start / self.run != (part.end - 1) / self.run;
        // Before anything is written: memory may be missing.
        let parts = (0..self.names.len()).map(part).filter(scattered);
        let mut scratch = room(parts.map(|part| (part.end - part.start) as usize).max().unwrap_or(0))?;
        for (block, name) in self.names.iter().enumerate() {
            let Range { start, end } = part(block);
            if start == end {
                continue;
            }
            // The position in `dst` of an element of the block.
            let position = |element: u64| {
                let (number, inside) = (element / self.run, element % self.run);
                ((number * self.names.len() as u64 + block as u64) * self.run + inside - offset) as usize
            };
            let stream = model.child(name);
            let count = (end - start) as usize;
            if start / self.run == (end - 1) / self.run {
                filler.fill_at(&mut dst[position(start)..][..count], start, resolved, stream)?;
                continue;
            }
            // The elements are consecutive within the block: filling them in one call seeds them
            // once.
            let mut values: &[T] =
                filler.fill_at_uninit(&mut scratch.spare_capacity_mut()[..count], start, resolved, stream)?;
            let mut element = start;
            while !values.is_empty() {
                let run = (self.run - element % self.run).min(values.len() as u64) as usize;
                let (now, rest) = values.split_at(run);
                dst[position(element)..][..run].copy_from_slice(now);
                values = rest;
                element += run as u64;
            }
        }
        Ok(())
    }

    /// Fills a shard of the tensor, each block from its parameter's stream.
    pub(crate) fn fill_shard<T: Element>(
        &self,
        dst: &mut [T],
        shard: &Shard,
        resolved: &Resolved,
        model: Stream,
        filler: Filler,
    ) -> Result<(), FillError> {
        let (whole, offsets, local) = (shard.global(), shard.offsets(), shard.local());
        if shard.is_empty() {
            return filler.fill_at(dst, 0, resolved, model);
        }
        let axis = self.axis(whole);
        let mut dims = whole.to_vec();
        dims[axis] /= self.names.len();
        let outer: usize = local[..axis].iter().product();
        let inner: usize = local[axis + 1..].iter().product();
        // Before anything is written: memory may be missing.
        let largest = if outer == 1 { 0 } else { outer * local[axis].min(dims[axis]) * inner };
        let mut scratch = room(largest)?;
        for (block, name) in self.names.iter().enumerate() {
            let first = block * dims[axis];
            let start = offsets[axis].max(first);
            let end = (offsets[axis] + local[axis]).min(first + dims[axis]);
            if start >= end {
                continue;
            }
            let (mut from, mut size) = (offsets.to_vec(), local.to_vec());
            (from[axis], size[axis]) = (start - first, end - start);
            let part = Shard::new(&dims, &from, &size).expect("the shard's part of a block lies inside the block");
            let (stream, position, run) = (model.child(name), (start - offsets[axis]) * inner, size[axis] * inner);
            if outer == 1 {
                filler.fill_shard(&mut dst[position..][..run], &part, resolved, stream)?;
                continue;
            }
            let values: &[T] =
                filler.fill_shard_uninit(&mut scratch.spare_capacity_mut()[..part.len()], &part, resolved, stream)?;
            for (row, values) in dst.chunks_mut(local[axis] * inner).zip(values.chunks(run)) {
                row[position..][..run].copy_from_slice(values);
            }
        }
        Ok(())
    }

    /// Returns the axis that the blocks divide: the one from which on a run is one block's part.
    fn axis(&self, whole: &[usize]) -> usize {
        let (count, side) = (self.names.len(), self.run * self.names.len() as u64);
        let is_divided = |&axis: &usize| {
            let after = whole[axis..].iter().map(|&size| size as u64).product::<u64>();
            after == side && whole[axis].is_multiple_of(count)
        };
        (0..whole.len()).find(is_divided).expect("the blocks were made for a shape like this")
    }
}

/// Returns an empty list with room for this many elements.
fn room<T>(len: usize) -> Result<Vec<T>, FillError> {
    let mut list = Vec::new();
    let missing = |_| FillError::NoMemory { bytes: len as u64 * size_of::<T>() as u64 };
    list.try_reserve_exact(len).map_err(missing)?;
    Ok(list)
}
