//! Buffers: memory for large tensors, mapped directly from the system.

use std::{
    fmt, io,
    ops::{Deref, DerefMut},
};

use memmap2::MmapMut;

use crate::element::Element;

/// Size of the pages that a large buffer requests: 2 MiB, on x86-64 and on AArch64 with pages of 4
/// KiB.
const HUGE_PAGE: usize = 2 << 20;

/// A tensor's memory, mapped from the system: zeros whose pages have not been touched.
///
/// A new allocation costs more in page faults than a fill costs in arithmetic, and zeroing by the
/// allocator would add a second pass. This memory is mapped, not written: its pages are faulted in
/// by the fill itself, on all threads that take part (on machines with several memory nodes, near
/// the thread that fills them). From 2 MiB on it begins at a multiple of 2 MiB and, on Linux,
/// requests huge pages, of which 512 times fewer need to be faulted in; smaller buffers begin at a
/// multiple of the page size. The memory is unmapped when the value is dropped.
///
/// ```
/// use init_core::Distribution;
/// use init_kernels::{Buffer, Stream, fill};
///
/// let mut weight = Buffer::<f32>::new(1024 * 1024)?;
/// fill(&mut weight, &Distribution::Normal { mean: 0.0, std: 0.02 }, Stream::new(42).child("weight"))?;
/// assert!(weight.iter().any(|&w| w != 0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Buffer<T: Element> {
    map: MmapMut,
    /// Bytes before the first element.
    start: usize,
    len: usize,
    _elements: std::marker::PhantomData<T>,
}

impl<T: Element> Buffer<T> {
    /// Returns memory for `len` elements, all zero, in constant time.
    ///
    /// # Errors
    ///
    /// Returns [`BufferError`] if the system refuses the memory, or if `len` elements exceed the
    /// address space.
    pub fn new(len: usize) -> Result<Self, BufferError> {
        let failed = |source| BufferError { len, size: size_of::<T>(), source };
        let bytes = len.checked_mul(size_of::<T>()).filter(|&bytes| isize::try_from(bytes).is_ok());
        let bytes = bytes.ok_or_else(|| failed(io::ErrorKind::OutOfMemory.into()))?;
        let is_large = bytes >= HUGE_PAGE;
        let spare = if is_large { HUGE_PAGE } else { 0 };
        let map = MmapMut::map_anon((bytes + spare).max(1)).map_err(failed)?;
        let start = if is_large { map.as_ptr().align_offset(HUGE_PAGE) } else { 0 };
        #[cfg(target_os = "linux")]
        if is_large {
            // Only advice: if it is refused, the pages are small.
            let _ = map.advise_range(memmap2::Advice::HugePage, start, bytes);
        }
        Ok(Self { map, start, len, _elements: std::marker::PhantomData })
    }
}

impl<T: Element> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the map has `len` elements from `start` on, which is the start of a page and so
        // aligned; they are zero bytes or were written as `T`, and zero bytes are a valid value of
        // every element type.
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().add(self.start).cast(), self.len) }
    }
}

impl<T: Element> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `deref`, and the map is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.map.as_mut_ptr().add(self.start).cast(), self.len) }
    }
}

impl<T: Element> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("dtype", &T::DTYPE).field("len", &self.len).finish()
    }
}

/// The system refused the memory of a buffer.
#[derive(Debug, thiserror::Error)]
#[error("no memory for {len} elements of {size} bytes; fill the tensor in shards, or use a narrower dtype")]
pub struct BufferError {
    /// Elements requested.
    pub len: usize,
    /// Bytes per element.
    pub size: usize,
    /// The error of the system.
    pub source: io::Error,
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;

    #[test]
    fn a_buffer_of_every_length_is_zero_and_writable() {
        for len in [0, 1, 1000, HUGE_PAGE / 8 - 1, HUGE_PAGE / 8, HUGE_PAGE / 2 + 3] {
            let mut buffer = Buffer::<f64>::new(len).unwrap();
            assert!(buffer.len() == len && buffer.iter().all(|&x| x == 0.0));
            buffer.fill(1.0);
            assert!(buffer.iter().all(|&x| x == 1.0));
        }
    }

    #[test]
    fn a_large_buffer_begins_on_a_huge_page() {
        let buffer = Buffer::<bf16>::new(HUGE_PAGE).unwrap();
        assert_eq!(buffer.as_ptr().addr() % HUGE_PAGE, 0);
    }

    #[test]
    fn more_memory_than_the_address_space_is_an_error() {
        for len in [usize::MAX, usize::MAX / 4, isize::MAX as usize / 4] {
            let message = Buffer::<f32>::new(len).unwrap_err().to_string();
            assert!(message.contains(&len.to_string()), "{message}");
        }
    }
}
