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

/// The position of a part in the whole: runs of consecutive elements at a regular distance.
#[derive(Clone, Copy, Debug)]
struct Runs {
    /// The elements of a run.
    run: u64,
    /// The distance in the whole from the start of a run to the start of the next.
    period: u64,
    /// The start of the first run in the whole.
    first: u64,
}

impl Part {
    fn runs(&self, local: &Shape) -> Runs {
        let inner: u64 = self.whole.dims()[self.axis + 1..].iter().map(|&dim| dim as u64).product();
        let along = |dims: &[usize]| dims[self.axis] as u64 * inner;
        Runs { run: along(local.dims()), period: along(self.whole.dims()), first: self.start as u64 * inner }
    }

    /// Fills the part's elements from flat index `offset` on; `whole` fills those of the whole
    /// parameter.
    pub(crate) fn fill_at<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        local: &Shape,
        fill: Fill<'_>,
    ) -> Result<(), FillError> {
        let Runs { run, period, first } = self.runs(local);
        let mut rest = dst;
        let mut at = offset;
        while !rest.is_empty() {
            let (number, inside) = (at / run, at % run);
            let runs = if inside == 0 { rest.len() as u64 / run } else { 0 };
            let len = if runs > 1 && fill.packed.is_none() {
                let len = (runs * run) as usize;
                let sizes = [self.whole.numel() / period, period, number, first, runs, run].map(|size| size as usize);
                let [rows, columns, row, column, height, width] = sizes;
                let shard = Shard::new(&[rows, columns], &[row, column], &[height, width])
                    .expect("a part lies inside its parameter");
                fill.filler.fill_shard(&mut rest[..len], &shard, fill.resolved, fill.stream)?;
                len
            } else {
                let len = (run - inside).min(rest.len() as u64) as usize;
                fill.at(&mut rest[..len], number * period + first + inside)?;
                len
            };
            rest = &mut rest[len..];
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
