//! Initialisation by shape and layout, structured initializers included.

use std::ffi::{c_char, c_void};

use init_core::{DType, Initializer, Layout, Resolved, Shape};
use init_kernels::Element;

use crate::choice::{self, DtypeArg, LayoutArg, by_dtype};
use crate::error::{Error, Failure};
use crate::fill::Place;
use crate::guard::guard;
use crate::memory::{destination, numbers, text};
use crate::options::{self, Checked, Options};
use crate::status::StatusArg;
use crate::stream::Stream;

/// What goes into a tensor: an initializer, resolved, and a stream.
#[derive(Debug)]
pub(crate) struct Recipe {
    len: usize,
    resolved: Resolved,
    stream: init_kernels::Stream,
}

impl Recipe {
    /// # Safety
    /// `shape` is as for [`numbers`].
    // Inlined, what it returns is made in its place, not moved there.
    #[inline(always)]
    pub(crate) unsafe fn new(
        shape: *const usize,
        ndim: usize,
        layout: &Layout,
        initializer: &Initializer,
        stream: Stream,
    ) -> Result<Self, Failure> {
        // SAFETY: as for this function.
        let shape = Shape::new(unsafe { numbers("shape", shape, ndim)? })?;
        let resolved = initializer.resolve(&shape, layout)?;
        // A shape counts no more elements than a usize does.
        Ok(Self { len: shape.numel() as usize, resolved, stream: stream.checked()? })
    }

    /// # Safety
    /// As for [`destination`], for as many elements as the shape has.
    #[inline(always)]
    pub(crate) unsafe fn whole<T: Element>(&self, dst: *mut T, options: Checked) -> Result<(), Failure> {
        // SAFETY: as for this function.
        let dst = unsafe { destination(dst, self.len)? };
        options.run(size_of_val(dst), self.is_costly(), |filler| {
            filler.fill_at_uninit(dst, 0, &self.resolved, self.stream).map(drop)
        })??;
        Ok(())
    }

    /// # Safety
    /// As for [`destination`] and [`Place::shard`].
    unsafe fn part<T: Element>(&self, dst: *mut T, len: usize, place: Place, options: Checked) -> Result<(), Failure> {
        // SAFETY: as for this function.
        let (dst, shard) = unsafe { (destination(dst, len)?, place.shard()?) };
        options.run(size_of_val(dst), self.is_costly(), |filler| {
            filler.fill_shard_uninit(dst, &shard, &self.resolved, self.stream).map(drop)
        })??;
        Ok(())
    }

    fn is_costly(&self) -> bool {
        self.resolved.structured().is_some()
    }
}

/// Initialises a tensor: the one call that most need.
///
/// `dst` has room for as many elements of `dtype` as `shape` has, row-major. `initializer` is a text such as `xavier_uniform`,
/// `kaiming_normal(mode=fan_out)` or `orthogonal(gain=relu)`; all of them, with parameters and defaults, are in docs/initializers.md. `error`
/// may be NULL. Thread-safe.
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
    // SAFETY: the pointers are the caller's, as the conventions ask.
    unsafe {
        guard(error, || {
            let (dtype, layout) = (choice::dtype(dtype)?, choice::layout(layout)?);
            let initializer = text("initializer", initializer)?.parse()?;
            let recipe = Recipe::new(shape, ndim, &layout, &initializer, stream)?;
            by_dtype!(dtype, T => recipe.whole::<T>(dst.cast(), Checked::default()))
        })
    }
}

/// As `fanin_init`, with a layout as text, such as `conv(torch, groups=8)` or `axes(in=[-2], out=[-1], batch=[0])`, and with options.
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
    // SAFETY: the pointers are the caller's, as the conventions ask.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            let layout = text("layout", layout)?.parse()?;
            let initializer = text("initializer", initializer)?.parse()?;
            let recipe = Recipe::new(shape, ndim, &layout, &initializer, stream)?;
            by_dtype!(dtype, T => recipe.whole::<T>(dst.cast(), options))
        })
    }
}

/// As `fanin_init_with`, for a shard of the tensor: the same elements that the whole has there.
///
/// The tensor has the shape `global`, by which the initializer is scaled; the shard begins at `offsets` and has the shape `local`, of `ndim`
/// dimensions each, and exactly `len` elements. Thread-safe.
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
    let place = Place { global, offsets, local, ndim };
    // SAFETY: the pointers are the caller's, as the conventions ask.
    unsafe {
        guard(error, || {
            let (dtype, options) = (choice::dtype(dtype)?, options::checked(options)?);
            let layout = text("layout", layout)?.parse()?;
            let initializer = text("initializer", initializer)?.parse()?;
            let recipe = Recipe::new(global, ndim, &layout, &initializer, stream)?;
            by_dtype!(dtype, T => recipe.part::<T>(dst.cast(), len, place, options))
        })
    }
}
