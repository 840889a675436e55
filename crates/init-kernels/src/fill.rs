//! Filling buffers: with a whole tensor, a range of it, or a shard.

use std::mem::MaybeUninit;

#[cfg(feature = "parallel")]
use crate::threads;
use crate::{
    dispatch::Job,
    element::Element,
    error::FillError,
    fillable::{Fillable, Kind},
    index_runs::IndexRuns,
    level::Level,
    shard::Shard,
    stream::Stream,
};

/// Required threads are started for distributions of this many bytes and more, whether the fill
/// takes long enough to be shared or not.
#[cfg(feature = "parallel")]
const REQUIRED_BYTES: usize = 64 << 10;

/// Structured fills are shared from this many bytes on: an element takes 1 to 100 ns.
#[cfg(feature = "parallel")]
const STRUCTURED_BYTES: usize = 16 << 10;

/// Fills a buffer with a whole tensor, or with its first elements.
///
/// The value of element `i` is a function of the stream, of what is filled in and of `i`, so that
/// every prefix of a fill is the shorter fill. With the feature `parallel`, [threads of a
/// pool](crate::threads) share the work of large fills.
///
/// A distribution takes linear time, and a few KiB of scratch memory per thread. Of the [structured
/// fills](init_core::Structured) all but two are linear as well: `sparse` looks at whole columns,
/// and `orthogonal` takes about `4·m·n² − 8/3·n³` operations for m × n or n × m, m ≥ n, in f64 as
/// in f32, and memory for `mn − n²/2` numbers, about 100 columns of m numbers per thread, and the
/// result.
///
/// # Errors
///
/// Returns [`FillError`] if what is to be filled in is invalid, does not fit the type, or has fewer
/// elements than the buffer. Nothing is written then.
///
/// ```
/// use init_core::{Initializer, Layout, Shape};
/// use init_kernels::{Stream, fill};
///
/// // The weight of a linear layer 784 → 256, as PyTorch shapes it.
/// let shape = Shape::new([256, 784])?;
/// let resolved = "xavier_uniform".parse::<Initializer>()?.resolve(&shape, &Layout::Torch)?;
/// let mut weight = vec![0f32; 256 * 784];
/// fill(&mut weight, &resolved, Stream::new(42).child("fc.weight"))?;
/// assert!(weight.iter().all(|w| w.abs() <= 0.0759555));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fill<T: Element>(dst: &mut [T], what: &impl Fillable, stream: Stream) -> Result<(), FillError> {
    Filler::new().fill(dst, what, stream)
}

/// Fills a buffer with the elements of a tensor from flat index `offset` on: the same values that
/// [`fill`] gives them.
///
/// A start inside a block of 4096 costs at most the raw steps of one block. A part of a `sparse` or
/// an `orthogonal` fill costs what the columns (of a wide orthogonal matrix: the rows) that it
/// intersects cost, because a column is computed as a whole; one of any other structured fill takes
/// constant time per element (an STFT kernel first sums its window once, up to 2²⁶ samples).
///
/// # Errors
///
/// Returns the same errors as [`fill`], and an error if `offset` plus the length reaches 2⁶⁴.
pub fn fill_at<T: Element>(dst: &mut [T], offset: u64, what: &impl Fillable, stream: Stream) -> Result<(), FillError> {
    Filler::new().fill_at(dst, offset, what, stream)
}

/// Fills a buffer with a shard of a tensor, in row-major order: the same values that [`fill`] gives
/// its elements.
///
/// # Errors
///
/// Returns the same errors as [`fill`], and an error if the lengths of buffer and shard differ, or
/// if a structured fill has another number of elements than the shard's tensor.
pub fn fill_shard<T: Element>(
    dst: &mut [T],
    shard: &Shard,
    what: &impl Fillable,
    stream: Stream,
) -> Result<(), FillError> {
    Filler::new().fill_shard(dst, shard, what, stream)
}

/// Options of a fill: the level, and how many threads share the work. Neither changes a value.
///
/// ```
/// use init_core::Distribution;
/// use init_kernels::{Filler, Level, Stream};
///
/// let (mut fast, mut slow) = ([0f32; 5000], [0f32; 5000]);
/// let normal = Distribution::Normal { mean: 0.0, std: 1.0 };
/// Filler::new().fill(&mut fast, &normal, Stream::new(1))?;
/// Filler::new().level(Level::Portable).threads(1).fill(&mut slow, &normal, Stream::new(1))?;
/// assert_eq!(fast, slow);
/// # Ok::<(), init_kernels::FillError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Filler {
    level: Option<Level>,
    #[cfg_attr(not(feature = "parallel"), expect(dead_code, reason = "no fill is shared"))]
    threads: usize,
    #[cfg_attr(not(feature = "parallel"), expect(dead_code, reason = "no fill is shared"))]
    required: bool,
}

impl Default for Filler {
    fn default() -> Self {
        Self::new()
    }
}

impl Filler {
    /// Returns the default options: the active level, and the process's number of threads.
    #[must_use]
    pub const fn new() -> Self {
        Self { level: None, threads: 0, required: false }
    }

    /// Forces a level. A fill fails if the machine does not have it.
    #[must_use]
    pub const fn level(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }

    /// Sets the maximum number of threads that share the work, the caller's included: 0 for the
    /// process's number (`threads::count`), 1 for the caller's thread alone. Fills that would take
    /// little time are never shared, and without the feature `parallel` no fill is.
    #[must_use]
    pub const fn threads(self, threads: usize) -> Self {
        Self { threads, required: false, ..self }
    }

    /// Does the same as [`threads`](Self::threads), but a fill that would be shared fails if the
    /// system does not start that many threads.
    #[cfg(feature = "parallel")]
    #[must_use]
    pub const fn require_threads(self, threads: usize) -> Self {
        Self { threads, required: true, ..self }
    }

    /// Starts the threads that [`require_threads`](Self::require_threads) requires, so that a fill
    /// of several parts does not fail in the middle.
    ///
    /// # Errors
    ///
    /// Returns [`FillError::Threads`] if the system does not start them, or if `FANIN_THREADS` is
    /// not a number of threads.
    #[cfg(feature = "parallel")]
    pub fn start(&self) -> Result<(), FillError> {
        threads::check()?;
        if self.required && self.threads > 1 {
            threads::start(self.threads)?;
        }
        Ok(())
    }

    /// Does the same as the function [`fill`].
    ///
    /// # Errors
    ///
    /// Returns the same errors as the function, and [`FillError::Level`].
    pub fn fill<T: Element>(&self, dst: &mut [T], what: &impl Fillable, stream: Stream) -> Result<(), FillError> {
        self.fill_at(dst, 0, what, stream)
    }

    /// Does the same as the function [`fill_at`].
    ///
    /// # Errors
    ///
    /// Returns the same errors as the function, and [`FillError::Level`].
    pub fn fill_at<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<(), FillError> {
        self.fill_at_uninit(uninit(dst), offset, what, stream).map(drop)
    }

    /// Does the same as the function [`fill_shard`].
    ///
    /// # Errors
    ///
    /// Returns the same errors as the function, and [`FillError::Level`].
    pub fn fill_shard<T: Element>(
        &self,
        dst: &mut [T],
        shard: &Shard,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<(), FillError> {
        let (len, expected) = (dst.len(), shard.len());
        if len != expected {
            return Err(FillError::Length { len, expected });
        }
        self.fill_shard_at(dst, shard, 0, what, stream)
    }

    /// Fills a buffer with the elements of a shard from its element `offset` on: a slice of what
    /// [`fill_shard`](Self::fill_shard) writes.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`fill_shard`](Self::fill_shard), except for the length: the buffer
    /// may be shorter than the shard, and must end inside it.
    ///
    /// ```
    /// use init_core::Distribution;
    /// use init_kernels::{Filler, Shard, Stream};
    ///
    /// let (normal, stream) = (Distribution::Normal { mean: 0.0, std: 0.02 }, Stream::new(42));
    /// let shard = Shard::new(&[6, 8], &[2, 4], &[3, 2])?;
    /// let (mut whole, mut slice) = ([0f32; 6], [0f32; 3]);
    /// Filler::new().fill_shard(&mut whole, &shard, &normal, stream)?;
    /// Filler::new().fill_shard_at(&mut slice, &shard, 1, &normal, stream)?;
    /// assert_eq!(slice, whole[1..4]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fill_shard_at<T: Element>(
        &self,
        dst: &mut [T],
        shard: &Shard,
        offset: usize,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<(), FillError> {
        self.fill_shard_at_uninit(uninit(dst), shard, offset, what, stream).map(drop)
    }

    /// Does the same as [`fill_at`](Self::fill_at) for memory that need not be initialised, and
    /// returns it. The memory is written and never read.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`fill_at`](Self::fill_at).
    ///
    /// ```
    /// use init_core::Distribution;
    /// use init_kernels::{Filler, Stream};
    ///
    /// let (filler, ones) = (Filler::new(), Distribution::Constant(1.0));
    /// let mut weights = Vec::<f32>::with_capacity(1000);
    /// let filled = filler.fill_at_uninit(weights.spare_capacity_mut(), 0, &ones, Stream::new(0))?;
    /// assert_eq!(filled[999], 1.0);
    /// # Ok::<(), init_kernels::FillError>(())
    /// ```
    pub fn fill_at_uninit<'a, T: Element>(
        &self,
        dst: &'a mut [MaybeUninit<T>],
        offset: u64,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<&'a mut [T], FillError> {
        let len = dst.len();
        if offset.checked_add(len as u64).is_none() {
            return Err(FillError::Offset { offset, len });
        }
        if let Kind::Structured(structured) = what.kind()
            && offset + len as u64 > structured.len()
        {
            return Err(FillError::Beyond { structured: Box::new(structured.clone()), offset, len });
        }
        self.fill_indices(dst, &IndexRuns::consecutive(offset, len), what.kind(), stream)
    }

    /// Does the same as [`fill_shard`](Self::fill_shard) for memory that need not be initialised,
    /// and returns it. The memory is written and never read.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`fill_shard`](Self::fill_shard).
    pub fn fill_shard_uninit<'a, T: Element>(
        &self,
        dst: &'a mut [MaybeUninit<T>],
        shard: &Shard,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<&'a mut [T], FillError> {
        let (len, expected) = (dst.len(), shard.len());
        if len != expected {
            return Err(FillError::Length { len, expected });
        }
        self.fill_shard_at_uninit(dst, shard, 0, what, stream)
    }

    /// Does the same as [`fill_shard_at`](Self::fill_shard_at) for memory that need not be
    /// initialised, and returns it. The memory is written and never read.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`fill_shard_at`](Self::fill_shard_at).
    pub fn fill_shard_at_uninit<'a, T: Element>(
        &self,
        dst: &'a mut [MaybeUninit<T>],
        shard: &Shard,
        offset: usize,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<&'a mut [T], FillError> {
        let len = dst.len();
        if offset.checked_add(len).is_none_or(|end| end > shard.len()) {
            return Err(FillError::Outside { elements: shard.len() as u64, offset: offset as u64, len });
        }
        if let Kind::Structured(structured) = what.kind()
            && shard.elements() != structured.len()
        {
            return Err(FillError::Tensor { structured: Box::new(structured.clone()), elements: shard.elements() });
        }
        self.fill_indices(dst, &shard.index_runs().slice(offset, len), what.kind(), stream)
    }

    fn fill_indices<'a, T: Element>(
        &self,
        dst: &'a mut [MaybeUninit<T>],
        indices: &IndexRuns,
        what: Kind<'_>,
        stream: Stream,
    ) -> Result<&'a mut [T], FillError> {
        let level = match self.level {
            None => Level::active()?,
            Some(level) => level,
        };
        let threads = self.shared(size_of_val(dst), &what)?;
        let job = Job { token: level.token()?, stream, indices, dst: &mut *dst, threads };
        match what {
            Kind::Distribution(distribution) => T::fill_distribution(job, distribution)?,
            Kind::Structured(structured) => T::fill_structured(job, structured)?,
        }
        // SAFETY: both fills wrote every element: the runs of a distribution cover `dst`, and so do
        // the columns of matrices and whatever else a structured fill begins with.
        Ok(unsafe { dst.assume_init_mut() })
    }
}

impl Filler {
    /// Returns the maximum number of threads for a buffer, and starts those that are required.
    #[cfg(feature = "parallel")]
    fn shared(&self, bytes: usize, what: &Kind<'_>) -> Result<usize, FillError> {
        threads::check()?;
        let smallest = if matches!(what, Kind::Structured(_)) { STRUCTURED_BYTES } else { REQUIRED_BYTES };
        if self.required && self.threads > 1 && bytes >= smallest {
            threads::start(self.threads)?;
        }
        if matches!(what, Kind::Structured(_)) && bytes < STRUCTURED_BYTES {
            return Ok(1);
        }
        Ok(self.threads)
    }

    #[cfg(not(feature = "parallel"))]
    fn shared(&self, _: usize, _: &Kind<'_>) -> Result<usize, FillError> {
        Ok(1)
    }
}

/// Views initialised memory as a fill takes it: the element types need no drop, and a fill leaves
/// no element uninitialised.
fn uninit<T: Element>(dst: &mut [T]) -> &mut [MaybeUninit<T>] {
    let len = dst.len();
    // SAFETY: `MaybeUninit<T>` has the layout of `T`, and the fills only ever write initialised
    // values.
    unsafe { std::slice::from_raw_parts_mut(dst.as_mut_ptr().cast(), len) }
}
