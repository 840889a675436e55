//! The errors of a configuration.

use std::io;

use init_core::{ShapeError, text::shorten};
use serde_json::Value;

use crate::{excerpt::excerpt, recipe::location::Location};

/// The error of a configuration: the problem and its location. Prints as `config.json: …`.
#[derive(Debug, thiserror::Error)]
#[error("{location}: {problem}")]
pub struct ConfigError {
    /// The file, or the preset.
    pub location: Location,
    /// The problem.
    #[source]
    pub problem: ConfigProblem,
}

/// The problem with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// The file cannot be read.
    #[error("the configuration cannot be read: {0}; check the path")]
    Read(io::Error),
    /// The file cannot be a configuration.
    #[error("this is {found}; give the config.json of a published model")]
    NotText {
        /// A description of what was found.
        found: &'static str,
    },
    /// The text is not JSON.
    #[error("this is not valid JSON: {}", excerpt(.message))]
    Syntax {
        /// The message of the JSON parser, with the location.
        message: String,
    },
    /// The text is JSON, but not an object.
    #[error("a configuration must be an object {{…}}, got {found}")]
    NotAnObject {
        /// The beginning of the value.
        found: String,
    },
    /// The family is missing.
    #[error("`model_type` is missing; the known ones are {}", .known.join(", "))]
    NoType {
        /// The known families.
        known: Vec<&'static str>,
    },
    /// A family that is not known.
    #[error("unknown architecture `{}`; the known ones are {}", excerpt(.found), .known.join(", "))]
    Unknown {
        /// The family as given.
        found: String,
        /// The known families.
        known: Vec<&'static str>,
    },
    /// A head that is not known.
    #[error(
        "unknown `architectures` entry `{}`; the known ones are {}",
        excerpt(.found), .known.join(", ")
    )]
    Architecture {
        /// The architecture as given.
        found: String,
        /// The architectures of the family.
        known: &'static [&'static str],
    },
    /// A field whose value is invalid.
    #[error("`{field}` must be {expected}, got {found}")]
    Field {
        /// The field.
        field: &'static str,
        /// The kind of value required.
        expected: String,
        /// A description of what was found.
        found: String,
    },
    /// A field whose value is not supported.
    #[error("`{field}` is {found}: {reason}")]
    Unsupported {
        /// The field.
        field: &'static str,
        /// A description of what was found.
        found: String,
        /// Why it is not supported, and what is.
        reason: &'static str,
    },
    /// More tensors than any model has.
    #[error("the model has more than {maximum} tensors; check the number of layers")]
    TooMany {
        /// The largest number that is accepted.
        maximum: usize,
    },
    /// A shape that is too large.
    #[error("parameter `{}`: {source}; check the sizes", excerpt(.name))]
    Shape {
        /// The parameter.
        name: String,
        /// The error of its shape.
        source: ShapeError,
    },
}

/// The longest value that a message repeats, in characters.
const MAX_VALUE: usize = 40;

impl ConfigProblem {
    pub(super) fn field(field: &'static str, expected: impl Into<String>, found: &Value) -> Self {
        Self::Field { field, expected: expected.into(), found: cut(found) }
    }

    pub(super) fn unsupported(field: &'static str, found: &Value, reason: &'static str) -> Self {
        Self::Unsupported { field, found: cut(found), reason }
    }
}

/// Returns the value as the file spells it, cut to what fits into an error message.
pub(super) fn cut(value: &Value) -> String {
    shorten(&value.to_string(), MAX_VALUE)
}
