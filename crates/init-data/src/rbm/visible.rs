//! The kinds of visible units.

/// The kind of a machine's visible units; hidden ones are always Bernoulli.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visible {
    /// 0 or 1; data in between are probabilities.
    Bernoulli,
    /// Real numbers of variance 1 about their mean: for standardised data.
    Gaussian,
}
