//! Choices: enumerations that arrive as numbers and are checked.

use init_core::{DType, Layout, Mode, Nonlinearity, Truncation, distribution::Family};
use init_kernels::Level;

use crate::{error::Failure, status::Status};

/// A dtype as a number: any `u32` may arrive. The same applies to the other choices.
pub type DtypeArg = u32;
/// A layout as a number.
pub type LayoutArg = u32;
/// A mode as a number.
pub type ModeArg = u32;
/// A nonlinearity as a number.
pub type NonlinearityArg = u32;
/// A truncation as a number.
pub type TruncationArg = u32;
/// A family as a number.
pub type FamilyArg = u32;
/// A level as a number.
pub type LevelArg = u32;

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Dtype {
    /// IEEE 754 binary32: `float`.
    F32 = 1,
    /// IEEE 754 binary64: `double`.
    F64 = 2,
    /// bfloat16: the upper half of a binary32, in a `uint16_t`.
    Bf16 = 3,
    /// IEEE 754 binary16, in a `uint16_t`.
    F16 = 4,
}

/// The order of a weight's axes. Functions that take a layout as text accept more: `conv(…)`,
/// `axes(…)`, `packed(…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LayoutName {
    /// PyTorch: (out, in / groups, *kernel).
    Torch = 1,
    /// JAX and Flax: (*kernel, in, out).
    Jax = 2,
    /// Keras and TensorFlow: (*kernel, in, out), with fans also for one dimension and none.
    Keras = 3,
}

/// The fan that a scheme divides its variance by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ModeName {
    /// fan_in: preserves the variance of the activations.
    FanIn = 1,
    /// fan_out: preserves the variance of the gradients.
    FanOut = 2,
    /// (fan_in + fan_out) / 2.
    FanAvg = 3,
    /// √(fan_in · fan_out).
    FanGeoAvg = 4,
}

/// The activation function that follows the layer, with PyTorch's gain. Texts accept more:
/// `exact(gelu)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum NonlinearityName {
    /// No nonlinearity: gain 1.
    Linear = 1,
    /// Gain 1.
    Sigmoid = 2,
    /// Gain 5/3.
    Tanh = 3,
    /// Gain √2.
    Relu = 4,
    /// Gain √(2 / (1 + a²)).
    LeakyRelu = 5,
    /// Gain 3/4.
    Selu = 6,
}

/// How the normal schemes are truncated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum TruncationName {
    /// Not truncated, as in PyTorch.
    None = 1,
    /// At two standard deviations of a distribution widened so that the result has the standard
    /// deviation of the scheme, as in JAX and Keras.
    Corrected = 2,
    /// At two standard deviations, without that correction.
    Uncorrected = 3,
}

/// The family of distributions that variance scaling draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FamilyName {
    /// Uniform.
    Uniform = 1,
    /// Normal, not truncated.
    Normal = 2,
    /// Normal, truncated at two standard deviations and widened to keep the variance.
    TruncatedNormal = 3,
    /// Normal, truncated at two standard deviations, not widened.
    UncorrectedTruncatedNormal = 4,
}

/// The instruction set that fills use. It changes the speed, never the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LevelName {
    /// The level that the environment variable FANIN_LEVEL names, or else the best of the machine.
    Auto = 0,
    /// Available on every machine.
    Portable = 1,
    /// x86-64 with AVX2, FMA and F16C.
    Avx2 = 2,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512 = 3,
}

/// Evaluates `$body` with `$T` as the element type of a dtype.
macro_rules! by_dtype {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            DType::F32 => by_dtype!(f32, $T, $body),
            DType::F64 => by_dtype!(f64, $T, $body),
            DType::Bf16 => by_dtype!(half::bf16, $T, $body),
            DType::F16 => by_dtype!(half::f16, $T, $body),
        }
    };
    ($type:ty, $T:ident, $body:expr) => {{
        type $T = $type;
        $body
    }};
}
pub(crate) use by_dtype;

// Inlined, as are its callers on the path of a fill: see `memory`.
#[inline(always)]
fn find<T: Copy>(what: &str, raw: u32, choices: &'static [(u32, T)]) -> Result<T, Failure> {
    match choices.iter().find(|(number, _)| *number == raw) {
        Some((_, choice)) => Ok(*choice),
        None => Err(invalid_choice(what, raw, choices.iter().map(|(number, _)| number.to_string()).collect())),
    }
}

#[cold]
fn invalid_choice(what: &str, raw: u32, expected: Vec<String>) -> Failure {
    let expected = expected.join(", ");
    Failure::new(Status::InvalidChoice, format!("{raw} is not a {what}; expected one of {expected}"))
}

#[inline(always)]
pub(crate) fn dtype(raw: DtypeArg) -> Result<DType, Failure> {
    use Dtype::{Bf16, F16, F32, F64};
    const CHOICES: [(u32, DType); 4] =
        [(F32 as u32, DType::F32), (F64 as u32, DType::F64), (Bf16 as u32, DType::Bf16), (F16 as u32, DType::F16)];
    find("fanin_dtype", raw, &CHOICES)
}

#[inline(always)]
pub(crate) fn layout(raw: LayoutArg) -> Result<Layout, Failure> {
    use LayoutName::{Jax, Keras, Torch};
    const CHOICES: [(u32, LayoutName); 3] = [(Torch as u32, Torch), (Jax as u32, Jax), (Keras as u32, Keras)];
    Ok(match find("fanin_layout", raw, &CHOICES)? {
        Torch => Layout::Torch,
        Jax => Layout::Jax,
        Keras => Layout::Keras,
    })
}

pub(crate) fn mode(raw: ModeArg) -> Result<Mode, Failure> {
    use ModeName::{FanAvg, FanGeoAvg, FanIn, FanOut};
    const CHOICES: [(u32, Mode); 4] = [
        (FanIn as u32, Mode::FanIn),
        (FanOut as u32, Mode::FanOut),
        (FanAvg as u32, Mode::FanAvg),
        (FanGeoAvg as u32, Mode::FanGeoAvg),
    ];
    find("fanin_mode", raw, &CHOICES)
}

pub(crate) fn nonlinearity(raw: NonlinearityArg) -> Result<Nonlinearity, Failure> {
    use NonlinearityName::{LeakyRelu, Linear, Relu, Selu, Sigmoid, Tanh};
    const CHOICES: [(u32, Nonlinearity); 6] = [
        (Linear as u32, Nonlinearity::Linear),
        (Sigmoid as u32, Nonlinearity::Sigmoid),
        (Tanh as u32, Nonlinearity::Tanh),
        (Relu as u32, Nonlinearity::Relu),
        (LeakyRelu as u32, Nonlinearity::LeakyRelu),
        (Selu as u32, Nonlinearity::Selu),
    ];
    find("fanin_nonlinearity", raw, &CHOICES)
}

pub(crate) fn truncation(raw: TruncationArg) -> Result<Truncation, Failure> {
    use TruncationName::{Corrected, None, Uncorrected};
    const CHOICES: [(u32, Truncation); 3] = [
        (None as u32, Truncation::None),
        (Corrected as u32, Truncation::Corrected),
        (Uncorrected as u32, Truncation::Uncorrected),
    ];
    find("fanin_truncation", raw, &CHOICES)
}

pub(crate) fn family(raw: FamilyArg) -> Result<Family, Failure> {
    use FamilyName::{Normal, TruncatedNormal, UncorrectedTruncatedNormal, Uniform};
    const CHOICES: [(u32, Family); 4] = [
        (Uniform as u32, Family::Uniform),
        (Normal as u32, Family::Normal),
        (TruncatedNormal as u32, Family::TruncatedNormal),
        (UncorrectedTruncatedNormal as u32, Family::UncorrectedTruncatedNormal),
    ];
    find("fanin_family", raw, &CHOICES)
}

impl LevelName {
    /// Returns the C name and number of a level.
    pub(crate) const fn of(level: Level) -> Self {
        match level {
            Level::Portable => Self::Portable,
            Level::Avx2 => Self::Avx2,
            Level::Avx512 => Self::Avx512,
        }
    }
}

/// `None` leaves the choice to the kernels.
pub(crate) fn level(raw: LevelArg) -> Result<Option<Level>, Failure> {
    const CHOICES: [(u32, Option<Level>); Level::ALL.len() + 1] = {
        let mut choices = [(LevelName::Auto as u32, None); Level::ALL.len() + 1];
        let mut index = 0;
        while index < Level::ALL.len() {
            let level = Level::ALL[index];
            index += 1;
            choices[index] = (LevelName::of(level) as u32, Some(level));
        }
        choices
    };
    find("fanin_level", raw, &CHOICES)
}

/// Returns the size of an element in bytes: 2, 4 or 8; 0 for a number that is not a dtype.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_dtype_size(dtype: DtypeArg) -> usize {
    self::dtype(dtype).map_or(0, DType::size)
}
