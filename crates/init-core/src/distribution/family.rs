//! `Family` and `Truncation`: which distribution an initializer draws from, and how it is
//! truncated.

use crate::word::words;

/// The standard deviation of N(0, 1) truncated at ±2: √(1 − 4φ(2) / (2Φ(2) − 1)), to the digits
/// that JAX, Keras and TensorFlow divide by.
pub(crate) const STD_CUT_AT_2: f64 = 0.879_625_661_034_239_8;

words! {
    /// The family of distributions that
    /// [`Initializer::VarianceScaling`](crate::Initializer::VarianceScaling) draws from.
    ///
    /// ```
    /// use init_core::distribution::Family;
    ///
    /// assert_eq!("truncated_normal".parse(), Ok(Family::TruncatedNormal));
    /// assert_eq!(Family::UncorrectedTruncatedNormal.to_string(), "uncorrected_truncated_normal");
    /// ```
    #[derive(Default)]
    Family, "distribution", {
        /// Uniform on ±√(3 · variance).
        Uniform = "uniform",
        /// Normal, not truncated; alias `untruncated_normal`, as in Keras.
        Normal = "normal",
        /// Normal, truncated at two standard deviations and corrected for it; alias `truncated`.
        #[default]
        TruncatedNormal = "truncated_normal",
        /// Normal, truncated at two standard deviations and not corrected: 0.8796 of the standard
        /// deviation is left.
        UncorrectedTruncatedNormal = "uncorrected_truncated_normal",
    } "truncated" = TruncatedNormal, "untruncated_normal" = Normal
}

words! {
    /// How the normal initializers (`xavier_normal`, `kaiming_normal`, `lecun_normal`) are
    /// truncated.
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
    #[derive(Default)]
    Truncation, "truncation", {
        /// Not truncated.
        #[default]
        None = "none",
        /// Truncated at two standard deviations of a normal distribution that is wider by 1 /
        /// 0.87962566103423978, so that the result has the requested standard deviation. The
        /// largest value is thus 2.2737 · std.
        Corrected = "corrected",
        /// Truncated at two standard deviations, which leaves 0.8796 of the requested one.
        Uncorrected = "uncorrected",
    } "truncated" = Corrected
}
