//! Checksums of values that are generated in any order.

use std::sync::{Mutex, PoisonError};

use crc32fast::Hasher;

use super::chunk::{Chunk, step_of};
use crate::plan::plan::Plan;

/// The checksums (CRC-32) of entries, combined from those of chunks that arrive in any order.
pub(super) struct Checksums<'a> {
    plan: &'a Plan,
    /// The checksums of the chunks of each entry.
    chunks: Mutex<Vec<Vec<u32>>>,
}

impl<'a> Checksums<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let chunks = plan.entries().iter().map(|entry| {
            let count = entry.shape.numel().div_ceil(step_of(entry));
            vec![0; count as usize]
        });
        Self { plan, chunks: Mutex::new(chunks.collect()) }
    }

    pub(super) fn add(&self, chunk: &Chunk, bytes: &[u8]) {
        let sum = crc32fast::hash(bytes);
        let index = chunk.elements.start / step_of(&self.plan.entries()[chunk.tensor]);
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)[chunk.tensor][index as usize] = sum;
    }

    /// Returns the checksum of each entry: of the bytes of `heads` before its values, and of the
    /// values.
    pub(super) fn finish(self, heads: &[&[u8]]) -> Vec<u32> {
        let chunks = self.chunks.into_inner().unwrap_or_else(PoisonError::into_inner);
        let members = self.plan.entries().iter().zip(chunks).zip(heads);
        let sums = members.map(|((entry, chunks), head)| {
            let mut sum = Hasher::new();
            sum.update(head);
            let (step, mut rest) = (step_of(entry) * entry.dtype.size() as u64, entry.bytes());
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
