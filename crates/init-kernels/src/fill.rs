//! Filling buffers: the whole of a tensor, a range of it, or a shard.

use std::mem::MaybeUninit;

use crate::element::{Element, sealed};
use crate::error::FillError;
use crate::fillable::{Fillable, Kind};
use crate::float_env::FloatEnv;
use crate::law::Law;
use crate::level::Token;
use crate::run::{Route, Run};
use crate::shard::{Places, Shard};
use crate::simd::Simd;
use crate::structured::Part;
use crate::{Level, LevelError, Stream};

/// Below this many bytes the caller's thread does the work, and above it no task is smaller: 20 µs or so, many times the
/// cost of handing a task out.
const TASK_BYTES: usize = 64 * 1024;

/// From this many bytes on a fill goes past the caches, which would have to read each line before it is overwritten: twice
/// the speed at 64 MiB and above. Below, what was written is still in the caches when it is used. Measured on Sapphire
/// Rapids, uniform f32 on one core, past the caches and not: 21.5 and 23.8 GB/s at 4 MiB, 20.2 and 17.8 at 16, 16.9 and
/// 9.7 at 64.
const PAST_CACHE_BYTES: usize = 16 << 20;

/// Fills a buffer with the whole of a tensor, or with its first elements.
///
/// The value of element `i` is a function of the stream, of what is filled in and of `i` alone, so that every prefix of a fill is
/// the shorter fill. Work is shared among the threads of rayon's current pool.
///
/// A distribution takes linear time, and a few KiB of working memory a thread. Of the
/// [structured fills](init_core::Structured) all but two are linear as well: `sparse` looks at whole columns, and `orthogonal`
/// takes about `4·m·n² − 8/3·n³` operations for m × n or n × m, m ≥ n, in f64 as in f32, and memory for `mn − n²/2` numbers,
/// about 100 columns of m numbers a thread, and the result.
///
/// # Errors
/// [`FillError`], if what is to be filled in is invalid, does not fit the type, or has fewer elements than the buffer. Nothing is
/// written then.
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

/// Fills a buffer with the elements of a tensor from flat index `offset` on: the same that [`fill`] puts there.
///
/// Beginning inside a block of 4096 costs at most the raw steps of one block.
///
/// A part of an `orthogonal` fill costs what the columns (of a wide matrix: the rows) that it meets cost, not what its elements do: a
/// column is made as a whole.
///
/// # Errors
/// As for [`fill`], and if `offset` plus the length reaches 2⁶⁴.
pub fn fill_at<T: Element>(dst: &mut [T], offset: u64, what: &impl Fillable, stream: Stream) -> Result<(), FillError> {
    Filler::new().fill_at(dst, offset, what, stream)
}

/// Fills a buffer with a shard of a tensor, in row-major order: the same elements that [`fill`] puts there.
///
/// # Errors
/// As for [`fill`], if the buffer is not exactly as long as the shard, and if a structured fill has another number of elements than
/// the shard's tensor.
pub fn fill_shard<T: Element>(
    dst: &mut [T],
    shard: &Shard,
    what: &impl Fillable,
    stream: Stream,
) -> Result<(), FillError> {
    Filler::new().fill_shard(dst, shard, what, stream)
}

/// How to fill: at which level, on how many threads. Neither changes a value.
///
/// ```
/// use init_core::Distribution;
/// use init_kernels::{Filler, Level, Stream};
///
/// let (mut fast, mut slow) = ([0f32; 5000], [0f32; 5000]);
/// let normal = Distribution::Normal { mean: 0.0, std: 1.0 };
/// Filler::new().fill(&mut fast, &normal, Stream::new(1))?;
/// Filler::new().level(Level::Portable).parallel(false).fill(&mut slow, &normal, Stream::new(1))?;
/// assert_eq!(fast, slow);
/// # Ok::<(), init_kernels::FillError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Filler {
    level: Option<Level>,
    parallel: bool,
}

impl Default for Filler {
    fn default() -> Self {
        Self::new()
    }
}

impl Filler {
    /// The active level, and the threads of rayon's current pool.
    #[must_use]
    pub const fn new() -> Self {
        Self { level: None, parallel: true }
    }

    /// Forces a level. A fill fails if the machine does not have it.
    #[must_use]
    pub const fn level(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }

    /// Whether more threads than the caller's may take part. Small fills never share their work.
    #[must_use]
    pub const fn parallel(self, parallel: bool) -> Self {
        Self { parallel, ..self }
    }

    /// As the function [`fill`].
    ///
    /// # Errors
    /// As for the function, and [`FillError::Level`].
    pub fn fill<T: Element>(&self, dst: &mut [T], what: &impl Fillable, stream: Stream) -> Result<(), FillError> {
        self.fill_at(dst, 0, what, stream)
    }

    /// As the function [`fill_at`].
    ///
    /// # Errors
    /// As for the function, and [`FillError::Level`].
    pub fn fill_at<T: Element>(
        &self,
        dst: &mut [T],
        offset: u64,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<(), FillError> {
        self.fill_at_uninit(uninit(dst), offset, what, stream).map(drop)
    }

    /// As the function [`fill_shard`].
    ///
    /// # Errors
    /// As for the function, and [`FillError::Level`].
    pub fn fill_shard<T: Element>(
        &self,
        dst: &mut [T],
        shard: &Shard,
        what: &impl Fillable,
        stream: Stream,
    ) -> Result<(), FillError> {
        self.fill_shard_uninit(uninit(dst), shard, what, stream).map(drop)
    }

    /// As [`fill_at`], into memory that need not be initialised; returns it, now that it is. It is written, never read.
    ///
    /// # Errors
    /// As for [`Filler::fill_at`].
    ///
    /// ```
    /// use init_core::Distribution;
    /// use init_kernels::{Filler, Stream};
    ///
    /// let mut weights = Vec::<f32>::with_capacity(1000);
    /// let filled = Filler::new().fill_at_uninit(weights.spare_capacity_mut(), 0, &Distribution::Constant(1.0), Stream::new(0))?;
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
        if let Some(Kind::Structured(structured)) = what.kind()
            && offset + len as u64 > structured.len()
        {
            return Err(FillError::Beyond { structured: Box::new(structured.clone()), offset, len });
        }
        self.fill_places(dst, &Places::consecutive(offset, len), what.kind(), stream)
    }

    /// As [`fill_shard`], into memory that need not be initialised; returns it, now that it is. It is written, never read.
    ///
    /// # Errors
    /// As for [`Filler::fill_shard`].
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
        if let Some(Kind::Structured(structured)) = what.kind()
            && shard.elements() != structured.len()
        {
            return Err(FillError::Tensor { structured: Box::new(structured.clone()), elements: shard.elements() });
        }
        self.fill_places(dst, &shard.places(), what.kind(), stream)
    }

    fn fill_places<'a, T: Element>(
        &self,
        dst: &'a mut [MaybeUninit<T>],
        places: &Places,
        what: Option<Kind<'_>>,
        stream: Stream,
    ) -> Result<&'a mut [T], FillError> {
        let level = match self.level {
            None => Level::active()?,
            Some(level) => level.checked()?,
        };
        let Some(token) = level.token() else { return Err(LevelError::Unavailable { level }.into()) };
        match what.ok_or(FillError::Unknown)? {
            Kind::Distribution(distribution) => {
                let law = {
                    let _standard = FloatEnv::standard();
                    law::<T>(distribution)?
                };
                fill_law(token, &law, stream, places, &mut *dst, self.parallel);
            }
            Kind::Structured(structured) => {
                T::fill_structured(
                    structured,
                    Part { token, stream, places, dst: &mut *dst, parallel: self.parallel },
                )?;
            }
        }
        // SAFETY: both fills wrote every element: the runs of a law cover `dst`, and so do the columns of matrices or what else a
        // structured fill begins with.
        Ok(unsafe { dst.assume_init_mut() })
    }
}

/// Initialised memory, as a fill takes it: values of these types need no drop, and a fill leaves none uninitialised.
pub(crate) fn uninit<T: Element>(dst: &mut [T]) -> &mut [MaybeUninit<T>] {
    let len = dst.len();
    // SAFETY: `MaybeUninit<T>` has the layout of `T`, and the fills only ever write initialised values.
    unsafe { std::slice::from_raw_parts_mut(dst.as_mut_ptr().cast(), len) }
}

/// Fills a buffer that is not empty by a law.
pub(crate) fn fill_law<T: Element>(
    token: Token,
    law: &T::Law,
    stream: Stream,
    places: &Places,
    dst: &mut [MaybeUninit<T>],
    parallel: bool,
) {
    let route = if size_of_val(dst) < PAST_CACHE_BYTES { Route::Cached } else { Route::PastCache };
    T::fill_law(Task { token, law, stream, places, route, index: 0, dst }, parallel);
}

// Not inlined: see `FloatEnv`.
#[inline(never)]
pub(crate) fn law<T: Element>(
    distribution: &init_core::Distribution,
) -> Result<<T as sealed::Element>::Law, FillError> {
    <T as sealed::Element>::Law::new(distribution)
}

/// A part of a buffer to fill, and all that its values depend on.
#[derive(Debug)]
pub(crate) struct Task<'a, T: sealed::Element> {
    token: Token,
    law: &'a T::Law,
    stream: Stream,
    places: &'a Places,
    route: Route,
    /// Index of `dst` in the buffer.
    index: usize,
    dst: &'a mut [MaybeUninit<T>],
}

impl<T: sealed::Element> Task<'_, T> {
    pub(crate) fn run(self, parallel: bool) {
        if !parallel || size_of_val(self.dst) < 2 * TASK_BYTES {
            self.run_here();
        } else {
            let (left, right) = self.split();
            rayon::join(|| left.run(true), || right.run(true));
        }
    }

    /// Two halves, at the start of a block where that is not far: whole blocks need no group made apart.
    fn split(self) -> (Self, Self) {
        let middle = self.dst.len() / 2;
        let (place, _) = self.places.of(self.index + middle);
        let inside = (place % crate::lanes::BLOCK as u64) as usize;
        let (left, right) = self.dst.split_at_mut(middle - inside.min(middle / 2));
        let index = self.index + left.len();
        (Task { dst: left, ..self }, Task { dst: right, index, ..self })
    }

    fn run_here(self) {
        let _standard = FloatEnv::standard();
        match self.token {
            Token::Portable(simd) => self.run_at(simd),
            #[cfg(target_arch = "x86_64")]
            Token::Avx2(simd) => self.run_at(simd),
            #[cfg(target_arch = "x86_64")]
            Token::Avx512(simd) => self.run_at(simd),
        }
    }

    fn run_at<S: Simd>(self, simd: S) {
        let Self { law, stream, places, mut index, dst, route, .. } = self;
        let mut rest = dst;
        simd.vectorize(
            #[inline(always)]
            move || {
                let runs = std::iter::from_fn(move || {
                    if rest.is_empty() {
                        return None;
                    }
                    let (offset, len) = places.of(index);
                    let count = len.min(rest.len());
                    let (dst, after) = std::mem::take(&mut rest).split_at_mut(count);
                    rest = after;
                    index += dst.len();
                    Some(Run { offset, dst })
                });
                law.fill(simd, stream, route, runs);
            },
        );
    }
}
