//! Fans, gains, and what an initializer resolves to: bounds, means and standard deviations.

use std::ffi::c_char;

use init_core::{Initializer, Layout, Nonlinearity, Resolved, Shape};

use crate::{
    distribution::Distribution,
    error::{Error, Failure},
    guard::guard,
    memory::{numbers, put, text},
    status::{Status, StatusArg},
};

/// Size of a text in bytes, including its NUL: enough for what `fanin_distribution_text` and
/// `fanin_initializer_text` write.
pub const TEXT_SIZE: usize = 256;

/// The fans of a shape: how many inputs feed one output, and how many outputs one input feeds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Fans {
    /// Number of inputs of one output.
    pub fan_in: f64,
    /// Number of outputs of one input.
    pub fan_out: f64,
}

impl Fans {
    /// NAN for none.
    pub(crate) fn from_core(fans: Option<init_core::Fans>) -> Self {
        fans.map_or(Self { fan_in: f64::NAN, fan_out: f64::NAN }, |fans| Self {
            fan_in: fans.fan_in,
            fan_out: fans.fan_out,
        })
    }
}

/// The result of resolving an initializer for a shape.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Resolution {
    /// The distribution to fill with; of kind 0 if the initializer is structured.
    pub distribution: Distribution,
    /// The fans of the shape in this layout; NAN if it has none.
    pub fans: Fans,
    /// The mean of the elements, after truncation; NAN if structured.
    pub mean: f64,
    /// The standard deviation of the elements, after truncation; NAN if structured.
    pub std: f64,
    /// The lower bound of the elements; -INFINITY for a normal distribution, NAN if structured.
    pub low: f64,
    /// The upper bound of the elements; INFINITY for a normal distribution, NAN if structured.
    pub high: f64,
    /// The same as text that ends with a NUL: `uniform(low=-1, high=1)`, `orthogonal(rows=32,
    /// cols=144, gain=2)`; truncated if too long.
    pub text: [c_char; TEXT_SIZE],
}

impl Resolution {
    fn new(resolved: &Resolved, fans: Option<init_core::Fans>) -> Result<Self, Failure> {
        const NONE: Distribution =
            Distribution { kind: 0, reserved: 0, mean: f64::NAN, std: f64::NAN, low: f64::NAN, high: f64::NAN };
        let distribution = resolved.distribution();
        let (low, high) = distribution.map_or((f64::NAN, f64::NAN), init_core::Distribution::support);
        let mut text = [0; TEXT_SIZE];
        // The text is ASCII: truncation splits no character.
        for (to, from) in text.iter_mut().zip(resolved.to_string().bytes().take(TEXT_SIZE - 1)) {
            *to = from as c_char;
        }
        Ok(Self {
            distribution: distribution.map_or(Ok(NONE), Distribution::from_core)?,
            fans: Fans::from_core(fans),
            mean: distribution.map_or(f64::NAN, init_core::Distribution::mean),
            std: distribution.map_or(f64::NAN, init_core::Distribution::std),
            low,
            high,
            text,
        })
    }
}

/// Computes fan_in and fan_out of a shape in a layout, given as text: `torch`, `jax`, `keras`,
/// `conv(torch, groups=8)`.
///
/// `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_fans_of(
    fans: *mut Fans,
    shape: *const usize,
    ndim: usize,
    layout: *const c_char,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let layout: Layout = text("layout", layout)?.parse()?;
            let shape = Shape::new(numbers("shape", shape, ndim)?)?;
            let found = layout.fans(&shape).map_err(|error| Failure::new(Status::InvalidShape, error.to_string()))?;
            put("fans", fans, Fans { fan_in: found.fan_in, fan_out: found.fan_out })
        })
    }
}

/// Computes the gain of a nonlinearity, given as text: PyTorch's (`relu`, `tanh`, `leaky_relu`), or
/// an exact one such as `exact(gelu)`.
///
/// `a` is the negative slope of leaky_relu (PyTorch's default is 0.01); other nonlinearities ignore
/// it. `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_gain(
    gain: *mut f64,
    nonlinearity: *const c_char,
    a: f64,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let nonlinearity: Nonlinearity = text("nonlinearity", nonlinearity)?.parse()?;
            if !a.is_finite() {
                let message = format!("`a` must be finite, got {a}");
                return Err(Failure::new(Status::InvalidInitializer, message));
            }
            put("gain", gain, nonlinearity.gain(a))
        })
    }
}

/// Resolves an initializer for a shape: computes the distribution, bounds and standard deviation of
/// its values.
///
/// `layout` and `initializer` are texts. `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_resolve(
    resolution: *mut Resolution,
    shape: *const usize,
    ndim: usize,
    layout: *const c_char,
    initializer: *const c_char,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees what the conventions require of pointers.
    unsafe {
        guard(error, || {
            let layout: Layout = text("layout", layout)?.parse()?;
            let initializer: Initializer = text("initializer", initializer)?.parse()?;
            let shape = Shape::new(numbers("shape", shape, ndim)?)?;
            let resolved = initializer.resolve(&shape, &layout)?;
            put("resolution", resolution, Resolution::new(&resolved, layout.fans(&shape).ok())?)
        })
    }
}
