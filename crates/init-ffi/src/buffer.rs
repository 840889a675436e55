//! Memory for large tensors.

use std::{ffi::c_void, ptr};

use half::{bf16, f16};
use init_core::DType;

use crate::{
    choice::{self, DtypeArg},
    error::Error,
    guard::{self, guard},
    memory::{addressable, put},
    status::StatusArg,
};

/// Memory straight from the system, in huge pages where it is large: zeros that have not been
/// touched yet.
///
/// The fill itself touches its pages first, on all threads that take part, which makes a fill of
/// new memory about twice as fast as with `malloc`. Created by `fanin_buffer_new`, freed by
/// `fanin_buffer_free`.
#[derive(Debug)]
pub struct Buffer {
    memory: Memory,
}

#[derive(Debug)]
enum Memory {
    F32(init_kernels::Buffer<f32>),
    F64(init_kernels::Buffer<f64>),
    Bf16(init_kernels::Buffer<bf16>),
    F16(init_kernels::Buffer<f16>),
}

/// Creates a buffer for `len` elements of `dtype`, all zero. Takes constant time, whatever the
/// length.
///
/// `*buffer` is written on success only. Memory of 2 MiB or more begins at a multiple of 2 MiB.
/// More bytes than can be addressed give `FANIN_STATUS_OVERFLOW`, memory that the system refuses
/// `FANIN_STATUS_NO_MEMORY`. `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_buffer_new(
    buffer: *mut *mut Buffer,
    dtype: DtypeArg,
    len: usize,
    error: *mut Error,
) -> StatusArg {
    let body = || {
        let dtype = choice::dtype(dtype)?;
        addressable("buffer", len, dtype.size())?;
        let memory = match dtype {
            DType::F32 => Memory::F32(init_kernels::Buffer::new(len)?),
            DType::F64 => Memory::F64(init_kernels::Buffer::new(len)?),
            DType::Bf16 => Memory::Bf16(init_kernels::Buffer::new(len)?),
            DType::F16 => Memory::F16(init_kernels::Buffer::new(len)?),
        };
        let made = Box::into_raw(Box::new(Buffer { memory }));
        // SAFETY: the caller guarantees that `buffer` is NULL or may be written.
        unsafe { put("buffer", buffer, made) }.inspect_err(|_| {
            // SAFETY: from a box, and not shared with anyone.
            drop(unsafe { Box::from_raw(made) });
        })
    };
    // SAFETY: the caller guarantees that `error` is NULL or may be written.
    unsafe { guard(error, body) }
}

/// Returns a pointer to the first element, aligned for every dtype; NULL for NULL. Valid until the
/// buffer is freed.
///
/// Safe on distinct buffers.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_buffer_data(buffer: *mut Buffer) -> *mut c_void {
    // SAFETY: NULL, or created by `fanin_buffer_new` and not yet freed.
    match unsafe { buffer.as_mut() }.map(|buffer| &mut buffer.memory) {
        None => ptr::null_mut(),
        Some(Memory::F32(memory)) => memory.as_mut_ptr().cast(),
        Some(Memory::F64(memory)) => memory.as_mut_ptr().cast(),
        Some(Memory::Bf16(memory)) => memory.as_mut_ptr().cast(),
        Some(Memory::F16(memory)) => memory.as_mut_ptr().cast(),
    }
}

/// Returns the number of elements of the buffer; 0 for NULL.
///
/// Safe on distinct buffers.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_buffer_len(buffer: *const Buffer) -> usize {
    // SAFETY: NULL, or created by `fanin_buffer_new` and not yet freed.
    match unsafe { buffer.as_ref() }.map(|buffer| &buffer.memory) {
        None => 0,
        Some(Memory::F32(memory)) => memory.len(),
        Some(Memory::F64(memory)) => memory.len(),
        Some(Memory::Bf16(memory)) => memory.len(),
        Some(Memory::F16(memory)) => memory.len(),
    }
}

/// Frees a buffer. NULL is allowed; each buffer is freed once.
///
/// Safe on distinct buffers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_buffer_free(buffer: *mut Buffer) {
    guard::unit(|| {
        if !buffer.is_null() {
            // SAFETY: created by `fanin_buffer_new`, and freed once.
            drop(unsafe { Box::from_raw(buffer) });
        }
    });
}
