//! Initializers, as plain structs and as text.

use std::ffi::c_char;

use init_core::{Gain, Truncation};

use crate::{
    choice::{
        self, FamilyArg, FamilyName, ModeArg, ModeName, NonlinearityArg, NonlinearityName, TruncationArg,
        TruncationName,
    },
    error::{Error, Failure},
    guard::guard,
    kind::{InitializerKind, InitializerKindArg},
    memory::put_text,
    status::{Status, StatusArg},
};

/// An initializer: a scheme for the initial values of a weight, independent of its shape.
///
/// `fanin_xavier_uniform` and similar functions return one; fields such as `truncation` can then be
/// set. It is checked where it is used. Fields that its kind does not name are ignored.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Initializer {
    /// The scheme.
    pub kind: InitializerKindArg,
    /// For kaiming and variance scaling: the fan to divide by.
    pub mode: ModeArg,
    /// For kaiming: the activation function that follows.
    pub nonlinearity: NonlinearityArg,
    /// For xavier, kaiming and lecun normal: how the distribution is truncated.
    pub truncation: TruncationArg,
    /// For variance scaling: the family of distributions.
    pub family: FamilyArg,
    /// 0; reserved for later versions.
    pub reserved: u32,
    /// For xavier, orthogonal and eye: the factor; for variance scaling: the scale.
    pub gain: f64,
    /// For kaiming: the negative slope of leaky_relu.
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
                "`reserved` of the initializer must be 0, got {reserved}; create it with fanin_xavier_uniform or a \
                 similar function"
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
            return Err(choice::invalid(&choice::INITIALIZER_KIND, kind));
        })
    }
}

/// Returns the initializer that is uniform within ±gain · √(6 / (fan_in + fan_out)): Glorot and
/// Bengio 2010, equation 16. PyTorch's `xavier_uniform_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_xavier_uniform(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::XavierUniform, gain)
}

/// Returns the initializer that is normal with std = gain · √(2 / (fan_in + fan_out)), not
/// truncated: PyTorch's `xavier_normal_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_xavier_normal(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::XavierNormal, gain)
}

/// Returns the initializer that is uniform within ±√3 · gain(nonlinearity, a) / √fan: He et al.
/// 2015, equations 10, 14 and 15. PyTorch's `kaiming_uniform_`.
///
/// `a` is the negative slope of leaky_relu; the other nonlinearities ignore it. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_kaiming_uniform(a: f64, mode: ModeArg, nonlinearity: NonlinearityArg) -> Initializer {
    Initializer { a, mode, nonlinearity, ..Initializer::new(InitializerKind::KaimingUniform, 1.0) }
}

/// Returns the initializer that is normal with std = gain(nonlinearity, a) / √fan, not truncated:
/// PyTorch's `kaiming_normal_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_kaiming_normal(a: f64, mode: ModeArg, nonlinearity: NonlinearityArg) -> Initializer {
    Initializer { a, mode, nonlinearity, ..Initializer::new(InitializerKind::KaimingNormal, 1.0) }
}

/// Returns the initializer that is uniform within ±√(3 / fan_in): LeCun et al. 1998, Efficient
/// BackProp, section 4.6.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_lecun_uniform() -> Initializer {
    Initializer::new(InitializerKind::LecunUniform, 1.0)
}

/// Returns the initializer that is normal with std = √(1 / fan_in), not truncated.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_lecun_normal() -> Initializer {
    Initializer::new(InitializerKind::LecunNormal, 1.0)
}

/// Returns the initializer that draws from the family with variance = scale / fan: JAX's
/// `variance_scaling`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_variance_scaling(scale: f64, mode: ModeArg, family: FamilyArg) -> Initializer {
    Initializer { mode, family, ..Initializer::new(InitializerKind::VarianceScaling, scale) }
}

/// Returns the initializer that is `gain` times a matrix with orthonormal rows or columns,
/// whichever are fewer, drawn uniformly (Haar) from all such matrices: Saxe et al. 2014.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_orthogonal(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::Orthogonal, gain)
}

/// Returns the initializer that is `gain` on the diagonal of the last two axes and 0 elsewhere:
/// PyTorch's `eye_`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_eye(gain: f64) -> Initializer {
    Initializer::new(InitializerKind::Eye, gain)
}

/// Writes the initializer as text that ends with a NUL, such as `xavier_uniform(gain=2)`, which the
/// functions that take an initializer as text accept.
///
/// `size` bytes may be written; `FANIN_TEXT_SIZE` are always enough. If the text does not fit,
/// nothing is written. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_initializer_text(
    text: *mut c_char,
    size: usize,
    initializer: Initializer,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees that `size` bytes of `text` may be written.
    let body = || unsafe { put_text(text, size, &initializer.to_core()?.to_string()) };
    // SAFETY: the caller guarantees that `error` is NULL or may be written.
    unsafe { guard(error, body) }
}
