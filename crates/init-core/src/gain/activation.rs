//! Activation functions and their derivatives.

use core::f64::consts::PI;

use crate::{
    distribution::normal::{cdf, pdf},
    word::words,
};

/// The negative slope of `leaky_relu` where none is given, PyTorch's.
pub(crate) const DEFAULT_SLOPE: f64 = 0.01;

words! {
    /// An activation function φ with its derivative, for the [gains by quadrature](crate::gain).
    ///
    /// | word | φ(x) |
    /// |---|---|
    /// | `linear` | x |
    /// | `relu` | max(0, x) |
    /// | `leaky_relu` | x for x > 0, otherwise a·x |
    /// | `relu6` | min(max(0, x), 6) |
    /// | `relu_squared` | max(0, x)² |
    /// | `tanh`, `sigmoid`, `sin`, `arctan`, `erf` | the functions of these names; sigmoid is 1 / (1 + e⁻ˣ) |
    /// | `softsign` | x / (1 + \|x\|) |
    /// | `softplus` | ln(1 + eˣ) |
    /// | `elu` | x for x > 0, otherwise eˣ − 1 |
    /// | `selu` | λ·x for x > 0, otherwise λα·(eˣ − 1), λ = 1.0507…, α = 1.6732… |
    /// | `gelu` | x·Φ(x) |
    /// | `gelu_tanh` | ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) |
    /// | `silu`, alias `swish` | x·sigmoid(x) |
    /// | `mish` | x·tanh(softplus(x)) |
    /// | `hardswish` | x·min(max(0, x + 3), 6) / 6 |
    /// | `hardtanh` | min(max(−1, x), 1) |
    ///
    /// ```
    /// use init_core::Activation;
    ///
    /// assert_eq!("swish".parse(), Ok(Activation::Silu));
    /// assert_eq!(Activation::LeakyRelu.value(-3.0, 0.2), -0.6000000000000001);
    /// assert_eq!(Activation::Relu.derivative(2.0, 0.0), 1.0);
    /// ```
    #[expect(missing_docs, reason = "the table above defines them")]
    Activation, "activation", {
        Linear = "linear",
        Relu = "relu",
        LeakyRelu = "leaky_relu",
        Relu6 = "relu6",
        ReluSquared = "relu_squared",
        Tanh = "tanh",
        Sigmoid = "sigmoid",
        Softsign = "softsign",
        Softplus = "softplus",
        Elu = "elu",
        Selu = "selu",
        Gelu = "gelu",
        GeluTanh = "gelu_tanh",
        Silu = "silu",
        Mish = "mish",
        Hardswish = "hardswish",
        Hardtanh = "hardtanh",
        Sin = "sin",
        Arctan = "arctan",
        Erf = "erf",
    } "swish" = Silu
}

/// The two constants of selu, for which N(0, 1) is a fixed point (Klambauer et al. 2017,
/// arXiv:1706.02515, equation 14).
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
const GELU_CUBE: f64 = 0.044_715;

impl Activation {
    /// Returns φ(x); `a` is the negative slope of `leaky_relu`, which the others ignore.
    #[must_use]
    pub fn value(self, x: f64, a: f64) -> f64 {
        match self {
            Self::Linear => x,
            Self::Relu => x.max(0.0),
            Self::LeakyRelu => {
                if x > 0.0 {
                    x
                } else {
                    a * x
                }
            }
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::ReluSquared => x.max(0.0) * x.max(0.0),
            Self::Tanh => libm::tanh(x),
            Self::Sigmoid => sigmoid(x),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Softplus => softplus(x),
            Self::Elu => {
                if x > 0.0 {
                    x
                } else {
                    libm::expm1(x)
                }
            }
            Self::Selu => SELU_SCALE * if x > 0.0 { x } else { SELU_ALPHA * libm::expm1(x) },
            Self::Gelu => x * cdf(x),
            Self::GeluTanh => 0.5 * x * (1.0 + libm::tanh(SQRT_2_OVER_PI * (x + GELU_CUBE * x * x * x))),
            Self::Silu => x * sigmoid(x),
            Self::Mish => x * libm::tanh(softplus(x)),
            Self::Hardswish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Self::Hardtanh => x.clamp(-1.0, 1.0),
            Self::Sin => libm::sin(x),
            Self::Arctan => libm::atan(x),
            Self::Erf => libm::erf(x),
        }
    }

    /// Returns φ′(x), at a kink the derivative from the left.
    #[must_use]
    pub fn derivative(self, x: f64, a: f64) -> f64 {
        let within = |low: f64, high: f64| f64::from(u8::from(x > low && x <= high));
        match self {
            Self::Linear => 1.0,
            Self::Relu => within(0.0, f64::INFINITY),
            Self::LeakyRelu => {
                if x > 0.0 {
                    1.0
                } else {
                    a
                }
            }
            Self::Relu6 => within(0.0, 6.0),
            Self::ReluSquared => 2.0 * x.max(0.0),
            Self::Tanh => {
                let y = libm::tanh(x);
                1.0 - y * y
            }
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::Softsign => 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())),
            Self::Softplus => sigmoid(x),
            Self::Elu => {
                if x > 0.0 {
                    1.0
                } else {
                    libm::exp(x)
                }
            }
            Self::Selu => SELU_SCALE * if x > 0.0 { 1.0 } else { SELU_ALPHA * libm::exp(x) },
            Self::Gelu => cdf(x) + x * pdf(x),
            Self::GeluTanh => {
                let y = libm::tanh(SQRT_2_OVER_PI * (x + GELU_CUBE * x * x * x));
                0.5 * (1.0 + y) + 0.5 * x * (1.0 - y * y) * SQRT_2_OVER_PI * (1.0 + 3.0 * GELU_CUBE * x * x)
            }
            Self::Silu => sigmoid(x) * (1.0 + x * sigmoid(-x)),
            Self::Mish => {
                let y = libm::tanh(softplus(x));
                y + x * (1.0 - y * y) * sigmoid(x)
            }
            Self::Hardswish => {
                if x <= -3.0 {
                    0.0
                } else if x > 3.0 {
                    1.0
                } else {
                    (2.0 * x + 3.0) / 6.0
                }
            }
            Self::Hardtanh => within(-1.0, 1.0),
            Self::Sin => libm::cos(x),
            Self::Arctan => 1.0 / (1.0 + x * x),
            Self::Erf => 2.0 / libm::sqrt(PI) * libm::exp(-x * x),
        }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// Returns ln(1 + eˣ) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_parse_back_and_capitals_do_not_matter() {
        for activation in Activation::ALL {
            assert_eq!(activation.to_string().parse(), Ok(activation));
        }
        for (word, activation) in [
            ("Tanh", Activation::Tanh),
            ("ReLU6", Activation::Relu6),
            ("nn.LeakyReLU", Activation::LeakyRelu),
            ("torch.nn.GELU", Activation::Gelu),
            ("SiLU", Activation::Silu),
            ("Hardswish", Activation::Hardswish),
        ] {
            assert_eq!(word.parse(), Ok(activation), "{word}");
        }
        assert!("tanhh".parse::<Activation>().unwrap_err().to_string().contains("did you mean `tanh`?"));
    }

    #[test]
    fn derivatives_equal_the_slopes_of_the_values() {
        for activation in Activation::ALL {
            for i in -700..=700 {
                // Off the kinks, which are at whole numbers.
                let x = f64::from(i) * 0.013 + 0.0007;
                let h = 1e-5;
                let slope = (activation.value(x + h, 0.2) - activation.value(x - h, 0.2)) / (2.0 * h);
                let exact = activation.derivative(x, 0.2);
                if (x - libm::round(x)).abs() > h {
                    assert!((slope - exact).abs() < 2e-9 * (1.0 + exact.abs()), "{activation} at {x}: {slope} {exact}");
                }
            }
        }
    }

    #[test]
    fn values_far_from_0_stay_finite() {
        for activation in Activation::ALL {
            for x in [-1e3, -40.0, 40.0, 1e3] {
                assert!(activation.value(x, 0.2).is_finite(), "{activation} at {x}");
                assert!(activation.derivative(x, 0.2).is_finite(), "{activation} at {x}");
            }
        }
    }
}
