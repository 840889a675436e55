//! Writing the values of a plan on all threads, with checkpoints.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, PoisonError},
};

use init_kernels::{Cancelled, FillError, Progress};

use super::{
    buffers::Generated,
    checksums::Checksums,
    chunk::{Chunk, chunks, step_of},
    offset_io::{read_exact_at, write_all_at},
    outline::Outline,
    partial::Partial,
};
use crate::plan::plan::Plan;

pub(super) enum ChunkError {
    Io(io::Error),
    Fill { name: String, source: FillError },
    Cancelled,
}

impl From<Cancelled> for ChunkError {
    fn from(Cancelled: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Writes the values of a plan at the offsets of the outline, except for the first `done` bytes,
/// which are there already.
///
/// `interval` is the number of bytes between checkpoints. Checksums include all values: those that
/// are there already are read for them.
pub(super) fn write_values(
    partial: &Partial,
    outline: &Outline,
    done: u64,
    interval: u64,
    plan: &Plan,
    checksums: Option<&Checksums<'_>>,
    progress: Progress<'_>,
) -> Result<(), ChunkError> {
    let sizes = plan.entries().iter().map(|entry| (entry.shape.numel(), step_of(entry)));
    let starts: Vec<u64> =
        (plan.entries().iter()).scan(0, |next, entry| Some(std::mem::replace(next, *next + entry.bytes()))).collect();
    let offset = |chunk: &Chunk| chunk.elements.start * plan.entries()[chunk.tensor].dtype.size() as u64;
    // The range of a chunk's bytes among those of all values, without the gaps between them.
    let range = |chunk: &Chunk| {
        let start = starts[chunk.tensor] + offset(chunk);
        start..start + (chunk.len() * plan.entries()[chunk.tensor].dtype.size()) as u64
    };
    // The offset of a chunk in the file.
    let at = |chunk: &Chunk| outline.starts[chunk.tensor] + offset(chunk);
    let add = |chunk: &Chunk, values: &[u8]| {
        if let Some(checksums) = checksums {
            checksums.add(chunk, values);
        }
    };

    // One queue in file order: the writes of any number of threads are nearly sequential. An error
    // ends it.
    let wanted = chunks(sizes).filter(|chunk| range(chunk).end > done || checksums.is_some());
    let queue = Mutex::new(Ok(wanted));
    let locked = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || locked().as_mut().ok().and_then(Iterator::next);
    let state = Mutex::new(State { whole: done, recorded: done, ahead: BTreeMap::new() });
    let checkpoints = Checkpoints { partial, interval, state };
    rayon::broadcast(|_| {
        let (mut generated, mut stored) = (Generated::default(), Vec::new());
        while let Some(chunk) = next() {
            let bytes = range(&chunk);
            let result = if bytes.end <= done {
                stored.resize((bytes.end - bytes.start) as usize, 0);
                let read = read_exact_at(partial.file(), &mut stored, at(&chunk)).map_err(ChunkError::Io);
                read.and_then(|()| {
                    add(&chunk, &stored);
                    Ok(progress.advance(0)?)
                })
            } else {
                let filled = generated.bytes(plan, &chunk).map_err(|source| {
                    let name = plan.entries()[chunk.tensor].name.clone();
                    ChunkError::Fill { name, source }
                });
                filled.and_then(|values| {
                    add(&chunk, values);
                    write_all_at(partial.file(), values, at(&chunk)).map_err(ChunkError::Io)?;
                    checkpoints.add(bytes.start, bytes.end).map_err(ChunkError::Io)?;
                    Ok(progress.advance(values.len() as u64)?)
                })
            };
            if let Err(error) = result {
                *locked() = Err(error);
            }
        }
    });
    let result = queue.into_inner().unwrap_or_else(PoisonError::into_inner).map(drop);
    if matches!(result, Err(ChunkError::Cancelled)) {
        checkpoints.record().map_err(ChunkError::Io)?;
    }
    result
}

/// Records in the trailer of a partial file how far its values are complete from the first on.
struct Checkpoints<'a> {
    partial: &'a Partial,
    interval: u64,
    state: Mutex<State>,
}

struct State {
    /// The values that are complete from the first on, and those that the trailer records, in
    /// bytes.
    whole: u64,
    recorded: u64,
    /// Runs that are complete after one that is not, from start to end.
    ahead: BTreeMap<u64, u64>,
}

impl Checkpoints<'_> {
    fn add(&self, from: u64, to: u64) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ahead.insert(from, to);
        while let Some((&from, &to)) = state.ahead.first_key_value() {
            // A chunk that an earlier run had written in part begins before the recorded end.
            if from > state.whole {
                break;
            }
            state.ahead.remove(&from);
            state.whole = state.whole.max(to);
        }
        if state.whole - state.recorded < self.interval {
            return Ok(());
        }
        // The other threads continue; the next checkpoint is an interval away.
        state.recorded = state.whole;
        let whole = state.whole;
        drop(state);
        self.partial.checkpoint(whole)
    }

    fn record(&self) -> io::Result<()> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.partial.checkpoint(state.whole)
    }
}
