//! A parameter that cannot be.

use crate::spec::Kind;
use crate::word::Number;

/// A parameter of an initializer or of a scheme that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A number outside the parameter's range.
    #[error("`{parameter}` of `{initializer}` must be {kind}, but {} was given", Number(*.value))]
    OutOfRange {
        /// The initializer's or the scheme's name.
        initializer: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// The number given.
        value: f64,
        /// What it should have been.
        kind: Kind,
    },
    /// The bounds enclose nothing.
    #[error(
        "`low` of `{initializer}` is {}, above its `high`, {}: swap them, or give both",
        Number(*.low),
        Number(*.high)
    )]
    LowAboveHigh {
        /// The initializer's or the scheme's name.
        initializer: &'static str,
        /// The lower bound, given or computed.
        low: f64,
        /// The upper bound, given or computed.
        high: f64,
    },
    /// A parameter that does not go with the others.
    #[error("`{parameter}` of `{initializer}` {reason}")]
    Misfit {
        /// The initializer's or the scheme's name.
        initializer: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// Why not, and what would go.
        reason: &'static str,
    },
}
