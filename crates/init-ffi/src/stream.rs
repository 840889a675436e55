//! Streams, by value.

use std::{
    ffi::{CStr, c_char},
    slice,
};

use crate::{error::Failure, status::Status};

/// A stream: a 128-bit key from which every value of a tensor follows by its index alone.
///
/// It is a number, not a generator: it has no position, `=` copies it, and using it does not change
/// it. There is nothing to free. A model has the stream of its seed; a parameter has the child with
/// its name.
///
/// `{0, 0}` is not a valid stream: functions that are given it return
/// `FANIN_STATUS_INVALID_STREAM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Stream {
    /// The first word of the key.
    pub k0: u64,
    /// The second word.
    pub k1: u64,
}

impl Stream {
    const INVALID: Self = Self { k0: 0, k1: 0 };

    fn from_kernels(stream: init_kernels::Stream) -> Self {
        let (k0, k1) = stream.key();
        Self { k0, k1 }
    }

    #[inline(always)]
    pub(crate) fn checked(self) -> Result<init_kernels::Stream, Failure> {
        if self == Self::INVALID {
            return Err(Self::invalid());
        }
        Ok(init_kernels::Stream::from_key(self.k0, self.k1))
    }

    #[cold]
    fn invalid() -> Failure {
        let message = "the stream is {0, 0}, which is invalid; create one with fanin_stream_new(seed), and give \
                       fanin_stream_child a name that is UTF-8 and not NULL";
        Failure::new(Status::InvalidStream, message)
    }

    fn child(self, name: Option<&[u8]>) -> Self {
        let name = name.and_then(|name| str::from_utf8(name).ok());
        match (self.checked(), name) {
            (Ok(parent), Some(name)) => Self::from_kernels(parent.child(name)),
            _ => Self::INVALID,
        }
    }
}

/// Returns the stream of a seed. Seeds that differ in one bit give unrelated streams.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_stream_new(seed: u64) -> Stream {
    Stream::from_kernels(init_kernels::Stream::new(seed))
}

/// Returns the child with this name: for a model's parameter its full name, such as
/// `h.0.attn.c_attn.weight`.
///
/// `name` is UTF-8 and ends with a NUL. If it is NULL or not UTF-8, or if `parent` is invalid, the
/// child is invalid, and functions that are given it say so. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_stream_child(parent: Stream, name: *const c_char) -> Stream {
    // SAFETY: if it is not NULL, the caller guarantees that it ends with a NUL.
    parent.child((!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_bytes()))
}

/// Returns the same child as `fanin_stream_child`, for a name of `length` bytes without a NUL. NULL
/// is the empty name if `length` is 0.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_stream_child_n(parent: Stream, name: *const c_char, length: usize) -> Stream {
    let bytes = match (length, name.is_null()) {
        (0, _) => Some(&[][..]),
        (_, true) => None,
        (length, false) if isize::try_from(length).is_err() => None,
        // SAFETY: not NULL, and the caller guarantees that `length` bytes can be read.
        (length, false) => Some(unsafe { slice::from_raw_parts(name.cast::<u8>(), length) }),
    };
    parent.child(bytes)
}

/// Returns the child with this index. It differs from every named child.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_stream_child_index(parent: Stream, index: u64) -> Stream {
    parent.checked().map_or(Stream::INVALID, |parent| Stream::from_kernels(parent.child_index(index)))
}
