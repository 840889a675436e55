//! What the activation after a layer asks for.

use core::fmt;
use core::str::FromStr;

use crate::activation::Activation;
use crate::exact_gain::GainFamily;
use crate::word::{Number, UnknownWord, look_up};

/// An activation function and the family from which its gain comes.
///
/// A plain word has the gain of `torch.nn.init.calculate_gain`:
///
/// | word | gain |
/// |---|---|
/// | `linear`, `conv1d` … `conv3d`, `conv_transpose1d` … `conv_transpose3d` | 1 |
/// | `sigmoid` | 1 |
/// | `tanh` | 5/3 |
/// | `relu` | √2 |
/// | `leaky_relu` | √(2 / (1 + a²)) |
/// | `selu` | 3/4 |
///
/// `exact(word)`, `centred(word)` and `backward(word)` have a gain by quadrature for every
/// [`Activation`]; [`exact_gain`](crate::exact_gain) says what each keeps and when to use it.
///
/// The plain ones are PyTorch's numbers to the bit. Those of relu and leaky_relu are exact (He et al. 2015,
/// arXiv:1502.01852, equations 10 and 15); 5/3 and 3/4 are conventions of the field.
///
/// ```
/// use init_core::Nonlinearity;
///
/// assert_eq!(Nonlinearity::Relu.gain(0.0), 2_f64.sqrt());
/// assert_eq!(Nonlinearity::Tanh.gain(0.0), 5.0 / 3.0);
/// assert_eq!("conv2d".parse(), Ok(Nonlinearity::Linear));
///
/// let exact: Nonlinearity = "exact(tanh)".parse().unwrap();
/// assert!((exact.gain(0.0) - 1.592537).abs() < 1e-6);
/// assert_eq!(exact.to_string(), "exact(tanh)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Nonlinearity {
    /// None, or a convolution by itself.
    Linear,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// max(0, x).
    Relu,
    /// x for x > 0, otherwise a·x.
    LeakyRelu,
    /// The scaled exponential linear unit (Klambauer et al. 2017, arXiv:1706.02515).
    Selu,
    /// Any activation, with its gain by quadrature.
    ByQuadrature {
        /// What the gain keeps.
        family: GainFamily,
        /// The activation function.
        activation: Activation,
    },
}

const WORDS: [(&str, Nonlinearity); 12] = [
    ("linear", Nonlinearity::Linear),
    ("sigmoid", Nonlinearity::Sigmoid),
    ("tanh", Nonlinearity::Tanh),
    ("relu", Nonlinearity::Relu),
    ("leaky_relu", Nonlinearity::LeakyRelu),
    ("selu", Nonlinearity::Selu),
    ("conv1d", Nonlinearity::Linear),
    ("conv2d", Nonlinearity::Linear),
    ("conv3d", Nonlinearity::Linear),
    ("conv_transpose1d", Nonlinearity::Linear),
    ("conv_transpose2d", Nonlinearity::Linear),
    ("conv_transpose3d", Nonlinearity::Linear),
];

impl Nonlinearity {
    /// Every nonlinearity that PyTorch knows, in the order in which they are listed to people.
    pub const ALL: [Self; 6] = [Self::Linear, Self::Sigmoid, Self::Tanh, Self::Relu, Self::LeakyRelu, Self::Selu];

    /// The slope that `calculate_gain("leaky_relu")` takes when none is given. (The Kaiming
    /// schemes hand over their own `a`, which is 0 unless given.)
    pub const DEFAULT_SLOPE: f64 = 0.01;

    /// The name; aliases such as `conv2d` print as `linear`. By quadrature it is the activation's,
    /// to which [`Display`](fmt::Display) adds the family.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Selu => "selu",
            Self::ByQuadrature { activation, .. } => activation.name(),
        }
    }

    /// The gain, bit for bit as `torch.nn.init.calculate_gain(nonlinearity, a)`, or by quadrature.
    ///
    /// `a` is the negative slope of `leaky_relu`; every other nonlinearity ignores it, as there.
    #[must_use]
    pub fn gain(self, a: f64) -> f64 {
        match self {
            Self::Linear | Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => core::f64::consts::SQRT_2,
            Self::LeakyRelu => libm::sqrt(2.0 / (1.0 + a * a)),
            Self::Selu => 0.75,
            Self::ByQuadrature { family, activation } => family.gain(activation, a),
        }
    }
}

impl fmt::Display for Nonlinearity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByQuadrature { family, activation } => f.pad(&alloc::format!("{family}({activation})")),
            plain => f.pad(plain.name()),
        }
    }
}

/// Reads the words of the table above, and `exact(word)`, `centred(word)` and `backward(word)`.
impl FromStr for Nonlinearity {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if let Some((family, rest)) = text.split_once('(') {
            let family = family.trim_end().parse()?;
            let activation = rest.strip_suffix(')').unwrap_or(rest).trim().parse()?;
            return Ok(Self::ByQuadrature { family, activation });
        }
        look_up("nonlinearity", &WORDS, text).map_err(|error| match text.parse::<Activation>() {
            Ok(activation) => {
                error.with_remedy(alloc::format!("PyTorch has no gain for it: write `exact({activation})`"))
            }
            Err(_) => error.with_remedy("or `exact(…)`, `centred(…)`, `backward(…)` of an activation".into()),
        })
    }
}

/// The factor on a Xavier scheme: a number, or the nonlinearity that it is meant for.
///
/// ```
/// use init_core::{Gain, Nonlinearity};
///
/// assert_eq!(Gain::default(), Gain::Value(1.0));
/// assert_eq!(Gain::from(Nonlinearity::Relu).value(), 2_f64.sqrt());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gain {
    /// A number.
    Value(f64),
    /// The gain of a nonlinearity: `nonlinearity.gain(a)`.
    Of {
        /// The activation function.
        nonlinearity: Nonlinearity,
        /// The negative slope of `leaky_relu`; the others ignore it.
        a: f64,
    },
}

impl Gain {
    /// The number it comes to.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Value(gain) => gain,
            Self::Of { nonlinearity, a } => nonlinearity.gain(a),
        }
    }
}

impl Default for Gain {
    fn default() -> Self {
        Self::Value(1.0)
    }
}

impl From<f64> for Gain {
    fn from(gain: f64) -> Self {
        Self::Value(gain)
    }
}

impl From<Nonlinearity> for Gain {
    fn from(nonlinearity: Nonlinearity) -> Self {
        Self::Of { nonlinearity, a: Nonlinearity::DEFAULT_SLOPE }
    }
}

/// Writes the number or the nonlinearity's name (without `a`).
impl fmt::Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Value(gain) => Number(gain).fmt(f),
            Self::Of { nonlinearity, .. } => nonlinearity.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_read_back() {
        for nonlinearity in Nonlinearity::ALL {
            assert_eq!(nonlinearity.to_string().parse(), Ok(nonlinearity));
            assert!(nonlinearity.gain(0.2) > 0.0);
        }
        for unsupported in ["gelu", "swish", "RELU", ""] {
            assert!(unsupported.parse::<Nonlinearity>().is_err());
        }
    }

    #[test]
    fn only_leaky_relu_has_a_slope() {
        assert_eq!(Nonlinearity::LeakyRelu.gain(1.0), 1.0);
        assert_eq!(Nonlinearity::LeakyRelu.gain(0.0), Nonlinearity::Relu.gain(7.0));
        assert_eq!(Gain::from(Nonlinearity::LeakyRelu).value(), 1.414_142_856_997_835_4);
        assert_eq!(Nonlinearity::Tanh.gain(2.0), Nonlinearity::Tanh.gain(0.0));
    }
}
