use std::ops::Range;

/// The bytes that one thread takes at a time: large enough to amortise a system call, small enough for a level-2 cache.
const CHUNK_BYTES: u64 = 1 << 20;

/// A run of elements of one tensor. Chunks are cut by size alone, never by the number of threads.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    /// The tensor's index in its plan or header.
    pub(crate) tensor: usize,
    pub(crate) elements: Range<u64>,
}

impl Chunk {
    pub(crate) fn len(&self) -> usize {
        (self.elements.end - self.elements.start) as usize
    }
}

/// The elements of a chunk, of so many bytes each.
pub(crate) fn step(size: usize) -> u64 {
    CHUNK_BYTES / size as u64
}

/// The chunks of tensors of `(elements, elements of a chunk)`, in order.
pub(crate) fn chunks(tensors: impl IntoIterator<Item = (u64, u64)>) -> impl Iterator<Item = Chunk> {
    tensors.into_iter().enumerate().flat_map(|(tensor, (elements, step))| {
        (0..elements.div_ceil(step)).map(move |i| Chunk { tensor, elements: i * step..((i + 1) * step).min(elements) })
    })
}
