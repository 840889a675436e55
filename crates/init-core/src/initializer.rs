//! What a person asks for.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::fan::Mode;
use crate::gain::{Gain, Nonlinearity};
use crate::spec::{Kind, Spec, Value};
use crate::table;
use crate::word::{Number, UnknownWord, look_up};

/// A scheme by which a weight gets its first values, not yet tied to a shape.
///
/// It has a text form that [parses](crate::text) and prints back:
///
/// ```
/// use init_core::{Initializer, Mode, Nonlinearity};
///
/// let init: Initializer = "kaiming_normal(mode=fan_out, nonlinearity=leaky_relu, a=0.2)".parse()?;
/// let nonlinearity = Nonlinearity::LeakyRelu;
/// assert_eq!(init, Initializer::KaimingNormal { a: 0.2, mode: Mode::FanOut, nonlinearity });
/// assert_eq!(init.to_string(), "kaiming_normal(a=0.2, mode=fan_out)"); // defaults left out
/// # Ok::<(), init_core::ParseError>(())
/// ```
///
/// [`Spec::all`] lists every name, alias, parameter and default.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Initializer {
    /// `zeros`: every element 0.
    Zeros,
    /// `ones`: every element 1.
    Ones,
    /// `constant(value)`.
    Constant {
        /// The value of every element; finite.
        value: f64,
    },
    /// `uniform(low=0, high=1)`: even over [low, high), the defaults being PyTorch's.
    ///
    /// JAX's `uniform(scale)` is [0, scale), Keras's ±0.05.
    Uniform {
        /// The lower bound; finite.
        low: f64,
        /// The upper bound; finite, at least `low`.
        high: f64,
    },
    /// `normal(mean=0, std=1)`: untruncated.
    Normal {
        /// The mean; finite.
        mean: f64,
        /// The standard deviation; finite, at least 0.
        std: f64,
    },
    /// `truncated_normal(mean=0, std=1, low=mean - 2*std, high=mean + 2*std)`: the normal law
    /// under the condition that the value lies within the bounds, which are absolute numbers.
    ///
    /// Left out, the bounds are two standard deviations away, as in JAX, Keras and TensorFlow.
    /// PyTorch's `trunc_normal_` has the absolute defaults −2 and 2 instead, so that its
    /// `trunc_normal_(std=0.02)` truncates at 100 standard deviations, that is, not at all: say
    /// `low=-2, high=2` to get that. The cut makes the law narrower than `std` (0.8796 · std at
    /// ±2); unlike [`VarianceScaling`](Self::VarianceScaling), this one does not make up for it,
    /// and neither does any framework's.
    ///
    /// ```
    /// use init_core::{Distribution, Initializer, Layout, Shape};
    ///
    /// let init: Initializer = "truncated_normal(std=0.02)".parse().unwrap();
    /// let law = init.resolve(&Shape::new([7]).unwrap(), &Layout::Torch).unwrap();
    /// assert_eq!(law.support(), (-0.04, 0.04));
    /// assert!((law.std() - 0.02 * 0.8796256610342398).abs() < 1e-16);
    /// ```
    TruncatedNormal {
        /// The mean before the cut; finite.
        mean: f64,
        /// The standard deviation before the cut; finite, above 0.
        std: f64,
        /// The lower bound, or `-inf`; `None` is mean − 2 · std.
        low: Option<f64>,
        /// The upper bound, or `inf`; `None` is mean + 2 · std.
        high: Option<f64>,
    },
    /// `xavier_uniform(gain=1)`, alias `glorot_uniform`: ±√3 · std with
    /// std = gain · √(2 / (fan_in + fan_out)).
    ///
    /// Glorot and Bengio 2010, equation 16 (with gain 1: ±√(6 / (fan_in + fan_out))). For layers
    /// followed by tanh, sigmoid or nothing.
    XavierUniform {
        /// The factor on the standard deviation; finite, at least 0.
        gain: Gain,
    },
    /// `xavier_normal(gain=1)`, alias `glorot_normal`: std = gain · √(2 / (fan_in + fan_out)).
    ///
    /// Not truncated, as in PyTorch. What JAX and Keras call `glorot_normal` is
    /// `variance_scaling(mode=fan_avg, distribution=truncated_normal)`.
    XavierNormal {
        /// The factor on the standard deviation; finite, at least 0.
        gain: Gain,
    },
    /// `kaiming_uniform(a=0, mode=fan_in, nonlinearity=leaky_relu)`, alias `he_uniform`:
    /// ±√3 · std with std = gain / √fan.
    ///
    /// He et al. 2015 (arXiv:1502.01852), equations 10, 14 and 15. For layers followed by a
    /// rectifier. The defaults are PyTorch's; with them gain = √2.
    KaimingUniform {
        /// The negative slope; only counts with `leaky_relu`.
        a: f64,
        /// Which fan to divide by (PyTorch knows `fan_in` and `fan_out`).
        mode: Mode,
        /// The activation function that follows.
        nonlinearity: Nonlinearity,
    },
    /// `kaiming_normal(a=0, mode=fan_in, nonlinearity=leaky_relu)`, alias `he_normal`:
    /// std = gain / √fan.
    ///
    /// Not truncated, as in PyTorch. What JAX and Keras call `he_normal` is
    /// `variance_scaling(scale=2, distribution=truncated_normal)`.
    KaimingNormal {
        /// The negative slope; only counts with `leaky_relu`.
        a: f64,
        /// Which fan to divide by (PyTorch knows `fan_in` and `fan_out`).
        mode: Mode,
        /// The activation function that follows.
        nonlinearity: Nonlinearity,
    },
    /// `lecun_uniform`: ±√(3 / fan_in).
    ///
    /// LeCun et al. 1998, Efficient BackProp, section 4.6; for SELU networks Klambauer et al.
    /// 2017 (arXiv:1706.02515).
    LecunUniform,
    /// `lecun_normal`: std = √(1 / fan_in).
    ///
    /// Not truncated. What JAX and Keras call `lecun_normal` is
    /// `variance_scaling(distribution=truncated_normal)`.
    LecunNormal,
    /// `variance_scaling(scale=1, mode=fan_in, distribution=truncated_normal)`: JAX's, with
    /// variance = scale / n and n the fan that `mode` chooses.
    ///
    /// * `uniform`: ±√(3 · variance);
    /// * `normal`: std = √variance, not truncated;
    /// * `truncated_normal`: N(0, s²) cut at ±2s with s = √variance / 0.87962566103423978, so
    ///   that the variance *after* the cut is the one asked for.
    VarianceScaling {
        /// The numerator of the variance; finite, above 0.
        scale: f64,
        /// Which fan to divide by.
        mode: Mode,
        /// The family to draw from.
        distribution: Family,
    },
}

impl Initializer {
    /// This initializer's row in the table of all of them.
    #[must_use]
    pub fn spec(&self) -> &'static Spec {
        match self {
            Self::Zeros => &table::ZEROS,
            Self::Ones => &table::ONES,
            Self::Constant { .. } => &table::CONSTANT,
            Self::Uniform { .. } => &table::UNIFORM,
            Self::Normal { .. } => &table::NORMAL,
            Self::TruncatedNormal { .. } => &table::TRUNCATED_NORMAL,
            Self::XavierUniform { .. } => &table::XAVIER_UNIFORM,
            Self::XavierNormal { .. } => &table::XAVIER_NORMAL,
            Self::KaimingUniform { .. } => &table::KAIMING_UNIFORM,
            Self::KaimingNormal { .. } => &table::KAIMING_NORMAL,
            Self::LecunUniform => &table::LECUN_UNIFORM,
            Self::LecunNormal => &table::LECUN_NORMAL,
            Self::VarianceScaling { .. } => &table::VARIANCE_SCALING,
        }
    }

    /// The name without parameters: `xavier_uniform`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Whether the shape's fan_in and fan_out matter. If not, any shape will do.
    #[must_use]
    pub fn needs_fans(&self) -> bool {
        self.spec().needs_fans
    }

    /// The values of the parameters, in the order of [`Spec::parameters`]; `None` for one that
    /// is left to be computed.
    #[must_use]
    pub fn values(&self) -> Vec<Option<Value>> {
        let number = |x| Some(Value::Number(x));
        match *self {
            Self::Zeros | Self::Ones | Self::LecunUniform | Self::LecunNormal => vec![],
            Self::Constant { value } => vec![number(value)],
            Self::Uniform { low, high } => vec![number(low), number(high)],
            Self::Normal { mean, std } => vec![number(mean), number(std)],
            Self::TruncatedNormal { mean, std, low, high } => {
                vec![number(mean), number(std), low.map(Value::Number), high.map(Value::Number)]
            }
            Self::XavierUniform { gain } | Self::XavierNormal { gain } => match gain {
                Gain::Value(gain) => vec![number(gain), None],
                Gain::Of { nonlinearity, a } => {
                    let is_default = a.to_bits() == Nonlinearity::DEFAULT_SLOPE.to_bits();
                    let a = if is_default { None } else { number(a) };
                    vec![Some(Value::Nonlinearity(nonlinearity)), a]
                }
            },
            Self::KaimingUniform { a, mode, nonlinearity } | Self::KaimingNormal { a, mode, nonlinearity } => {
                vec![number(a), Some(Value::Mode(mode)), Some(Value::Nonlinearity(nonlinearity))]
            }
            Self::VarianceScaling { scale, mode, distribution } => {
                vec![number(scale), Some(Value::Mode(mode)), Some(Value::Family(distribution))]
            }
        }
    }

    /// Checks the parameters, without a shape. [`resolve`](Self::resolve) and the parser do so
    /// too.
    ///
    /// # Errors
    /// [`ParameterError`] for a number outside its parameter's range and for `low` above `high`.
    pub fn validate(&self) -> Result<(), ParameterError> {
        let spec = self.spec();
        for (parameter, value) in spec.parameters.iter().zip(self.values()) {
            if let Some(Value::Number(value)) = value
                && !parameter.kind.allows(value)
            {
                return Err(ParameterError::OutOfRange {
                    initializer: spec.name,
                    parameter: parameter.name,
                    value,
                    kind: parameter.kind,
                });
            }
        }
        let (low, high) = match *self {
            Self::Uniform { low, high } => (low, high),
            Self::TruncatedNormal { mean, std, low, high } => {
                (low.unwrap_or(mean - 2.0 * std), high.unwrap_or(mean + 2.0 * std))
            }
            _ => return Ok(()),
        };
        if low > high {
            return Err(ParameterError::LowAboveHigh { initializer: spec.name, low, high });
        }
        Ok(())
    }
}

/// The family that [`Initializer::VarianceScaling`] draws from.
///
/// ```
/// use init_core::Family;
///
/// assert_eq!("truncated".parse(), Ok(Family::TruncatedNormal));
/// assert_eq!(Family::TruncatedNormal.to_string(), "truncated_normal");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Family {
    /// Even over ±√(3 · variance).
    Uniform,
    /// Normal, untruncated (Keras calls this one `untruncated_normal`).
    Normal,
    /// Normal, cut at two standard deviations and made up for it; alias `truncated`.
    #[default]
    TruncatedNormal,
}

impl Family {
    /// Every family, in the order in which they are listed to people.
    pub const ALL: [Self; 3] = [Self::Uniform, Self::Normal, Self::TruncatedNormal];

    /// The name: `uniform`, `normal` or `truncated_normal`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Normal => "normal",
            Self::TruncatedNormal => "truncated_normal",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads `uniform`, `normal`, `truncated_normal` or `truncated`.
impl FromStr for Family {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let [uniform, normal, truncated] = Self::ALL.map(|family| (family.name(), family));
        let alias = ("truncated", Self::TruncatedNormal);
        look_up("distribution", &[uniform, normal, truncated, alias], word)
    }
}

/// A parameter of an initializer that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A number outside the parameter's range.
    #[error("`{parameter}` of `{initializer}` must be {kind}, but {} was given", Number(*.value))]
    OutOfRange {
        /// The initializer's name.
        initializer: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// The number given.
        value: f64,
        /// What it should have been.
        kind: Kind,
    },
    /// The bounds enclose nothing.
    #[error(
        "`low` of `{initializer}` is {}, above its `high`, {}: swap them, or give both",
        Number(*.low),
        Number(*.high)
    )]
    LowAboveHigh {
        /// The initializer's name.
        initializer: &'static str,
        /// The lower bound, given or computed.
        low: f64,
        /// The upper bound, given or computed.
        high: f64,
    },
}
