use std::{
    collections::BTreeMap,
    io,
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
};

use init_kernels::FillError;

use super::Progress;
use crate::{
    buffers::Generated,
    chunk::{Chunk, chunks},
    partial::Partial,
    plan::Plan,
    position::write_all_at,
};

pub(crate) enum ChunkError {
    Io(io::Error),
    Fill { name: String, source: FillError },
    Interrupted,
}

/// Writes the values of a plan after the `start` bytes of the header, but for the first `done` bytes, which are there. `interval` is
/// how many bytes are written from one mark to the next.
pub(crate) fn write_values(
    partial: &Partial,
    start: u64,
    done: u64,
    interval: u64,
    plan: &Plan,
    progress: &Progress<'_>,
) -> Result<(), ChunkError> {
    let sizes = plan.entries().iter().map(|entry| (entry.shape.numel(), entry.step()));
    let positions: Vec<u64> =
        (plan.entries().iter()).scan(0, |next, entry| Some(std::mem::replace(next, *next + entry.bytes()))).collect();
    // Where a chunk's bytes stand among those of all values.
    let place = |chunk: &Chunk| {
        let size = plan.entries()[chunk.tensor].dtype.size() as u64;
        let at = |element| positions[chunk.tensor] + element * size;
        at(chunk.elements.start)..at(chunk.elements.end)
    };

    // One queue in file order: the disk sees a nearly sequential write from any number of threads. An error ends it.
    let missing = chunks(sizes).filter(|chunk| place(chunk).end > done);
    let queue = Mutex::new(Ok(missing));
    let locked = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || locked().as_mut().ok().and_then(Iterator::next);
    let marks =
        Marks { partial, interval, state: Mutex::new(State { whole: done, marked: done, ahead: BTreeMap::new() }) };
    rayon::broadcast(|_| {
        let mut generated = Generated::default();
        while let Some(chunk) = next() {
            let bytes = place(&chunk);
            let filled = generated.bytes(plan, &chunk).map_err(|source| {
                let name = plan.entries()[chunk.tensor].name.clone();
                ChunkError::Fill { name, source }
            });
            let result = filled.and_then(|values| {
                write_all_at(partial.file(), values, start + bytes.start).map_err(ChunkError::Io)?;
                marks.add(bytes.start, bytes.end).map_err(ChunkError::Io)?;
                match progress(values.len() as u64) {
                    ControlFlow::Continue(()) => Ok(()),
                    ControlFlow::Break(()) => Err(ChunkError::Interrupted),
                }
            });
            if let Err(error) = result {
                *locked() = Err(error);
            }
        }
    });
    let result = queue.into_inner().unwrap_or_else(PoisonError::into_inner).map(drop);
    if matches!(result, Err(ChunkError::Interrupted)) {
        marks.note().map_err(ChunkError::Io)?;
    }
    result
}

/// How far the file is whole from its start, and how far its trailer says so.
struct Marks<'a> {
    partial: &'a Partial,
    interval: u64,
    state: Mutex<State>,
}

struct State {
    whole: u64,
    marked: u64,
    /// Runs that are there behind one that is not: from where to where.
    ahead: BTreeMap<u64, u64>,
}

impl Marks<'_> {
    fn add(&self, from: u64, to: u64) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ahead.insert(from, to);
        while let Some((&from, &to)) = state.ahead.first_key_value() {
            // A chunk that an earlier run had half written begins before what was marked.
            if from > state.whole {
                break;
            }
            state.ahead.remove(&from);
            state.whole = state.whole.max(to);
        }
        if state.whole - state.marked < self.interval {
            return Ok(());
        }
        // The other threads go on; the next mark is an interval away.
        state.marked = state.whole;
        let whole = state.whole;
        drop(state);
        self.partial.mark(whole)
    }

    fn note(&self) -> io::Result<()> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.partial.mark(state.whole)
    }
}
