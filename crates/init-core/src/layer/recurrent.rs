//! Recurrent layers: LSTM and GRU.

use alloc::vec::Vec;

use super::parameter::{
    Framework, GLOROT_UNIFORM, JAX_LECUN_NORMAL, LayerParameter, ORTHOGONAL, parameter, within_root,
};
use crate::{
    initializer::registry::Initializer,
    shape::{dims::ShapeError, layout::Layout},
};

/// Returns the size of all gates together, or the error that their shape would give.
fn gates(hidden: usize, gates: usize) -> Result<usize, ShapeError> {
    hidden.checked_mul(gates).ok_or_else(|| ShapeError::Overflow { dims: [gates, hidden].into() })
}

/// The initial opening of an LSTM's forget gate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum GateOpening {
    /// As in the framework: PyTorch and Flax treat all gates alike, Keras sets the forget bias to
    /// 1.
    #[default]
    Default,
    /// A forget bias of 1, the others 0 (Jozefowicz et al. 2015).
    Forget,
    /// For memories of up to that many steps (Tallec and Ollivier 2018).
    Chrono {
        /// The longest memory, in steps; at least 2.
        longest: f64,
    },
}

impl GateOpening {
    /// Returns the initializer of the bias; `default` is the framework's.
    fn bias(self, default: Initializer) -> Initializer {
        match self {
            Self::Default => default,
            Self::Forget => Initializer::GateBias { value: 1.0, gate: 1, gates: 4 },
            Self::Chrono { longest } => Initializer::Chrono { longest, forget: 1, input: 0, gates: 4 },
        }
    }
}

/// Returns the parameters of one layer of an LSTM, its four gates packed: input, forget, cell,
/// output in all three frameworks.
///
/// | | input weight | recurrent weight | bias |
/// |---|---|---|---|
/// | PyTorch | `(4h, in)`, ±1/√h | `(4h, h)`, ±1/√h | two of `4h`, ±1/√h |
/// | Keras | `(in, 4h)`, `glorot_uniform` | `(h, 4h)`, `orthogonal` | 1 for the forget gate, else 0 |
/// | Flax (`OptimizedLSTMCell`) | `(in, 4h)`, `lecun_normal(truncated)` | `(h, 4h)`, `orthogonal` | 0 |
///
/// PyTorch has a bias for the input and one for the recurrent weight, which are added: with an
/// `opening`, the second is 0, so that their sum is the requested bias.
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
///
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn lstm(
    framework: Framework,
    inputs: usize,
    hidden: usize,
    opening: GateOpening,
) -> Result<Vec<LayerParameter>, ShapeError> {
    let wide = gates(hidden, 4)?;
    Ok(match framework {
        Framework::Torch => {
            let bound = || within_root(hidden);
            let second = if opening == GateOpening::Default { bound() } else { Initializer::Zeros };
            [
                parameter("weight_ih_l0", [wide, inputs], Layout::Torch, bound())?,
                parameter("weight_hh_l0", [wide, hidden], Layout::Torch, bound())?,
                parameter("bias_ih_l0", [wide], Layout::Torch, opening.bias(bound()))?,
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

/// Returns the parameters of one layer of a GRU, its three gates packed.
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
///
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn gru(framework: Framework, inputs: usize, hidden: usize) -> Result<Vec<LayerParameter>, ShapeError> {
    let wide = gates(hidden, 3)?;
    Ok(match framework {
        Framework::Torch => {
            let bound = || within_root(hidden);
            [
                parameter("weight_ih_l0", [wide, inputs], Layout::Torch, bound())?,
                parameter("weight_hh_l0", [wide, hidden], Layout::Torch, bound())?,
                parameter("bias_ih_l0", [wide], Layout::Torch, bound())?,
                parameter("bias_hh_l0", [wide], Layout::Torch, bound())?,
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
