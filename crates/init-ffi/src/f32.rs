//! The functions of one element type. `tests/generated.rs` generates `generated/{f64,bf16,f16}.rs`
//! from this file and checks them.

use init_core::Layout;
use init_kernels::Filler;

use crate::{
    choice::{self, LayoutArg, ModeArg, NonlinearityArg},
    distribution::Distribution,
    fill::{self, RawShard},
    guard::guard,
    init::Contents,
    initializer::{
        Initializer, fanin_kaiming_normal, fanin_kaiming_uniform, fanin_lecun_normal, fanin_lecun_uniform,
        fanin_orthogonal, fanin_xavier_normal, fanin_xavier_uniform,
    },
    status::StatusArg,
    stream::Stream,
};

type Value = f32;

/// Fills `len` elements with a whole tensor, or with its first elements.
///
/// Element i depends only on the stream, the distribution and i: a shorter fill is a prefix of a
/// longer one. `dst` is written, never read; it may be NULL if `len` is 0. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_f32(dst: *mut f32, len: usize, dist: Distribution, stream: Stream) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { fanin_fill_at_f32(dst, len, 0, dist, stream) }
}

/// Fills `len` elements with those of a tensor from flat index `offset` on: the same values that
/// `fanin_fill_f32` writes there.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_at_f32(
    dst: *mut f32,
    len: usize,
    offset: u64,
    dist: Distribution,
    stream: Stream,
) -> StatusArg {
    let dst = dst.cast::<Value>();
    // SAFETY: the caller guarantees what the conventions require of `dst`.
    unsafe { guard(std::ptr::null_mut(), || fill::range(dst, len, offset, dist, stream, Filler::new())) }
}

/// Fills `len` elements with a shard of a tensor, in row-major order: the same values that
/// `fanin_fill_f32` writes there.
///
/// The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, with
/// `ndim` dimensions each and exactly `len` elements. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fill_shard_f32(
    dst: *mut f32,
    len: usize,
    global: *const usize,
    offsets: *const usize,
    local: *const usize,
    ndim: usize,
    dist: Distribution,
    stream: Stream,
) -> StatusArg {
    let (dst, shard) = (dst.cast::<Value>(), RawShard { global, offsets, local, ndim });
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe { guard(std::ptr::null_mut(), || fill::shard(dst, len, shard, dist, stream, Filler::new())) }
}

/// Initialises a tensor of this shape in this layout, in row-major order.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_init_f32(
    dst: *mut f32,
    shape: *const usize,
    ndim: usize,
    layout: LayoutArg,
    initializer: Initializer,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let (layout, initializer) = (choice::layout(layout)?, initializer.to_core());
            let initializer = match &initializer {
                Ok(initializer) => initializer,
                Err(_) => return initializer.map(drop),
            };
            Contents::with(shape, ndim, &layout, initializer, stream, |contents| {
                contents.whole(dst.cast::<Value>(), Filler::new())
            })
        })
    }
}

/// Initialises a weight in PyTorch's layout, which the functions below use.
///
/// # Safety
///
/// As for `fanin_init_f32`.
unsafe fn torch(
    dst: *mut f32,
    shape: *const usize,
    ndim: usize,
    initializer: Initializer,
    stream: Stream,
) -> StatusArg {
    // SAFETY: as for this function.
    unsafe {
        guard(std::ptr::null_mut(), || {
            let initializer = initializer.to_core();
            let initializer = match &initializer {
                Ok(initializer) => initializer,
                Err(_) => return initializer.map(drop),
            };
            Contents::with(shape, ndim, &Layout::Torch, initializer, stream, |contents| {
                contents.whole(dst.cast::<Value>(), Filler::new())
            })
        })
    }
}

/// Initialises a weight (out, in, *kernel) with values uniform within ±gain · √(6 / (fan_in +
/// fan_out)).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_xavier_uniform_f32(
    dst: *mut f32,
    shape: *const usize,
    ndim: usize,
    gain: f64,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_xavier_uniform(gain), stream) }
}

/// Initialises a weight (out, in, *kernel) with normal values of std gain · √(2 / (fan_in +
/// fan_out)).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_xavier_normal_f32(
    dst: *mut f32,
    shape: *const usize,
    ndim: usize,
    gain: f64,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_xavier_normal(gain), stream) }
}

/// Initialises a weight (out, in, *kernel) with values uniform within ±√3 · gain(nonlinearity, a) /
/// √fan.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_kaiming_uniform_f32(
    dst: *mut f32,
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

/// Initialises a weight (out, in, *kernel) with normal values of std gain(nonlinearity, a) / √fan.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_kaiming_normal_f32(
    dst: *mut f32,
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

/// Initialises a weight (out, in, *kernel) with values uniform within ±√(3 / fan_in).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_lecun_uniform_f32(
    dst: *mut f32,
    shape: *const usize,
    ndim: usize,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_lecun_uniform(), stream) }
}

/// Initialises a weight (out, in, *kernel) with normal values of std √(1 / fan_in).
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_lecun_normal_f32(
    dst: *mut f32,
    shape: *const usize,
    ndim: usize,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_lecun_normal(), stream) }
}

/// Initialises a weight (out, in, *kernel) as `gain` times a random matrix with orthonormal rows or
/// columns.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_orthogonal_f32(
    dst: *mut f32,
    shape: *const usize,
    ndim: usize,
    gain: f64,
    stream: Stream,
) -> StatusArg {
    // SAFETY: the same contract.
    unsafe { torch(dst, shape, ndim, fanin_orthogonal(gain), stream) }
}
