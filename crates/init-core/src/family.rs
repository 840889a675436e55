//! Which law a scheme draws from, and how a normal law is cut.

use crate::word::words;

/// The standard deviation of N(0, 1) cut at ±2: √(1 − 4φ(2) / (2Φ(2) − 1)), to the digits that
/// JAX, Keras and TensorFlow divide by.
pub(crate) const STD_CUT_AT_2: f64 = 0.879_625_661_034_239_8;

words! {
    /// The family that [`Initializer::VarianceScaling`](crate::Initializer::VarianceScaling) draws from.
    ///
    /// ```
    /// use init_core::Family;
    ///
    /// assert_eq!("truncated_normal".parse(), Ok(Family::TruncatedNormal));
    /// assert_eq!(Family::UncorrectedTruncatedNormal.to_string(), "uncorrected_truncated_normal");
    /// ```
    Family, "distribution", 4, {
        /// Even over ±√(3 · variance).
        Uniform = "uniform",
        /// Normal, untruncated (Keras calls this one `untruncated_normal`).
        Normal = "normal",
        /// Normal, cut at two standard deviations and made up for it; alias `truncated`.
        #[default]
        TruncatedNormal = "truncated_normal",
        /// Normal, cut at two standard deviations and not made up for it: 0.8796 of the standard deviation.
        UncorrectedTruncatedNormal = "uncorrected_truncated_normal",
    } "truncated" = TruncatedNormal, "untruncated_normal" = Normal
}

words! {
    /// How the normal schemes (`xavier_normal`, `kaiming_normal`, `lecun_normal`) are cut.
    ///
    /// | framework | its `*_normal` |
    /// |---|---|
    /// | PyTorch, Paddle, burn | `none` |
    /// | JAX, Flax, Keras, TensorFlow | `corrected` |
    ///
    /// ```
    /// use init_core::Initializer;
    ///
    /// let jax: Initializer = "glorot_normal(truncated)".parse()?;
    /// assert_eq!(jax.to_string(), "xavier_normal(truncation=corrected)");
    /// # Ok::<(), init_core::ParseError>(())
    /// ```
    Truncation, "truncation", 3, {
        /// Not at all.
        #[default]
        None = "none",
        /// At two standard deviations of a normal law that is wider by 1 / 0.87962566103423978, so that what
        /// is left has the standard deviation asked for. The largest value is thus 2.2737 · std.
        Corrected = "corrected",
        /// At two standard deviations, which leaves 0.8796 of the one asked for.
        Uncorrected = "uncorrected",
    } "truncated" = Corrected
}
