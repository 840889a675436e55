//! Initialisation of a tensor, or of a shard of it, in one call.

use init_core::{Resolved, Shape};
use init_kernels::{Element, FloatEnv, Shard, Stream};

use crate::{error::InitError, into_initializer::IntoInitializer, options::Options};

/// Initialises a tensor of this shape, in PyTorch's layout and row-major order.
///
/// The buffer has exactly the elements of the shape. The same function exists in C (`fanin_init`)
/// and C++ (`fanin::init`), with the same parameters in the same order and the same values.
///
/// ```
/// use fanin::Stream;
///
/// let mut weight = vec![0f32; 256 * 784];
/// fanin::init(&mut weight, [256, 784], "xavier_uniform", Stream::new(42).child("fc.weight"))?;
/// assert!(weight.iter().all(|w| w.abs() <= 0.0759555)); // √(6 / (784 + 256))
/// # Ok::<(), fanin::InitError>(())
/// ```
///
/// # Errors
///
/// Returns [`InitError`] if the shape, the initializer or the length of the buffer is invalid, or
/// if the initializer cannot be used with the shape or the element type.
pub fn init<T: Element>(
    dst: &mut [T],
    shape: impl Into<Vec<usize>>,
    initializer: impl IntoInitializer,
    stream: Stream,
) -> Result<(), InitError> {
    init_with(dst, shape, initializer, stream, &Options::new())
}

/// Initialises a tensor like [`init`], with a layout and options for the fill.
///
/// ```
/// use fanin::{Options, Stream};
///
/// // A depthwise convolution of 32 channels: each filter has the fans of its group.
/// let options = Options::new().layout("conv(torch, groups=32)".parse()?);
/// let mut weight = vec![0f32; 32 * 9];
/// fanin::init_with(&mut weight, [32, 1, 3, 3], "he_normal", Stream::new(42).child("conv.weight"), &options)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns the errors of [`init`].
pub fn init_with<T: Element>(
    dst: &mut [T],
    shape: impl Into<Vec<usize>>,
    initializer: impl IntoInitializer,
    stream: Stream,
    options: &Options,
) -> Result<(), InitError> {
    let shape = Shape::new(shape)?;
    let resolved = resolve(&shape, initializer, options)?;
    if dst.len() as u64 != shape.numel() {
        return Err(InitError::Length { shape, len: dst.len() });
    }
    Ok(options.filler.fill(dst, &resolved, stream)?)
}

/// Initialises a shard of a tensor: the same values that the whole tensor has there.
///
/// The tensor has the shape `global`, which determines the scale; the shard begins at `offsets` and
/// has the shape `local`. The buffer has exactly the elements of the shard.
///
/// ```
/// use fanin::{Options, Stream};
///
/// let stream = Stream::new(42).child("w");
/// let mut whole = vec![0f32; 6 * 4];
/// fanin::init(&mut whole, [6, 4], "orthogonal", stream)?;
///
/// let mut rows = vec![0f32; 2 * 4];
/// fanin::init_shard(&mut rows, &[6, 4], &[2, 0], &[2, 4], "orthogonal", stream, &Options::new())?;
/// assert_eq!(rows, whole[8..16]);
/// # Ok::<(), fanin::InitError>(())
/// ```
///
/// # Errors
///
/// Returns the errors of [`init`], and [`InitError::Shard`] if the shard is not inside the tensor.
pub fn init_shard<T: Element>(
    dst: &mut [T],
    global: &[usize],
    offsets: &[usize],
    local: &[usize],
    initializer: impl IntoInitializer,
    stream: Stream,
    options: &Options,
) -> Result<(), InitError> {
    let shard = Shard::new(global, offsets, local)?;
    let resolved = resolve(&Shape::new(global)?, initializer, options)?;
    Ok(options.filler.fill_shard(dst, &shard, &resolved, stream)?)
}

/// Resolves in the standard floating-point mode, as the C library does, so that the host's mode
/// changes no bound.
fn resolve(shape: &Shape, initializer: impl IntoInitializer, options: &Options) -> Result<Resolved, InitError> {
    FloatEnv::run(|| Ok(initializer.into_initializer()?.resolve(shape, &options.layout)?))
}
