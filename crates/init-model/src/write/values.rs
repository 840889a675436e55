use std::{
    collections::BTreeMap,
    io,
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
};

use init_kernels::FillError;

use super::{Progress, sums::Sums};
use crate::{
    buffers::Generated,
    chunk::{Chunk, chunks},
    format::Outline,
    partial::Partial,
    plan::Plan,
    position::{read_exact_at, write_all_at},
};

pub(super) enum ChunkError {
    Io(io::Error),
    Fill { name: String, source: FillError },
    Interrupted,
}

/// Writes the values of a plan where the outline has them, but for the first `done` bytes of them, which are there. `interval` is
/// how many bytes are written from one mark to the next. Checksums, where they are wanted, are of all values: what is there is read for them.
pub(super) fn write_values(
    partial: &Partial,
    outline: &Outline,
    done: u64,
    interval: u64,
    plan: &Plan,
    sums: Option<&Sums<'_>>,
    progress: &Progress<'_>,
) -> Result<(), ChunkError> {
    let sizes = plan.entries().iter().map(|entry| (entry.shape.numel(), entry.step()));
    let positions: Vec<u64> =
        (plan.entries().iter()).scan(0, |next, entry| Some(std::mem::replace(next, *next + entry.bytes()))).collect();
    let offset = |chunk: &Chunk| chunk.elements.start * plan.entries()[chunk.tensor].dtype.size() as u64;
    // Where a chunk's bytes stand among those of all values, which have no gaps between them, and where in the file.
    let place = |chunk: &Chunk| {
        let start = positions[chunk.tensor] + offset(chunk);
        start..start + (chunk.len() * plan.entries()[chunk.tensor].dtype.size()) as u64
    };
    let at = |chunk: &Chunk| outline.starts[chunk.tensor] + offset(chunk);
    let add = |chunk: &Chunk, values: &[u8]| {
        if let Some(sums) = sums {
            sums.add(chunk, values);
        }
    };

    // One queue in file order: the disk sees a nearly sequential write from any number of threads. An error ends it.
    let wanted = chunks(sizes).filter(|chunk| place(chunk).end > done || sums.is_some());
    let queue = Mutex::new(Ok(wanted));
    let locked = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || locked().as_mut().ok().and_then(Iterator::next);
    let marks =
        Marks { partial, interval, state: Mutex::new(State { whole: done, marked: done, ahead: BTreeMap::new() }) };
    rayon::broadcast(|_| {
        let (mut generated, mut stored) = (Generated::default(), Vec::new());
        while let Some(chunk) = next() {
            let bytes = place(&chunk);
            let result = if bytes.end <= done {
                stored.resize((bytes.end - bytes.start) as usize, 0);
                let read = read_exact_at(partial.file(), &mut stored, at(&chunk)).map_err(ChunkError::Io);
                read.map(|()| {
                    add(&chunk, &stored);
                    progress(0)
                })
            } else {
                let filled = generated.bytes(plan, &chunk).map_err(|source| {
                    let name = plan.entries()[chunk.tensor].name.clone();
                    ChunkError::Fill { name, source }
                });
                filled.and_then(|values| {
                    add(&chunk, values);
                    write_all_at(partial.file(), values, at(&chunk)).map_err(ChunkError::Io)?;
                    marks.add(bytes.start, bytes.end).map_err(ChunkError::Io)?;
                    Ok(progress(values.len() as u64))
                })
            };
            let result = result.and_then(|flow| match flow {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(ChunkError::Interrupted),
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

/// How far the values are there from the first on, and how far its trailer says so.
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
