//! The nonlinearity after a layer, and the gain that an initializer takes.

use core::{fmt, str::FromStr};

use crate::{
    gain::{
        activation::{Activation, DEFAULT_SLOPE},
        family::GainFamily,
    },
    word::{Number, UnknownWord, look_up},
};

/// An activation function and the family of its gain.
///
/// A plain word has the gain of `torch.nn.init.calculate_gain`; capitals do not matter (`ReLU`,
/// `LeakyReLU`):
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
/// [`Activation`]; [the module `gain`](crate::gain) says what each keeps and when to use it.
///
/// The plain gains equal PyTorch's to the bit. Those of relu and leaky_relu are exact (He et al.
/// 2015, arXiv:1502.01852, equations 10 and 15); 5/3 and 3/4 are conventions of the field.
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
pub enum Nonlinearity {
    /// No activation.
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
        /// The family of the gain.
        family: GainFamily,
        /// The activation function.
        activation: Activation,
    },
}

const NAMES: [(&str, Nonlinearity); Nonlinearity::ALL.len()] = {
    let mut names = [("", Nonlinearity::Linear); Nonlinearity::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = (Nonlinearity::ALL[i].name(), Nonlinearity::ALL[i]);
        i += 1;
    }
    names
};

const ALIASES: [(&str, Nonlinearity); 6] = [
    ("conv1d", Nonlinearity::Linear),
    ("conv2d", Nonlinearity::Linear),
    ("conv3d", Nonlinearity::Linear),
    ("conv_transpose1d", Nonlinearity::Linear),
    ("conv_transpose2d", Nonlinearity::Linear),
    ("conv_transpose3d", Nonlinearity::Linear),
];

impl Nonlinearity {
    /// Every nonlinearity with a gain in PyTorch, in the order in which they are listed.
    pub const ALL: [Self; 6] = [Self::Linear, Self::Sigmoid, Self::Tanh, Self::Relu, Self::LeakyRelu, Self::Selu];

    /// The slope that `calculate_gain("leaky_relu")` takes when none is given. (The Kaiming
    /// initializers pass their own `a`, which is 0 unless given.)
    pub const DEFAULT_SLOPE: f64 = DEFAULT_SLOPE;

    /// Returns the name; aliases such as `conv2d` print as `linear`. For a gain by quadrature it is
    /// the name of the activation, to which [`Display`](fmt::Display) adds the family.
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

    /// Returns the gain, bit for bit as `torch.nn.init.calculate_gain(nonlinearity, a)`, or by
    /// quadrature.
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

/// Parses the words of the table above, and `exact(word)`, `centred(word)` and `backward(word)`.
impl FromStr for Nonlinearity {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if let Some((family, rest)) = text.split_once('(') {
            let family = family.trim_end().parse()?;
            let activation = rest.strip_suffix(')').unwrap_or(rest).trim().parse()?;
            return Ok(Self::ByQuadrature { family, activation });
        }
        look_up("nonlinearity", &NAMES, &ALIASES, text).map_err(|error| match text.parse::<Activation>() {
            Ok(activation) => {
                error.with_remedy(alloc::format!("PyTorch has no gain for it: write `exact({activation})`"))
            }
            Err(_) => error.with_remedy("or `exact(…)`, `centred(…)`, `backward(…)` of an activation".into()),
        })
    }
}

/// The gain of an initializer: a number, or the nonlinearity that follows.
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
    /// Returns the gain as a number.
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

/// Prints the number or the nonlinearity's name (without `a`).
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
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_parse_back() {
        for nonlinearity in Nonlinearity::ALL {
            assert_eq!(nonlinearity.to_string().parse(), Ok(nonlinearity));
            assert!(nonlinearity.gain(0.2) > 0.0);
        }
        for unsupported in ["gelu", "swish", "rel_u", ""] {
            assert!(unsupported.parse::<Nonlinearity>().is_err());
        }
    }

    #[test]
    fn capitals_as_in_pytorch_are_accepted() {
        for (word, nonlinearity) in [
            ("ReLU", Nonlinearity::Relu),
            ("RELU", Nonlinearity::Relu),
            ("nn.LeakyReLU", Nonlinearity::LeakyRelu),
            ("SELU", Nonlinearity::Selu),
            ("Tanh", Nonlinearity::Tanh),
        ] {
            assert_eq!(word.parse(), Ok(nonlinearity), "{word}");
        }
        let exact = Nonlinearity::ByQuadrature { family: GainFamily::Exact, activation: Activation::Gelu };
        assert_eq!("exact(GELU)".parse(), Ok(exact));
        let error = "GELU".parse::<Nonlinearity>().unwrap_err().to_string();
        assert!(error.ends_with("PyTorch has no gain for it: write `exact(gelu)`"), "{error}");
    }

    #[test]
    fn only_leaky_relu_uses_the_slope() {
        assert_eq!(Nonlinearity::LeakyRelu.gain(1.0), 1.0);
        assert_eq!(Nonlinearity::LeakyRelu.gain(0.0), Nonlinearity::Relu.gain(7.0));
        assert_eq!(Gain::from(Nonlinearity::LeakyRelu).value(), 1.414_142_856_997_835_4);
        assert_eq!(Nonlinearity::Tanh.gain(2.0), Nonlinearity::Tanh.gain(0.0));
    }
}
