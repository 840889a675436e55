//! The error for a text that is not an initializer or a scheme.

use alloc::string::String;
use core::ops::Range;

/// The error for a text that is not an initializer or a scheme: the kind and the position.
///
/// ```
/// use init_core::{text::ParseErrorKind, Initializer};
///
/// let text = "kaiming_normal(mode=fan_aut)";
/// let error = text.parse::<Initializer>().unwrap_err();
/// assert_eq!(&text[error.span()], "fan_aut");
/// assert_eq!(error.kind(), ParseErrorKind::UnknownWord);
/// assert_eq!(
///     error.to_string(),
///     "unknown mode `fan_aut`: did you mean `fan_out`? \
///      expected one of fan_in, fan_out, fan_avg, fan_geo_avg",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    pub(super) kind: ParseErrorKind,
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

impl ParseError {
    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// Returns the byte range of the text that is wrong; empty at the position where something is
    /// missing. It is always a valid range of the text, on character boundaries.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// The kinds of [`ParseError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is no text, or nothing before the parenthesis.
    MissingName,
    /// The text is longer than 4096 bytes.
    TooLong,
    /// No initializer has this name.
    UnknownInitializer,
    /// No [scheme](crate::scheme) has this name.
    UnknownScheme,
    /// A [scheme](crate::scheme) was given where an initializer is needed.
    SchemeNotInitializer,
    /// An initializer was given where a [scheme](crate::scheme) is needed.
    InitializerNotScheme,
    /// The initializer has no parameter of this name.
    UnknownParameter,
    /// A parameter is given twice.
    DuplicateParameter,
    /// More values than parameters.
    TooManyValues,
    /// A value without a name after one with a name.
    PositionalAfterNamed,
    /// A value or a required parameter is missing.
    MissingValue,
    /// The word is not a number.
    BadNumber,
    /// The number is outside the parameter's range, or `low` is above `high`.
    OutOfRange,
    /// The word is not a mode, nonlinearity, distribution or other word that the parameter takes.
    UnknownWord,
    /// The value does not fit the others.
    Mismatch,
    /// An unmatched parenthesis.
    Unbalanced,
    /// Text where a comma or the end should be.
    Trailing,
}
