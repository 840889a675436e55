//! The text form of an initializer: `name` or `name(values)`.
//!
//! ```text
//! xavier_uniform
//! xavier_uniform(gain=relu)
//! kaiming_normal(mode=fan_out, nonlinearity=leaky_relu, a=0.2)
//! normal(0, 0.02)
//! truncated_normal(std=0.02, low=-inf)
//! glorot_normal(truncated)
//! orthogonal(gain=exact(tanh))
//! icnr(2, init=kaiming_normal(mode=fan_out))
//! ```
//!
//! As in Python, values without a name come first and are taken in the order of
//! [`Spec::parameters`](crate::Spec::parameters). White space is free between words. Numbers are those of Rust's
//! `f64::from_str`; `inf` and `-inf` only where a bound may be infinite. A word alone that is the name of a
//! parameter of yes or no (`corrected`, `diagonal`) is that parameter's yes, anywhere; and `truncated`, `corrected` or
//! `uncorrected` alone is the `truncation` of a scheme that has one. Printing writes names and
//! leaves out defaults, and what is printed reads back equal.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::initializer::Initializer;
use crate::spec::{DefaultValue, Signature, Value};

/// What is wrong with the text of an initializer or of a scheme, and where.
///
/// ```
/// use init_core::{Initializer, ParseErrorKind};
///
/// let text = "kaiming_normal(mode=fan_aut)";
/// let error = text.parse::<Initializer>().unwrap_err();
/// assert_eq!(&text[error.span()], "fan_aut");
/// assert_eq!(error.kind(), ParseErrorKind::UnknownWord);
/// assert_eq!(
///     error.to_string(),
///     "unknown mode `fan_aut`: did you mean `fan_out`? \
///      possible are fan_in, fan_out, fan_avg, fan_geo_avg",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    pub(crate) kind: ParseErrorKind,
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

impl ParseError {
    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// The bytes of the text that are to blame; empty at the place where something is missing.
    /// Always a valid range of the text, on character boundaries.
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
    /// The initializer has no parameter of this name.
    UnknownParameter,
    /// A parameter is given twice.
    DuplicateParameter,
    /// More values than parameters.
    TooManyValues,
    /// A value without a name after one with a name.
    PositionalAfterNamed,
    /// Nothing where a value is needed, or a required parameter left out.
    MissingValue,
    /// The word is no number.
    BadNumber,
    /// The number is outside the parameter's range, or `low` is above `high`.
    OutOfRange,
    /// No mode, nonlinearity, distribution or other word of a parameter is this.
    UnknownWord,
    /// The value does not go with the others.
    Misfit,
    /// A parenthesis without its partner.
    Unbalanced,
    /// Text where a comma or the end should be.
    Trailing,
}

/// Writes the [text form](crate::text), leaving out defaults.
impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&written(self.spec().signature(), self.values()))
    }
}

/// A name with those of its values that are no defaults.
pub(crate) fn written(spec: Signature, values: Vec<Option<Value>>) -> String {
    let mut text = String::from(spec.name);
    let mut open = false;
    for (parameter, value) in spec.parameters.iter().zip(values) {
        match (value, &parameter.default) {
            (None, _) => continue,
            (Some(value), DefaultValue::Value(default)) if value.same(default) => continue,
            (Some(value), _) => {
                text += if open { ", " } else { "(" };
                text += &format!("{}={value}", parameter.name);
                open = true;
            }
        }
    }
    if open {
        text.push(')');
    }
    text
}
