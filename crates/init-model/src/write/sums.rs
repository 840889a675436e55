use std::sync::{Mutex, PoisonError};

use crc32fast::Hasher;

use crate::{chunk::Chunk, plan::Plan};

/// The checksums of an archive's members, put together from those of chunks that come in any order.
pub(super) struct Sums<'a> {
    plan: &'a Plan,
    /// Of each entry, those of its chunks.
    chunks: Mutex<Vec<Vec<u32>>>,
}

impl<'a> Sums<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let chunks = plan.entries().iter().map(|entry| {
            let count = entry.shape.numel().div_ceil(entry.step());
            vec![0; count as usize]
        });
        Self { plan, chunks: Mutex::new(chunks.collect()) }
    }

    pub(super) fn add(&self, chunk: &Chunk, bytes: &[u8]) {
        let sum = crc32fast::hash(bytes);
        let index = chunk.elements.start / self.plan.entries()[chunk.tensor].step();
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)[chunk.tensor][index as usize] = sum;
    }

    /// The checksum of each entry's values after the bytes that stand before them.
    pub(super) fn of<'b>(self, heads: impl Iterator<Item = &'b [u8]>) -> Vec<u32> {
        let chunks = self.chunks.into_inner().unwrap_or_else(PoisonError::into_inner);
        let members = self.plan.entries().iter().zip(chunks).zip(heads);
        let sums = members.map(|((entry, chunks), head)| {
            let mut sum = Hasher::new();
            sum.update(head);
            let (step, mut rest) = (entry.step() * entry.dtype.size() as u64, entry.bytes());
            for chunk in chunks {
                let length = rest.min(step);
                rest -= length;
                sum.combine(&Hasher::new_with_initial_len(chunk, length));
            }
            sum.finalize()
        });
        sums.collect()
    }
}
