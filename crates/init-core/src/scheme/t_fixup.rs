//! T-Fixup, for transformers without layer normalisation.

use crate::{gain::nonlinearity::Gain, initializer::registry::Initializer, word::words};

words! {
    /// The part of a model of [`TFixup`] that a weight belongs to.
    #[derive(Default)]
    TFixupPart, "part", {
        /// Queries and keys, and all other weights that are not scaled.
        #[default]
        QueryKey = "query_key",
        /// Values, outputs and feed-forward weights of the encoder.
        Encoder = "encoder",
        /// Values, outputs and feed-forward weights of the decoder.
        Decoder = "decoder",
        /// Embeddings.
        Embedding = "embedding",
    }
}

/// T-Fixup: transformers without layer normalisation and without warm-up.
///
/// Huang et al. 2020 (T-Fixup, ICML), section 3.2: `xavier_uniform` for all but the embeddings,
/// which are N(0, 1/d); then the embeddings and, in the decoder, the values, outputs and
/// feed-forward weights times (9N)^(−1/4); in the encoder, the same weights times 0.67·N^(−1/4).
///
/// ```
/// use init_core::scheme::TFixup;
///
/// let scheme = TFixup { layers: 6 };
/// assert_eq!(scheme.query_key().to_string(), "xavier_uniform");
/// assert!((scheme.decoder_scale() - 54_f64.powf(-0.25)).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TFixup {
    /// The number N of layers of the encoder, and of the decoder.
    pub layers: usize,
}

impl TFixup {
    /// Returns (9N)^(−1/4).
    #[must_use]
    pub fn decoder_scale(&self) -> f64 {
        libm::pow(9.0 * self.layers.max(1) as f64, -0.25)
    }

    /// Returns 0.67 · N^(−1/4).
    #[must_use]
    pub fn encoder_scale(&self) -> f64 {
        0.67 * libm::pow(self.layers.max(1) as f64, -0.25)
    }

    /// Returns the initializer of queries and keys, and of all other weights that are not scaled.
    #[must_use]
    pub fn query_key(&self) -> Initializer {
        Initializer::XavierUniform { gain: Gain::default() }
    }

    /// Returns the initializer of values, outputs and feed-forward weights of the decoder.
    #[must_use]
    pub fn decoder(&self) -> Initializer {
        Initializer::XavierUniform { gain: self.decoder_scale().into() }
    }

    /// Returns the initializer of values, outputs and feed-forward weights of the encoder.
    #[must_use]
    pub fn encoder(&self) -> Initializer {
        Initializer::XavierUniform { gain: self.encoder_scale().into() }
    }

    /// Returns the initializer of the embeddings of both, of vectors of `size`.
    #[must_use]
    pub fn embedding(&self, size: usize) -> Initializer {
        Initializer::Normal { mean: 0.0, std: self.decoder_scale() / libm::sqrt(size.max(1) as f64) }
    }

    /// Returns the initializer of a part; `size` is that of the vectors of embeddings.
    #[must_use]
    pub fn initializer(&self, part: TFixupPart, size: usize) -> Initializer {
        match part {
            TFixupPart::QueryKey => self.query_key(),
            TFixupPart::Encoder => self.encoder(),
            TFixupPart::Decoder => self.decoder(),
            TFixupPart::Embedding => self.embedding(size),
        }
    }
}
