//! Initialisation by shape and layout, structured initializers included.

use std::ffi::{c_char, c_void};

use init_core::{DType, Initializer, Layout, Resolved, Shape};
use init_kernels::{Element, Filler};

use crate::{
    choice::{self, DtypeArg, LayoutArg, by_dtype},
    error::{Error, Failure},
    fill::RawShard,
    guard::guard,
    memory::{destination, numbers, text},
    options::{self, Options},
    status::StatusArg,
    stream::Stream,
};

/// A resolved initializer and a stream: all that the values of a tensor depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contents<'a> {
    len: usize,
    resolved: &'a Resolved,
    stream: init_kernels::Stream,
}

impl Contents<'_> {
    /// Calls `fill` with the contents of a tensor.
    ///
    /// Results are used where they were written: moving one in wider words than it was written in
    /// waits for the stores.
    ///
    /// # Safety
    ///
    /// `shape` is as for [`numbers`].
    #[inline(always)]
    pub(crate) unsafe fn with(
        shape: *const usize,
        ndim: usize,
        layout: &Layout,
        initializer: &Initializer,
        stream: Stream,
        fill: impl FnOnce(&Contents<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        // SAFETY: as for this function.
        let shape = Shape::new(unsafe { numbers("shape", shape, ndim)? });
        let shape = match &shape {
            Ok(shape) => shape,
            Err(_) => return Ok(shape.map(drop)?),
        };
        let resolved = initializer.resolve(shape, layout);
        match &resolved {
            // A shape never has more elements than a usize can count.
            Ok(resolved) => fill(&Contents { len: shape.numel() as usize, resolved, stream: stream.checked()? }),
            Err(_) => Ok(resolved.map(drop)?),
        }
    }

    /// # Safety
    ///
    /// As for [`destination`], for as many elements as the shape has.
    #[inline(always)]
    pub(crate) unsafe fn whole<T: Element>(&self, dst: *mut T, options: Filler) -> Result<(), Failure> {
        // SAFETY: as for this function.
        let dst = unsafe { destination(dst, self.len)? };
        options.fill_at_uninit(dst, 0, self.resolved, self.stream)?;
        Ok(())
    }

    /// # Safety
    ///
    /// As for [`destination`] and [`RawShard::checked`].
    unsafe fn shard<T: Element>(
        &self,
        dst: *mut T,
        len: usize,
        shard: RawShard,
        options: Filler,
    ) -> Result<(), Failure> {
        // SAFETY: as for this function.
        let (dst, shard) = unsafe { (destination(dst, len)?, shard.checked()?) };
        options.fill_shard_uninit(dst, &shard, self.resolved, self.stream)?;
        Ok(())
    }
}

/// Calls `run` with the initializer of a text: by reference, as in [`Contents::with`].
///
/// # Safety
///
/// As for [`text`].
#[inline(always)]
unsafe fn with_parsed(
    initializer: *const c_char,
    run: impl FnOnce(&Initializer) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // SAFETY: as for this function.
    let parsed = unsafe { text("initializer", initializer)? }.parse();
    match &parsed {
        Ok(initializer) => run(initializer),
        Err(_) => Ok(parsed.map(drop)?),
    }
}

/// Initialises a tensor. This is the one call that most programs need.
///
/// `dst` has room for the elements of `shape`, of type `dtype`, in row-major order. `initializer`
/// is a text such as `xavier_uniform`, `kaiming_normal(mode=fan_out)` or `orthogonal(gain=relu)`;
/// docs/initializers.md lists all of them, with parameters and defaults. A column-major array takes
/// its sizes reversed and another layout: see CONVENTIONS.md. `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_init(
    dst: *mut c_void,
    dtype: DtypeArg,
    shape: *const usize,
    ndim: usize,
    layout: LayoutArg,
    initializer: *const c_char,
    stream: Stream,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, layout) = (choice::dtype(dtype)?, choice::layout(layout)?);
            with_parsed(initializer, |initializer| {
                Contents::with(
                    shape,
                    ndim,
                    &layout,
                    initializer,
                    stream,
                    |contents| by_dtype!(dtype, T => contents.whole::<T>(dst.cast(), Filler::new())),
                )
            })
        })
    }
}

/// Like `fanin_init`, with options and with a layout as text, such as `conv(torch, groups=8)` or
/// `axes(in=[-2], out=[-1], batch=[0])`.
///
/// `options` and `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_init_with(
    dst: *mut c_void,
    dtype: DtypeArg,
    shape: *const usize,
    ndim: usize,
    layout: *const c_char,
    initializer: *const c_char,
    stream: Stream,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            let layout = text("layout", layout)?.parse()?;
            with_parsed(initializer, |initializer| {
                Contents::with(
                    shape,
                    ndim,
                    &layout,
                    initializer,
                    stream,
                    |contents| by_dtype!(dtype, T => contents.whole::<T>(dst.cast(), options)),
                )
            })
        })
    }
}

/// Like `fanin_init_with`, for a shard of the tensor: the same values that the whole tensor has
/// there.
///
/// The tensor has the shape `global`, which determines the scale; the shard begins at `offsets` and
/// has the shape `local`, with `ndim` dimensions each and exactly `len` elements. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_init_shard(
    dst: *mut c_void,
    dtype: DtypeArg,
    len: usize,
    global: *const usize,
    offsets: *const usize,
    local: *const usize,
    ndim: usize,
    layout: *const c_char,
    initializer: *const c_char,
    stream: Stream,
    options: *const Options,
    error: *mut Error,
) -> StatusArg {
    let shard = RawShard { global, offsets, local, ndim };
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            let layout = text("layout", layout)?.parse()?;
            with_parsed(initializer, |initializer| {
                Contents::with(
                    global,
                    ndim,
                    &layout,
                    initializer,
                    stream,
                    |contents| by_dtype!(dtype, T => contents.shard::<T>(dst.cast(), len, shard, options)),
                )
            })
        })
    }
}
