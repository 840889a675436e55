//! Fills from a distribution: a dtype and a `void *`. The typed functions are in the files of their types.

use std::ffi::c_void;

use init_core::DType;
use init_kernels::{Element, Shard};

use crate::choice::{self, DtypeArg, by_dtype};
use crate::distribution::Distribution;
use crate::error::{Error, Failure};
use crate::guard::guard;
use crate::memory::{destination, numbers};
use crate::options::{self, Checked, Options};
use crate::status::StatusArg;
use crate::stream::Stream;

/// Fills `dst` with elements `offset` to `offset + len` of a tensor.
///
/// # Safety
/// As for [`destination`].
pub(crate) unsafe fn range<T: Element>(
    dst: *mut T,
    len: usize,
    offset: u64,
    distribution: Distribution,
    stream: Stream,
    options: Checked,
) -> Result<(), Failure> {
    // SAFETY: as for this function.
    let dst = unsafe { destination(dst, len)? };
    let (law, stream) = (distribution.to_core()?, stream.checked()?);
    options.run(size_of_val(dst), false, |filler| filler.fill_at_uninit(dst, offset, &law, stream).map(drop))??;
    Ok(())
}

/// The caller's shard: a place in a tensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) global: *const usize,
    pub(crate) offsets: *const usize,
    pub(crate) local: *const usize,
    pub(crate) ndim: usize,
}

impl Place {
    /// # Safety
    /// Each pointer is as for [`numbers`].
    pub(crate) unsafe fn shard(self) -> Result<Shard, Failure> {
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
/// As for [`destination`] and [`Place::shard`].
pub(crate) unsafe fn shard<T: Element>(
    dst: *mut T,
    len: usize,
    place: Place,
    distribution: Distribution,
    stream: Stream,
    options: Checked,
) -> Result<(), Failure> {
    // SAFETY: as for this function.
    let (dst, shard) = unsafe { (destination(dst, len)?, place.shard()?) };
    let (law, stream) = (distribution.to_core()?, stream.checked()?);
    options.run(size_of_val(dst), false, |filler| filler.fill_shard_uninit(dst, &shard, &law, stream).map(drop))??;
    Ok(())
}

/// Fills `len` elements of `dtype` with the whole of a tensor, or with its first elements.
///
/// Element i is a function of the stream, the distribution and i alone: every prefix of a fill is the shorter fill. `dst` is written, never
/// read, and aligned to the dtype's size. `options` and `error` may be NULL. Thread-safe.
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

/// As `fanin_fill`, with the elements of the tensor from flat index `offset` on: the same that `fanin_fill` puts there.
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
    // SAFETY: the pointers are the caller's, as the conventions ask.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            by_dtype!(dtype, T => range::<T>(dst.cast(), len, offset, distribution, stream, options))
        })
    }
}

/// As `fanin_fill`, with a shard of a tensor, in row-major order: the same elements that `fanin_fill` puts there.
///
/// The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, of `ndim` dimensions each, and exactly `len`
/// elements. Thread-safe.
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
    let place = Place { global, offsets, local, ndim };
    // SAFETY: the pointers are the caller's, as the conventions ask.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            by_dtype!(dtype, T => shard::<T>(dst.cast(), len, place, distribution, stream, options))
        })
    }
}
