//! Choices: enumerations that arrive as numbers and are checked.
//!
//! Each enumeration has a hundred numbers of its own, so that one given for another is refused and
//! named. A number is never given to another choice, nor again.
//!
//! | numbers | choice |
//! |---|---|
//! | 101 to 199 | dtypes |
//! | 201 to 299 | layouts |
//! | 301 to 399 | modes |
//! | 401 to 499 | nonlinearities |
//! | 501 to 599 | truncations |
//! | 601 to 699 | families |
//! | 701 to 799 | kinds of distributions |
//! | 801 to 899 | kinds of initializers |
//! | 0 and 901 to 999 | levels |
//! | 1001 to 1099 | sources of a plan |

use init_core::{DType, Layout, Mode, Nonlinearity, Truncation, distribution::Family};
use init_kernels::Level;

use crate::{
    error::Failure,
    kind::{DistributionKind, InitializerKind},
    status::Status,
};

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
/// A source of a plan as a number.
pub type PlanSourceArg = u32;

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Dtype {
    /// IEEE 754 binary32: `float`.
    F32 = 101,
    /// IEEE 754 binary64: `double`.
    F64 = 102,
    /// bfloat16: the upper half of a binary32, in a `uint16_t`.
    Bf16 = 103,
    /// IEEE 754 binary16, in a `uint16_t`.
    F16 = 104,
}

/// The order of a weight's axes. Functions that take a layout as text accept more: `conv(…)`,
/// `axes(…)`, `packed(…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LayoutName {
    /// PyTorch: (out, in / groups, *kernel).
    Torch = 201,
    /// JAX and Flax: (*kernel, in, out).
    Jax = 202,
    /// Keras and TensorFlow: (*kernel, in, out), with fans also for one dimension and none.
    Keras = 203,
}

/// The fan that a scheme divides its variance by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ModeName {
    /// fan_in: preserves the variance of the activations.
    FanIn = 301,
    /// fan_out: preserves the variance of the gradients.
    FanOut = 302,
    /// (fan_in + fan_out) / 2.
    FanAvg = 303,
    /// √(fan_in · fan_out).
    FanGeoAvg = 304,
}

/// The activation function that follows the layer, with PyTorch's gain. Texts accept more:
/// `exact(gelu)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum NonlinearityName {
    /// No nonlinearity: gain 1.
    Linear = 401,
    /// Gain 1.
    Sigmoid = 402,
    /// Gain 5/3.
    Tanh = 403,
    /// Gain √2.
    Relu = 404,
    /// Gain √(2 / (1 + a²)).
    LeakyRelu = 405,
    /// Gain 3/4.
    Selu = 406,
}

/// How the normal schemes are truncated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum TruncationName {
    /// Not truncated, as in PyTorch.
    None = 501,
    /// At two standard deviations of a distribution widened so that the result has the standard
    /// deviation of the scheme, as in JAX and Keras.
    Corrected = 502,
    /// At two standard deviations, without that correction.
    Uncorrected = 503,
}

/// The family of distributions that variance scaling draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FamilyName {
    /// Uniform.
    Uniform = 601,
    /// Normal, not truncated.
    Normal = 602,
    /// Normal, truncated at two standard deviations and widened to keep the variance.
    TruncatedNormal = 603,
    /// Normal, truncated at two standard deviations, not widened.
    UncorrectedTruncatedNormal = 604,
}

/// The instruction set that fills use. It changes the speed, never the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LevelName {
    /// The level that the environment variable FANIN_LEVEL names, or else the best of the machine.
    Auto = 0,
    /// Available on every machine.
    Portable = 901,
    /// x86-64 with AVX2, FMA and F16C.
    Avx2 = 902,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512 = 903,
}

/// What `fanin_plan_open` makes a plan of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum PlanSource {
    /// A recipe, in TOML: parameters and rules.
    Recipe = 1001,
    /// The `config.json` of a published model, as text.
    Config = 1002,
    /// The name of a preset, such as `gpt2`.
    Preset = 1003,
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

/// A kind of choice, as messages name it.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The parameter or field that takes it.
    pub(crate) parameter: &'static str,
    /// A noun, with its article.
    noun: &'static str,
    /// The beginning of its enumerators' names.
    prefix: &'static str,
    /// The numbers, and the rest of the names.
    names: &'static [(u32, &'static str)],
}

macro_rules! kinds {
    ($(
        $name:ident($parameter:literal, $noun:literal, $prefix:literal) = $kind:ty { $($variant:ident $word:literal)+ }
    )+) => {
        $(pub(crate) static $name: Choice = Choice {
            parameter: $parameter,
            noun: $noun,
            prefix: $prefix,
            names: &[$((<$kind>::$variant as u32, $word)),+],
        };)+

        /// Every kind, in the order of their ranges.
        static KINDS: &[&Choice] = &[$(&$name),+];
    };
}

kinds! {
    DTYPE("dtype", "a dtype", "FANIN_DTYPE_") = Dtype { F32 "F32" F64 "F64" Bf16 "BF16" F16 "F16" }
    LAYOUT("layout", "a layout", "FANIN_LAYOUT_") = LayoutName { Torch "TORCH" Jax "JAX" Keras "KERAS" }
    MODE("mode", "a mode", "FANIN_MODE_") = ModeName {
        FanIn "FAN_IN" FanOut "FAN_OUT" FanAvg "FAN_AVG" FanGeoAvg "FAN_GEO_AVG"
    }
    NONLINEARITY("nonlinearity", "a nonlinearity", "FANIN_NONLINEARITY_") = NonlinearityName {
        Linear "LINEAR" Sigmoid "SIGMOID" Tanh "TANH" Relu "RELU" LeakyRelu "LEAKY_RELU" Selu "SELU"
    }
    TRUNCATION("truncation", "a truncation", "FANIN_TRUNCATION_") = TruncationName {
        None "NONE" Corrected "CORRECTED" Uncorrected "UNCORRECTED"
    }
    FAMILY("family", "a family", "FANIN_FAMILY_") = FamilyName {
        Uniform "UNIFORM" Normal "NORMAL" TruncatedNormal "TRUNCATED_NORMAL"
        UncorrectedTruncatedNormal "UNCORRECTED_TRUNCATED_NORMAL"
    }
    DISTRIBUTION_KIND("kind", "a kind of distribution", "FANIN_DISTRIBUTION_KIND_") = DistributionKind {
        Constant "CONSTANT" Uniform "UNIFORM" Normal "NORMAL" TruncatedNormal "TRUNCATED_NORMAL"
    }
    INITIALIZER_KIND("kind", "a kind of initializer", "FANIN_INITIALIZER_KIND_") = InitializerKind {
        XavierUniform "XAVIER_UNIFORM" XavierNormal "XAVIER_NORMAL" KaimingUniform "KAIMING_UNIFORM"
        KaimingNormal "KAIMING_NORMAL" LecunUniform "LECUN_UNIFORM" LecunNormal "LECUN_NORMAL"
        VarianceScaling "VARIANCE_SCALING" Orthogonal "ORTHOGONAL" Eye "EYE"
    }
    LEVEL("level", "a level", "FANIN_LEVEL_") = LevelName {
        Auto "AUTO" Portable "PORTABLE" Avx2 "AVX2" Avx512 "AVX512"
    }
    SOURCE("source", "a source of a plan", "FANIN_PLAN_SOURCE_") = PlanSource {
        Recipe "RECIPE" Config "CONFIG" Preset "PRESET"
    }
}

// Inlined, as are its callers on the path of a fill: see `memory`.
#[inline(always)]
fn find<T: Copy>(expected: &'static Choice, raw: u32, choices: &'static [(u32, T)]) -> Result<T, Failure> {
    match choices.iter().find(|(number, _)| *number == raw) {
        Some((_, choice)) => Ok(*choice),
        None => Err(invalid(expected, raw)),
    }
}

/// Names the number that was given, if it is a choice of another kind, and those that are expected.
#[cold]
pub(crate) fn invalid(expected: &Choice, raw: u32) -> Failure {
    let kinds = KINDS.iter().filter(|kind| !(raw == 0 && kind.prefix == LEVEL.prefix));
    let given = kinds.flat_map(|kind| kind.names.iter().map(move |name| (kind, name)));
    let given = match given.into_iter().find(|(_, (number, _))| *number == raw) {
        Some((kind, (_, name))) => format!("{}{name}, {},", kind.prefix, kind.noun),
        None => format!("{raw}, which is not a number of any choice,"),
    };
    let known: Vec<_> = expected.names.iter().map(|(_, name)| format!("{}{name}", expected.prefix)).collect();
    let message = format!("got {given} for `{}`; expected one of {}", expected.parameter, known.join(", "));
    Failure::new(Status::InvalidChoice, message)
}

#[inline(always)]
pub(crate) fn dtype(raw: DtypeArg) -> Result<DType, Failure> {
    use Dtype::{Bf16, F16, F32, F64};
    const CHOICES: [(u32, DType); 4] =
        [(F32 as u32, DType::F32), (F64 as u32, DType::F64), (Bf16 as u32, DType::Bf16), (F16 as u32, DType::F16)];
    find(&DTYPE, raw, &CHOICES)
}

#[inline(always)]
pub(crate) fn layout(raw: LayoutArg) -> Result<Layout, Failure> {
    use LayoutName::{Jax, Keras, Torch};
    const CHOICES: [(u32, LayoutName); 3] = [(Torch as u32, Torch), (Jax as u32, Jax), (Keras as u32, Keras)];
    Ok(match find(&LAYOUT, raw, &CHOICES)? {
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
    find(&MODE, raw, &CHOICES)
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
    find(&NONLINEARITY, raw, &CHOICES)
}

pub(crate) fn truncation(raw: TruncationArg) -> Result<Truncation, Failure> {
    use TruncationName::{Corrected, None, Uncorrected};
    const CHOICES: [(u32, Truncation); 3] = [
        (None as u32, Truncation::None),
        (Corrected as u32, Truncation::Corrected),
        (Uncorrected as u32, Truncation::Uncorrected),
    ];
    find(&TRUNCATION, raw, &CHOICES)
}

pub(crate) fn family(raw: FamilyArg) -> Result<Family, Failure> {
    use FamilyName::{Normal, TruncatedNormal, UncorrectedTruncatedNormal, Uniform};
    const CHOICES: [(u32, Family); 4] = [
        (Uniform as u32, Family::Uniform),
        (Normal as u32, Family::Normal),
        (TruncatedNormal as u32, Family::TruncatedNormal),
        (UncorrectedTruncatedNormal as u32, Family::UncorrectedTruncatedNormal),
    ];
    find(&FAMILY, raw, &CHOICES)
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
    find(&LEVEL, raw, &CHOICES)
}

pub(crate) fn source(raw: PlanSourceArg) -> Result<PlanSource, Failure> {
    use PlanSource::{Config, Preset, Recipe};
    const CHOICES: [(u32, PlanSource); 3] = [(Recipe as u32, Recipe), (Config as u32, Config), (Preset as u32, Preset)];
    find(&SOURCE, raw, &CHOICES)
}

/// Returns the number of a dtype.
pub(crate) const fn dtype_number(dtype: DType) -> DtypeArg {
    match dtype {
        DType::F32 => Dtype::F32 as u32,
        DType::F64 => Dtype::F64 as u32,
        DType::Bf16 => Dtype::Bf16 as u32,
        DType::F16 => Dtype::F16 as u32,
    }
}

/// Returns the size of an element in bytes: 2, 4 or 8; 0 for a number that is not a dtype.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_dtype_size(dtype: DtypeArg) -> usize {
    self::dtype(dtype).map_or(0, DType::size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_enumerator_of_the_header_is_named_and_in_the_range_of_its_kind() {
        let header = include_str!("../include/fanin.h");
        let mut found = 0;
        for line in header.lines().map(str::trim) {
            let Some((name, number)) = line.trim_end_matches(',').split_once(" = ") else { continue };
            let (true, Ok(number)) = (name.starts_with("FANIN_"), number.parse::<u32>()) else { continue };
            if name.starts_with("FANIN_STATUS_") {
                continue;
            }
            let kind = KINDS.iter().position(|kind| name.starts_with(kind.prefix)).unwrap();
            let known = KINDS[kind].names.iter().find(|(known, _)| *known == number);
            assert_eq!(known.map(|(_, rest)| format!("{}{rest}", KINDS[kind].prefix)).as_deref(), Some(name));
            assert!(name == "FANIN_LEVEL_AUTO" || number as usize / 100 == kind + 1 && number % 100 != 0, "{name}");
            found += 1;
        }
        assert_eq!(found, KINDS.iter().map(|kind| kind.names.len()).sum::<usize>());
    }

    #[test]
    fn a_wrong_choice_is_named() {
        let message = |raw| nonlinearity(raw).unwrap_err().message;
        let expected = "for `nonlinearity`; expected one of FANIN_NONLINEARITY_LINEAR, FANIN_NONLINEARITY_SIGMOID, \
                        FANIN_NONLINEARITY_TANH, FANIN_NONLINEARITY_RELU, FANIN_NONLINEARITY_LEAKY_RELU, \
                        FANIN_NONLINEARITY_SELU";
        assert_eq!(message(ModeName::FanIn as u32), format!("got FANIN_MODE_FAN_IN, a mode, {expected}"));
        assert_eq!(message(0), format!("got 0, which is not a number of any choice, {expected}"));
    }
}
