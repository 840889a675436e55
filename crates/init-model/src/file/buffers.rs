//! Buffers of one thread, and the distribution of chunks over threads.

use std::sync::{Mutex, PoisonError};

use half::{bf16, f16};
use init_core::DType;
use init_kernels::{Element, FillError, Filler};
use rayon::prelude::*;

use super::{chunk::Chunk, header::Header, read_error::ReadError, tensor::Tensor};
use crate::plan::plan::Plan;

/// Generates the bytes of a plan, as a file stores them. The memory is reused from chunk to chunk.
#[derive(Default)]
pub(crate) struct Generated {
    f32: Vec<f32>,
    f64: Vec<f64>,
    bf16: Vec<bf16>,
    f16: Vec<f16>,
}

impl Generated {
    /// Generates the bytes of a chunk of the plan's entries, in the dtype of its entry.
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
    // Threads without a chunk help with a tensor that is generated in one piece.
    plan.fill_at(values, chunk.elements.start, entry, Filler::new().threads(if entry.is_whole() { 0 } else { 1 }))?;
    if cfg!(target_endian = "big") {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(values);
        bytes.chunks_exact_mut(size_of::<T>()).for_each(<[u8]>::reverse);
    }
    Ok(bytemuck::cast_slice(values))
}

/// Reads the bytes of a file. The memory is reused from chunk to chunk.
#[derive(Default)]
pub(crate) struct Stored {
    bytes: Vec<u8>,
    values: Vec<f64>,
}

impl Stored {
    /// Reads `count` bytes of a tensor, from its byte `from` on.
    pub(crate) fn bytes(
        &mut self,
        header: &Header,
        tensor: &Tensor,
        from: u64,
        count: usize,
    ) -> Result<&[u8], ReadError> {
        self.bytes.resize(count, 0);
        header.read_at(tensor, from, &mut self.bytes)?;
        Ok(&self.bytes)
    }

    /// Reads the values of a chunk of a tensor of this dtype, and their bytes.
    pub(crate) fn values(
        &mut self,
        header: &Header,
        tensor: &Tensor,
        dtype: DType,
        chunk: &Chunk,
    ) -> Result<(&[f64], &[u8]), ReadError> {
        let size = dtype.size();
        self.bytes(header, tensor, chunk.elements.start * size as u64, chunk.len() * size)?;
        decode(dtype, &self.bytes, &mut self.values);
        Ok((&self.values, &self.bytes))
    }
}

/// Decodes little-endian bytes.
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

/// Works on chunks, each on any thread with scratch memory of that thread, and passes the results
/// to `take` in the order of the chunks.
///
/// Some dozens of results per thread are in memory at a time, whatever the number of chunks. What
/// `take` receives does not depend on the number of threads. The first error ends it.
pub(crate) fn in_order<S: Default + Send, R: Send, E: Send>(
    mut chunks: impl Iterator<Item = Chunk>,
    work: impl Fn(&mut S, &Chunk) -> Result<R, E> + Sync,
    mut take: impl FnMut(&Chunk, R),
) -> Result<(), E> {
    let at_once = 64 * rayon::current_num_threads();
    // No more scratch memories than threads: each task borrows a free one.
    let free: Mutex<Vec<S>> = Mutex::new(Vec::new());
    let locked = || free.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let batch: Vec<Chunk> = chunks.by_ref().take(at_once).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let results = batch.par_iter().with_max_len(1).map(|chunk| {
            let mut scratch = locked().pop().unwrap_or_default();
            let result = work(&mut scratch, chunk);
            locked().push(scratch);
            result
        });
        let results: Vec<R> = results.collect::<Result<_, E>>()?;
        for (chunk, result) in batch.iter().zip(results) {
            take(chunk, result);
        }
    }
}
