use std::ops::Range;

use init_core::{Resolved, Shape};
use init_kernels::{Element, FillError, Filler, Stream};

/// Where separate parameters of one size stand in the tensor that they are packed into.
///
/// The tensor is runs of neighbours, one of each block in turn: along the first axis each block is one run, along the last one
/// a run is a block's part of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    names: Vec<String>,
    run: u64,
}

impl Packed {
    /// Blocks along an axis that their number divides.
    pub(crate) fn new(names: Vec<String>, shape: &Shape, axis: isize) -> Self {
        let at = if axis < 0 { shape.ndim().saturating_add_signed(axis) } else { axis.unsigned_abs() };
        let side: u64 = shape.dims().iter().skip(at).map(|&dim| dim as u64).product();
        let run = side / names.len().max(1) as u64;
        Self { names, run }
    }

    /// The names of the separate parameters, in the order of the blocks.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Of the first `flat` elements of the tensor, those of a block.
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
        for (block, name) in self.names.iter().enumerate() {
            let Range { start, end } = self.before(block, offset)..self.before(block, offset + dst.len() as u64);
            if start == end {
                continue;
            }
            // The place of a block's element among those to fill.
            let place = |element: u64| {
                let (number, inside) = (element / self.run, element % self.run);
                ((number * self.names.len() as u64 + block as u64) * self.run + inside - offset) as usize
            };
            let stream = model.child(name);
            let count = (end - start) as usize;
            if start / self.run == (end - 1) / self.run {
                filler.fill_at(&mut dst[place(start)..][..count], start, resolved, stream)?;
                continue;
            }
            // The block's elements stand side by side in the block: filled at once, they are seeded once.
            let mut space = Vec::with_capacity(count);
            let mut values: &[T] =
                filler.fill_at_uninit(&mut space.spare_capacity_mut()[..count], start, resolved, stream)?;
            let mut element = start;
            while !values.is_empty() {
                let run = (self.run - element % self.run).min(values.len() as u64) as usize;
                let (now, rest) = values.split_at(run);
                dst[place(element)..][..run].copy_from_slice(now);
                values = rest;
                element += run as u64;
            }
        }
        Ok(())
    }
}
