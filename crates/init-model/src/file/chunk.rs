//! Chunks: runs of elements of one tensor, the unit of work of a thread.

use std::ops::Range;

use crate::plan::entry::Entry;

/// The bytes that a thread handles at a time: enough to amortise a system call, and few enough for
/// a level-2 cache.
const CHUNK_BYTES: u64 = 1 << 20;

/// A run of elements of one tensor. Chunks depend on sizes alone, never on the number of threads.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    /// The index of the tensor in its plan or header.
    pub(crate) tensor: usize,
    pub(crate) elements: Range<u64>,
}

impl Chunk {
    pub(crate) fn len(&self) -> usize {
        (self.elements.end - self.elements.start) as usize
    }
}

/// Returns the number of elements per chunk, for elements of `size` bytes.
pub(crate) fn step(size: usize) -> u64 {
    CHUNK_BYTES / size as u64
}

/// Returns the number of elements of an entry that are generated at a time.
pub(crate) fn step_of(entry: &Entry) -> u64 {
    if entry.is_whole() { entry.shape.numel().max(1) } else { step(entry.dtype.size()) }
}

/// Returns the chunks of tensors of `(elements, elements per chunk)`, in order.
pub(crate) fn chunks(tensors: impl IntoIterator<Item = (u64, u64)>) -> impl Iterator<Item = Chunk> {
    tensors.into_iter().enumerate().flat_map(|(tensor, (elements, step))| {
        (0..elements.div_ceil(step)).map(move |i| Chunk { tensor, elements: i * step..((i + 1) * step).min(elements) })
    })
}
