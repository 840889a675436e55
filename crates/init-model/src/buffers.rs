//! One thread's memory, and chunks shared out to threads.

use std::sync::{Mutex, PoisonError};

use half::{bf16, f16};
use init_core::DType;
use init_kernels::{Element, FillError, Filler};
use rayon::prelude::*;

use crate::{
    chunk::Chunk,
    files::{Files, ReadError},
    header::Tensor,
    plan::Plan,
};

/// What a plan gives, as a file has it; the memory is reused from chunk to chunk.
#[derive(Default)]
pub(crate) struct Generated {
    f32: Vec<f32>,
    f64: Vec<f64>,
    bf16: Vec<bf16>,
    f16: Vec<f16>,
}

impl Generated {
    /// The bytes of a chunk of the plan's entries, in the type of its entry.
    pub(crate) fn bytes(&mut self, plan: &Plan, chunk: &Chunk) -> Result<&[u8], FillError> {
        match plan.entries()[chunk.tensor].dtype {
            DType::F32 => fill(&mut self.f32, plan, chunk),
            DType::F64 => fill(&mut self.f64, plan, chunk),
            DType::Bf16 => fill(&mut self.bf16, plan, chunk),
            DType::F16 => fill(&mut self.f16, plan, chunk),
        }
    }
}

fn fill<'a, T: Element + bytemuck::Pod>(
    buffer: &'a mut Vec<T>,
    plan: &Plan,
    chunk: &Chunk,
) -> Result<&'a [u8], FillError> {
    let entry = &plan.entries()[chunk.tensor];
    if buffer.len() < chunk.len() {
        buffer.resize(chunk.len(), T::zeroed());
    }
    let values = &mut buffer[..chunk.len()];
    // Threads that have no chunk of their own left help with a tensor that is made at once.
    plan.fill_at(values, chunk.elements.start, entry, Filler::new().parallel(entry.is_whole()))?;
    if cfg!(target_endian = "big") {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(values);
        bytes.chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
    Ok(bytemuck::cast_slice(values))
}

/// What a file has; the memory is reused from chunk to chunk.
#[derive(Default)]
pub(crate) struct Stored {
    bytes: Vec<u8>,
    values: Vec<f64>,
}

impl Stored {
    /// So many bytes of a tensor, from one of them on.
    pub(crate) fn bytes(
        &mut self,
        files: &Files,
        tensor: &Tensor,
        from: u64,
        count: usize,
    ) -> Result<&[u8], ReadError> {
        self.bytes.resize(count, 0);
        files.read_at(tensor, from, &mut self.bytes)?;
        Ok(&self.bytes)
    }

    /// The values of a chunk of a tensor of this dtype, and their bytes.
    pub(crate) fn values(
        &mut self,
        files: &Files,
        tensor: &Tensor,
        dtype: DType,
        chunk: &Chunk,
    ) -> Result<(&[f64], &[u8]), ReadError> {
        let size = dtype.size();
        self.bytes(files, tensor, chunk.elements.start * size as u64, chunk.len() * size)?;
        decode(dtype, &self.bytes, &mut self.values);
        Ok((&self.values, &self.bytes))
    }
}

/// The values of little-endian bytes.
pub(crate) fn decode(dtype: DType, bytes: &[u8], values: &mut Vec<f64>) {
    values.clear();
    match dtype {
        DType::F32 => values.extend(words(bytes).map(|word| f64::from(f32::from_le_bytes(word)))),
        DType::F64 => values.extend(words(bytes).map(f64::from_le_bytes)),
        DType::Bf16 => values.extend(words(bytes).map(|word| bf16::from_le_bytes(word).to_f64())),
        DType::F16 => values.extend(words(bytes).map(|word| f16::from_le_bytes(word).to_f64())),
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// Works on chunks, each on any thread and in that thread's own space, and hands the results over in the order of the chunks.
///
/// Some dozens of results a thread are in memory at a time, whatever the number of chunks. What `take` sees does not depend on
/// the number of threads. An error ends it.
pub(crate) fn in_order<S: Default + Send, R: Send, E: Send>(
    mut chunks: impl Iterator<Item = Chunk>,
    work: impl Fn(&mut S, &Chunk) -> Result<R, E> + Sync,
    mut take: impl FnMut(&Chunk, R),
) -> Result<(), E> {
    let at_once = 64 * rayon::current_num_threads();
    // No more spaces than threads: each task borrows one that is idle.
    let idle: Mutex<Vec<S>> = Mutex::new(Vec::new());
    let locked = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let batch: Vec<Chunk> = chunks.by_ref().take(at_once).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let results = batch.par_iter().with_max_len(1).map(|chunk| {
            let mut space = locked().pop().unwrap_or_default();
            let result = work(&mut space, chunk);
            locked().push(space);
            result
        });
        let results: Vec<R> = results.collect::<Result<_, E>>()?;
        for (chunk, result) in batch.iter().zip(results) {
            take(chunk, result);
        }
    }
}
