//! The part of a parameter that one rank holds.

use init_core::{Resolved, Shape};
use init_kernels::{Element, FillError, Filler, Shard, Stream};

use super::packed::Packed;

/// The part of a parameter that one rank holds: `shape.dims()[axis]` indices of its
/// [entry](crate::Entry) along one axis, from `start` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The shape of the whole parameter.
    pub whole: Shape,
    /// The axis along which it is divided.
    pub axis: usize,
    /// The first index of the part on this axis.
    pub start: usize,
}

impl Part {
    /// Returns a shard of the part as a shard of the whole parameter.
    pub(crate) fn shard(&self, shard: &Shard) -> Shard {
        let mut offsets = shard.offsets().to_vec();
        offsets[self.axis] += self.start;
        Shard::new(self.whole.dims(), &offsets, shard.local()).expect("a part lies inside its parameter")
    }

    /// Fills the part's elements from flat index `offset` on; `local` is the part's shape, and
    /// `fill` fills the whole parameter.
    pub(crate) fn fill_at<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        local: &Shape,
        fill: Fill<'_>,
    ) -> Result<(), FillError> {
        if fill.packed.is_some() {
            return self.fill_runs(dst, offset, local, fill);
        }
        let mut offsets = vec![0; local.ndim()];
        offsets[self.axis] = self.start;
        let shard = Shard::new(self.whole.dims(), &offsets, local.dims()).expect("a part lies inside its parameter");
        // An offset beyond usize is beyond the part, which is refused.
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        fill.filler.fill_shard_at(dst, &shard, offset, fill.resolved, fill.stream)
    }

    /// Does the same for packed parameters, whose blocks have streams of their own: one run of
    /// consecutive elements of the whole at a time.
    fn fill_runs<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        local: &Shape,
        fill: Fill<'_>,
    ) -> Result<(), FillError> {
        let inner: u64 = self.whole.dims()[self.axis + 1..].iter().map(|&dim| dim as u64).product();
        let along = |dims: &[usize]| dims[self.axis] as u64 * inner;
        let (run, period, first) = (along(local.dims()), along(self.whole.dims()), self.start as u64 * inner);
        let mut rest = dst;
        let mut at = offset;
        while !rest.is_empty() {
            let (number, inside) = (at / run, at % run);
            let len = (run - inside).min(rest.len() as u64) as usize;
            let (now, later) = rest.split_at_mut(len);
            fill.at(now, number * period + first + inside)?;
            rest = later;
            at += len as u64;
        }
        Ok(())
    }
}

/// What fills a whole parameter.
#[derive(Clone, Copy)]
pub(crate) struct Fill<'a> {
    pub(crate) resolved: &'a Resolved,
    pub(crate) packed: Option<&'a Packed>,
    /// The parameter's stream.
    pub(crate) stream: Stream,
    /// The model's stream, parent of the streams of packed parameters.
    pub(crate) model: Stream,
    pub(crate) filler: Filler,
}

impl Fill<'_> {
    pub(crate) fn at<T: Element>(&self, dst: &mut [T], offset: u64) -> Result<(), FillError> {
        match self.packed {
            None => self.filler.fill_at(dst, offset, self.resolved, self.stream),
            Some(packed) => packed.fill_at(dst, offset, self.resolved, self.model, self.filler),
        }
    }
}
