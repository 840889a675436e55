//! Initializers, as plain structs and as text.

use std::ffi::c_char;

use init_core::{Gain, Truncation};

use crate::choice::{
    self, FamilyArg, FamilyName, ModeArg, ModeName, NonlinearityArg, NonlinearityName, TruncationArg, TruncationName,
};
use crate::error::{Error, Failure};
use crate::guard::guard;
use crate::memory::put_text;
use crate::status::{Status, StatusArg};

/// A kind as a number: any `u32` may arrive in its place.
pub type InitializerKindArg = u32;

/// The initializers that have a struct. All have a text, which the functions that take a text read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum InitializerKind {
    /// Even over ±gain · √(6 / (fan_in + fan_out)).
    XavierUniform = 1,
    /// Normal with std = gain · √(2 / (fan_in + fan_out)).
    XavierNormal = 2,
    /// Even over ±√3 · gain(nonlinearity, a) / √fan.
    KaimingUniform = 3,
    /// Normal with std = gain(nonlinearity, a) / √fan.
    KaimingNormal = 4,
    /// Even over ±√(3 / fan_in).
    LecunUniform = 5,
    /// Normal with std = √(1 / fan_in).
    LecunNormal = 6,
    /// Of the family, with variance = gain / fan.
    VarianceScaling = 7,
    /// `gain` times orthonormal rows or columns, whichever are fewer.
    Orthogonal = 20,
    /// `gain` on the diagonal, elsewhere 0.
    Eye = 21,
}

/// A scheme by which a weight gets its first values, not yet tied to a shape.
///
/// `fanin_xavier_uniform` and its like make one; a field can then be set, such as `truncation`. It is checked where it is used. Fields
/// that its kind does not name are not looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Initializer {
    /// Which scheme.
    pub kind: InitializerKindArg,
    /// Of kaiming and variance scaling: which fan to divide by.
    pub mode: ModeArg,
    /// Of kaiming: the activation function that follows.
    pub nonlinearity: NonlinearityArg,
    /// Of xavier, kaiming and lecun normal: how the law is cut.
    pub truncation: TruncationArg,
    /// Of variance scaling: the law.
    pub family: FamilyArg,
    /// 0, for later versions.
    pub reserved: u32,
    /// Of xavier, orthogonal and eye: the factor; of variance scaling: the scale.
    pub gain: f64,
    /// Of kaiming: the negative slope of leaky_relu.
    pub a: f64,
}

impl Initializer {
    const fn new(kind: InitializerKind, gain: f64) -> Self {
        Self {
            kind: kind as u32,
            mode: ModeName::FanIn as u32,
            nonlinearity: NonlinearityName::LeakyRelu as u32,
            truncation: TruncationName::None as u32,
            family: FamilyName::TruncatedNormal as u32,
            reserved: 0,
            gain,
            a: 0.0,
        }
    }

    pub(crate) fn to_core(self) -> Result<init_core::Initializer, Failure> {
        use init_core::Initializer as Core;
        let Self { kind, mode, nonlinearity, truncation, family, reserved, gain, a } = self;
        if reserved != 0 {
            let message = format!(
                "`reserved` of the initializer is {reserved}, not 0; make it by fanin_xavier_uniform and its like"
            );
            return Err(Failure::new(Status::InvalidInitializer, message));
        }
        let is = |name: InitializerKind| kind == name as u32;
        Ok(if is(InitializerKind::XavierUniform) {
            Core::XavierUniform { gain: Gain::Value(gain) }
        } else if is(InitializerKind::XavierNormal) {
            Core::XavierNormal { gain: Gain::Value(gain), truncation: choice::truncation(truncation)? }
        } else if is(InitializerKind::KaimingUniform) {
            let (mode, nonlinearity) = (choice::mode(mode)?, choice::nonlinearity(nonlinearity)?);
            Core::KaimingUniform { a, mode, nonlinearity }
        } else if is(InitializerKind::KaimingNormal) {
            let (mode, nonlinearity) = (choice::mode(mode)?, choice::nonlinearity(nonlinearity)?);
            let truncation: Truncation = choice::truncation(truncation)?;
            Core::KaimingNormal { a, mode, nonlinearity, truncation }
        } else if is(InitializerKind::LecunUniform) {
            Core::LecunUniform
        } else if is(InitializerKind::LecunNormal) {
            Core::LecunNormal { truncation: choice::truncation(truncation)? }
        } else if is(InitializerKind::VarianceScaling) {
            let (mode, distribution) = (choice::mode(mode)?, choice::family(family)?);
            Core::VarianceScaling { scale: gain, mode, distribution }
        } else if is(InitializerKind::Orthogonal) {
            Core::Orthogonal { gain: Gain::Value(gain), column_axis: None }
        } else if is(InitializerKind::Eye) {
            Core::Eye { gain }
        } else {
            let message = format!("{kind} is no fanin_initializer_kind: possible are 1 to 7, 20, 21");
            return Err(Failure::new(Status::InvalidChoice, message));
        })
    }
}

/// Even over ±gain · √(6 / (fan_in + fan_out)): Glorot and Bengio 2010, equation 16. PyTorch's `xavier_uniform_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_xavier_uniform(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::XavierUniform, gain)
}

/// Normal with std = gain · √(2 / (fan_in + fan_out)), not cut: PyTorch's `xavier_normal_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_xavier_normal(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::XavierNormal, gain)
}

/// Even over ±√3 · gain(nonlinearity, a) / √fan: He et al. 2015, equations 10, 14 and 15. PyTorch's `kaiming_uniform_`.
///
/// `a` is the negative slope of leaky_relu; the other nonlinearities do not look at it. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_kaiming_uniform(a: f64, mode: ModeArg, nonlinearity: NonlinearityArg) -> Initializer {
    Initializer { a, mode, nonlinearity, ..Initializer::new(InitializerKind::KaimingUniform, 1.0) }
}

/// Normal with std = gain(nonlinearity, a) / √fan, not cut: PyTorch's `kaiming_normal_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_kaiming_normal(a: f64, mode: ModeArg, nonlinearity: NonlinearityArg) -> Initializer {
    Initializer { a, mode, nonlinearity, ..Initializer::new(InitializerKind::KaimingNormal, 1.0) }
}

/// Even over ±√(3 / fan_in): LeCun et al. 1998, Efficient BackProp, section 4.6.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_lecun_uniform() -> Initializer {
    Initializer::new(InitializerKind::LecunUniform, 1.0)
}

/// Normal with std = √(1 / fan_in), not cut.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_lecun_normal() -> Initializer {
    Initializer::new(InitializerKind::LecunNormal, 1.0)
}

/// Of the family, with variance = scale / fan: JAX's `variance_scaling`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_variance_scaling(scale: f64, mode: ModeArg, family: FamilyArg) -> Initializer {
    Initializer { mode, family, ..Initializer::new(InitializerKind::VarianceScaling, scale) }
}

/// `gain` times orthonormal rows or columns, whichever are fewer, evenly distributed: Saxe et al. 2014.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_orthogonal(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::Orthogonal, gain)
}

/// `gain` on the diagonal of the last two axes, elsewhere 0: PyTorch's `eye_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_eye(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::Eye, gain)
}

/// Writes the initializer as text with a NUL, such as `xavier_uniform(gain=2)`: what the functions that take a text read.
///
/// `size` bytes may be written; `FANIN_TEXT_SIZE` are always enough. What does not fit is not written in part. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_initializer_text(
    text: *mut c_char,
    size: usize,
    initializer: Initializer,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: `text` is the caller's to write.
    let body = || unsafe { put_text(text, size, &initializer.to_core()?.to_string()) };
    // SAFETY: `error` is the caller's.
    unsafe { guard(error, body) }
}
