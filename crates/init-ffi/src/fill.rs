//! Fills from a distribution, for a dtype and a `void *`. The functions of an element type are in
//! its own file.

use std::ffi::c_void;

use init_core::DType;
use init_kernels::{Element, Filler, Shard};

use crate::{
    choice::{self, DtypeArg, by_dtype},
    distribution::Distribution,
    error::{Error, Failure},
    guard::guard,
    memory::{destination, numbers},
    options::{self, Options},
    status::StatusArg,
    stream::Stream,
};

/// Fills `dst` with elements `offset` to `offset + len` of a tensor.
///
/// # Safety
///
/// As for [`destination`].
#[inline(always)]
pub(crate) unsafe fn range<T: Element>(
    dst: *mut T,
    len: usize,
    offset: u64,
    distribution: Distribution,
    stream: Stream,
    options: Filler,
) -> Result<(), Failure> {
    // SAFETY: as for this function.
    let dst = unsafe { destination(dst, len)? };
    let stream = stream.checked()?;
    // By reference: see `Contents::with`.
    let distribution = distribution.to_core();
    let distribution = match &distribution {
        Ok(distribution) => distribution,
        Err(_) => return distribution.map(drop),
    };
    options.fill_at_uninit(dst, offset, distribution, stream)?;
    Ok(())
}

/// The caller's shard: pointers to the global shape, the offsets and the local shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawShard {
    pub(crate) global: *const usize,
    pub(crate) offsets: *const usize,
    pub(crate) local: *const usize,
    pub(crate) ndim: usize,
}

impl RawShard {
    /// # Safety
    ///
    /// Each pointer is as for [`numbers`].
    pub(crate) unsafe fn checked(self) -> Result<Shard, Failure> {
        let Self { global, offsets, local, ndim } = self;
        // SAFETY: as for this function.
        let (global, offsets, local) = unsafe {
            (numbers("global", global, ndim)?, numbers("offsets", offsets, ndim)?, numbers("local", local, ndim)?)
        };
        Ok(Shard::new(global, offsets, local)?)
    }
}

/// Fills `dst` with a shard of a tensor.
///
/// # Safety
///
/// As for [`destination`] and [`RawShard::checked`].
pub(crate) unsafe fn shard<T: Element>(
    dst: *mut T,
    len: usize,
    shard: RawShard,
    distribution: Distribution,
    stream: Stream,
    options: Filler,
) -> Result<(), Failure> {
    // SAFETY: as for this function.
    let (dst, shard) = unsafe { (destination(dst, len)?, shard.checked()?) };
    let (distribution, stream) = (distribution.to_core()?, stream.checked()?);
    options.fill_shard_uninit(dst, &shard, &distribution, stream)?;
    Ok(())
}

/// Fills `len` elements of `dtype` with a whole tensor, or with its first elements.
///
/// Element i depends only on the stream, the distribution and i: a shorter fill is a prefix of a
/// longer one. `dst` is written, never read, and aligned to the dtype's size. `options` and `error`
/// may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill(
    dst: *mut c_void,
    dtype: DtypeArg,
    len: usize,
    distribution: Distribution,
    stream: Stream,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { fanin_fill_at(dst, dtype, len, 0, distribution, stream, options, error) }
}

/// Like `fanin_fill`, for the elements of the tensor from flat index `offset` on: the same values
/// that `fanin_fill` writes there.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_at(
    dst: *mut c_void,
    dtype: DtypeArg,
    len: usize,
    offset: u64,
    distribution: Distribution,
    stream: Stream,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            by_dtype!(dtype, T => range::<T>(dst.cast(), len, offset, distribution, stream, options))
        })
    }
}

/// Like `fanin_fill`, for a shard of a tensor, in row-major order: the same values that
/// `fanin_fill` writes there.
///
/// The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, with
/// `ndim` dimensions each and exactly `len` elements. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_shard(
    dst: *mut c_void,
    dtype: DtypeArg,
    len: usize,
    global: *const usize,
    offsets: *const usize,
    local: *const usize,
    ndim: usize,
    distribution: Distribution,
    stream: Stream,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    let raw = RawShard { global, offsets, local, ndim };
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            by_dtype!(dtype, T => shard::<T>(dst.cast(), len, raw, distribution, stream, options))
        })
    }
}
