use super::{Framework, GLOROT_UNIFORM, JAX_LECUN_NORMAL, Layer, ORTHOGONAL, parameter, within_root};
use crate::initializer::Initializer;
use crate::layout::Layout;
use crate::shape::ShapeError;

/// All gates together, or the error that their shape would be.
fn gates(hidden: usize, gates: usize) -> Result<usize, ShapeError> {
    hidden.checked_mul(gates).ok_or_else(|| ShapeError::Overflow { dims: [gates, hidden].into() })
}

/// How far open an LSTM's forget gate starts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum GateOpening {
    /// As the framework has it: PyTorch and Flax treat all gates alike, Keras sets the forget bias to 1.
    #[default]
    Default,
    /// A forget bias of 1, the others 0 (Jozefowicz et al. 2015).
    Forget,
    /// For memories of up to so many steps (Tallec and Ollivier 2018).
    Chrono {
        /// The longest time, in steps; at least 2.
        longest: f64,
    },
}

impl GateOpening {
    /// The bias, or what the framework gives.
    fn bias(self, default: Initializer) -> Initializer {
        match self {
            Self::Default => default,
            Self::Forget => Initializer::GateBias { value: 1.0, gate: 1, gates: 4 },
            Self::Chrono { longest } => Initializer::Chrono { longest, forget: 1, input: 0, gates: 4 },
        }
    }
}

/// One layer of an LSTM, its four gates packed: input, forget, cell, output in all three frameworks.
///
/// | | input weight | recurrent weight | bias |
/// |---|---|---|---|
/// | PyTorch | `(4h, in)`, ±1/√h | `(4h, h)`, ±1/√h | two of `4h`, ±1/√h |
/// | Keras | `(in, 4h)`, `glorot_uniform` | `(h, 4h)`, `orthogonal` | 1 for the forget gate, else 0 |
/// | Flax (`OptimizedLSTMCell`) | `(in, 4h)`, `lecun_normal(truncated)` | `(h, 4h)`, `orthogonal` | 0 |
///
/// PyTorch has a bias for the input and one for the recurrent weight, which are added: with an `opening`, the second
/// is 0, so that their sum is what was asked for.
///
/// ```
/// use init_core::layer::{self, Framework, GateOpening};
///
/// let torch = layer::lstm(Framework::Torch, 32, 64, GateOpening::Forget).unwrap();
/// assert_eq!(torch[2].name, "bias_ih_l0");
/// assert_eq!(torch[2].initializer.to_string(), "gate_bias");
/// assert_eq!(torch[3].initializer.to_string(), "zeros");
/// ```
///
/// # Errors
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn lstm(framework: Framework, inputs: usize, hidden: usize, opening: GateOpening) -> Layer {
    let wide = gates(hidden, 4)?;
    Ok(match framework {
        Framework::Torch => {
            let even = || within_root(hidden);
            let second = if opening == GateOpening::Default { even() } else { Initializer::Zeros };
            [
                parameter("weight_ih_l0", [wide, inputs], Layout::Torch, even())?,
                parameter("weight_hh_l0", [wide, hidden], Layout::Torch, even())?,
                parameter("bias_ih_l0", [wide], Layout::Torch, opening.bias(even()))?,
                parameter("bias_hh_l0", [wide], Layout::Torch, second)?,
            ]
            .into()
        }
        Framework::Keras => {
            let bias = opening.bias(Initializer::GateBias { value: 1.0, gate: 1, gates: 4 });
            [
                parameter("kernel", [inputs, wide], Layout::Keras, GLOROT_UNIFORM)?,
                parameter("recurrent_kernel", [hidden, wide], Layout::Keras, ORTHOGONAL)?,
                parameter("bias", [wide], Layout::Keras, bias)?,
            ]
            .into()
        }
        Framework::Flax => [
            parameter("dense_i.kernel", [inputs, wide], Layout::Jax, JAX_LECUN_NORMAL)?,
            parameter("dense_h.kernel", [hidden, wide], Layout::Jax, ORTHOGONAL)?,
            parameter("dense_h.bias", [wide], Layout::Jax, opening.bias(Initializer::Zeros))?,
        ]
        .into(),
    })
}

/// One layer of a GRU, its three gates packed.
///
/// | | input weight | recurrent weight | bias |
/// |---|---|---|---|
/// | PyTorch | `(3h, in)`, ±1/√h | `(3h, h)`, ±1/√h | two of `3h`, ±1/√h |
/// | Keras (`reset_after`) | `(in, 3h)`, `glorot_uniform` | `(h, 3h)`, `orthogonal` | `(2, 3h)`, 0 |
/// | Flax | `(in, 3h)`, `lecun_normal(truncated)` | `(h, 3h)`, `orthogonal` | `3h`, 0 |
///
/// ```
/// use init_core::layer::{self, Framework};
///
/// let keras = layer::gru(Framework::Keras, 32, 64).unwrap();
/// assert_eq!(keras[1].shape.to_string(), "[64, 192]");
/// ```
///
/// # Errors
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn gru(framework: Framework, inputs: usize, hidden: usize) -> Layer {
    let wide = gates(hidden, 3)?;
    Ok(match framework {
        Framework::Torch => {
            let even = || within_root(hidden);
            [
                parameter("weight_ih_l0", [wide, inputs], Layout::Torch, even())?,
                parameter("weight_hh_l0", [wide, hidden], Layout::Torch, even())?,
                parameter("bias_ih_l0", [wide], Layout::Torch, even())?,
                parameter("bias_hh_l0", [wide], Layout::Torch, even())?,
            ]
            .into()
        }
        Framework::Keras => [
            parameter("kernel", [inputs, wide], Layout::Keras, GLOROT_UNIFORM)?,
            parameter("recurrent_kernel", [hidden, wide], Layout::Keras, ORTHOGONAL)?,
            parameter("bias", [2, wide], Layout::Keras, Initializer::Zeros)?,
        ]
        .into(),
        Framework::Flax => [
            parameter("dense_i.kernel", [inputs, wide], Layout::Jax, JAX_LECUN_NORMAL)?,
            parameter("dense_h.kernel", [hidden, wide], Layout::Jax, ORTHOGONAL)?,
            parameter("dense_i.bias", [wide], Layout::Jax, Initializer::Zeros)?,
        ]
        .into(),
    })
}
