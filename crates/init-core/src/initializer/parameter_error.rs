//! The error for an invalid parameter of an initializer or of a scheme.

use super::spec::Kind;
use crate::word::Number;

/// The error for an invalid parameter of an initializer or of a scheme.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A number outside the parameter's range.
    #[error("`{parameter}` of `{initializer}` must be {kind}, got {}", Number(*.value))]
    OutOfRange {
        /// The initializer's or the scheme's name.
        initializer: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// The number given.
        value: f64,
        /// The kind of values allowed.
        kind: Kind,
    },
    /// The lower bound is above the upper bound.
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
    /// A parameter that does not fit the others.
    #[error("`{parameter}` of `{initializer}` {reason}")]
    Mismatch {
        /// The initializer's or the scheme's name.
        initializer: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// The mismatch and its remedy.
        reason: &'static str,
    },
}
