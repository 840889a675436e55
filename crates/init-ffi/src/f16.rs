//! `f32.rs` with another type, written and checked by `tests/generated.rs`.

use init_core::Layout;

use crate::choice::{self, LayoutArg, ModeArg, NonlinearityArg};
use crate::distribution::Distribution;
use crate::fill::{self, Place};
use crate::guard::guard;
use crate::init::Recipe;
use crate::initializer::{
    Initializer, fanin_kaiming_normal, fanin_kaiming_uniform, fanin_lecun_normal, fanin_lecun_uniform,
    fanin_orthogonal, fanin_xavier_normal, fanin_xavier_uniform,
};
use crate::options::Checked;
use crate::status::StatusArg;
use crate::stream::Stream;

type Value = half::f16;

/// Fills `len` elements with the whole of a tensor, or with its first elements.
///
/// Element i is a function of the stream, the distribution and i alone: every prefix of a fill is the shorter fill. `dst` is written, never
/// read; NULL is fine if `len` is 0. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_f16(dst: *mut u16, len: usize, dist: Distribution, stream: Stream) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { fanin_fill_at_f16(dst, len, 0, dist, stream) }
}

/// Fills `len` elements with those of a tensor from flat index `offset` on: the same that `fanin_fill_f16` puts there.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_at_f16(
    dst: *mut u16,
    len: usize,
    offset: u64,
    dist: Distribution,
    stream: Stream,
) -> StatusArg {
    let dst = dst.cast::<Value>();
    // SAFETY: `dst` is the caller's, as the conventions ask.
    unsafe { guard(std::ptr::null_mut(), || fill::range(dst, len, offset, dist, stream, Checked::default())) }
}

/// Fills `len` elements with a shard of a tensor, in row-major order: the same elements that `fanin_fill_f16` puts there.
///
/// The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, of `ndim` dimensions each, and exactly `len`
/// elements. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_shard_f16(
    dst: *mut u16,
    len: usize,
    global: *const usize,
    offsets: *const usize,
    local: *const usize,
    ndim: usize,
    dist: Distribution,
    stream: Stream,
) -> StatusArg {
    let (dst, place) = (dst.cast::<Value>(), Place { global, offsets, local, ndim });
    // SAFETY: the pointers are the caller's, as the conventions ask.
    unsafe { guard(std::ptr::null_mut(), || fill::shard(dst, len, place, dist, stream, Checked::default())) }
}

/// Initialises a tensor of this shape, row-major, in this layout.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_init_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    layout: LayoutArg,
    initializer: Initializer,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the pointers are the caller's, as the conventions ask.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let recipe = Recipe::new(shape, ndim, &choice::layout(layout)?, &initializer.to_core()?, stream)?;
            recipe.whole(dst.cast::<Value>(), Checked::default())
        })
    }
}

/// A shape in PyTorch's order, which the functions below take.
///
/// # Safety
/// As for `fanin_init_f16`.
unsafe fn torch(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    initializer: Initializer,
    stream: Stream,
) -> StatusArg {
    // SAFETY: as for this function.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let recipe = Recipe::new(shape, ndim, &Layout::Torch, &initializer.to_core()?, stream)?;
            recipe.whole(dst.cast::<Value>(), Checked::default())
        })
    }
}

/// Initialises a weight (out, in, *kernel) evenly over ±gain · √(6 / (fan_in + fan_out)).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_xavier_uniform_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    gain: f64,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_xavier_uniform(gain), stream) }
}

/// Initialises a weight (out, in, *kernel) by the normal law of std gain · √(2 / (fan_in + fan_out)).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_xavier_normal_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    gain: f64,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_xavier_normal(gain), stream) }
}

/// Initialises a weight (out, in, *kernel) evenly over ±√3 · gain(nonlinearity, a) / √fan.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_kaiming_uniform_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    a: f64,
    mode: ModeArg,
    nonlinearity: NonlinearityArg,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_kaiming_uniform(a, mode, nonlinearity), stream) }
}

/// Initialises a weight (out, in, *kernel) by the normal law of std gain(nonlinearity, a) / √fan.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_kaiming_normal_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    a: f64,
    mode: ModeArg,
    nonlinearity: NonlinearityArg,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_kaiming_normal(a, mode, nonlinearity), stream) }
}

/// Initialises a weight (out, in, *kernel) evenly over ±√(3 / fan_in).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_lecun_uniform_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_lecun_uniform(), stream) }
}

/// Initialises a weight (out, in, *kernel) by the normal law of std √(1 / fan_in).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_lecun_normal_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_lecun_normal(), stream) }
}

/// Initialises a weight (out, in, *kernel) as `gain` times a random matrix with orthonormal rows or columns.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_orthogonal_f16(
    dst: *mut u16,
    shape: *const usize,
    ndim: usize,
    gain: f64,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_orthogonal(gain), stream) }
}
