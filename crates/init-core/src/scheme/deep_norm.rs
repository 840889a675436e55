//! DeepNorm, for transformers of hundreds of layers.

use crate::{
    distribution::family::Truncation, gain::nonlinearity::Gain, initializer::registry::Initializer, word::words,
};

words! {
    /// The part of a layer of [`DeepNorm`] that a weight belongs to.
    #[derive(Default)]
    DeepNormPart, "part", {
        /// Feed-forward weights, values and outputs.
        #[default]
        Scaled = "scaled",
        /// Queries and keys.
        QueryKey = "query_key",
    }
}

/// The stack of transformer layers that a weight belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stack {
    /// An encoder or a decoder alone, of that many layers (BERT, GPT).
    Alone {
        /// The number of layers.
        layers: usize,
    },
    /// The encoder of an encoder-decoder pair.
    Encoder {
        /// The number of layers of the encoder.
        encoder: usize,
        /// The number of layers of the decoder.
        decoder: usize,
    },
    /// The decoder of an encoder-decoder pair.
    Decoder {
        /// The number of layers of the decoder.
        decoder: usize,
    },
}

/// DeepNorm: x ← LayerNorm(α·x + f(x)), with the weights of f scaled by β.
///
/// Wang et al. 2022 (arXiv:2203.00555), figure 2: `xavier_normal(gain=β)` for the feed-forward
/// weights, the values and the output of the attention, gain 1 for queries and keys.
///
/// | | α | β |
/// |---|---|---|
/// | alone, N layers | (2N)^(1/4) | (8N)^(−1/4) |
/// | encoder of N, with a decoder of M | 0.81·(N⁴M)^(1/16) | 0.87·(N⁴M)^(−1/16) |
/// | decoder of M | (3M)^(1/4) | (12M)^(−1/4) |
///
/// ```
/// use init_core::scheme::{DeepNorm, Stack};
///
/// let deep = DeepNorm::new(Stack::Alone { layers: 128 });
/// assert_eq!(deep.alpha, 4.0);
/// assert!((deep.beta - 2_f64.powf(-2.5)).abs() < 1e-15);
/// assert_eq!(deep.query_key().to_string(), "xavier_normal");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeepNorm {
    /// The factor on the residual stream.
    pub alpha: f64,
    /// The gain of the scaled weights.
    pub beta: f64,
}

impl DeepNorm {
    /// Returns the constants of a stack; 0 layers count as 1.
    #[must_use]
    pub fn new(stack: Stack) -> Self {
        let count = |layers: usize| layers.max(1) as f64;
        let (alpha, beta) = match stack {
            Stack::Alone { layers } => (libm::pow(2.0 * count(layers), 0.25), libm::pow(8.0 * count(layers), -0.25)),
            Stack::Encoder { encoder, decoder } => {
                let size = libm::pow(count(encoder), 4.0) * count(decoder);
                (0.81 * libm::pow(size, 1.0 / 16.0), 0.87 * libm::pow(size, -1.0 / 16.0))
            }
            Stack::Decoder { decoder } => {
                (libm::pow(3.0 * count(decoder), 0.25), libm::pow(12.0 * count(decoder), -0.25))
            }
        };
        Self { alpha, beta }
    }

    /// Returns the initializer of feed-forward weights, values and outputs.
    #[must_use]
    pub fn scaled(&self) -> Initializer {
        Initializer::XavierNormal { gain: self.beta.into(), truncation: Truncation::None }
    }

    /// Returns the initializer of queries and keys.
    #[must_use]
    pub fn query_key(&self) -> Initializer {
        Initializer::XavierNormal { gain: Gain::default(), truncation: Truncation::None }
    }

    /// Returns the initializer of a part.
    #[must_use]
    pub fn initializer(&self, part: DeepNormPart) -> Initializer {
        match part {
            DeepNormPart::Scaled => self.scaled(),
            DeepNormPart::QueryKey => self.query_key(),
        }
    }
}
