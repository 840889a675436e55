use std::io;

use init_core::ShapeError;
use serde_json::Value;

use super::{FAMILIES, table::MAX_TENSORS};
use crate::{place::Place, shown::shown};

/// What is wrong with a configuration, and where. Prints as `config.json: …`.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    /// The file, or the preset.
    pub place: Place,
    /// What is wrong there.
    #[source]
    pub problem: ConfigProblem,
}

/// What can be wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// The file cannot be read.
    #[error("the configuration cannot be read: {0}; check the path")]
    Read(io::Error),
    /// What is there can be no configuration.
    #[error("this is {found}; name a config.json as models are published with")]
    NoText {
        /// What it is.
        found: &'static str,
    },
    /// The text is no JSON.
    #[error("this is no JSON: {}", shown(.message))]
    Syntax {
        /// What the JSON parser says, and where.
        message: String,
    },
    /// The text is JSON, but no object.
    #[error("a configuration is an object {{…}}, not {found}")]
    NoObject {
        /// The beginning of what it is.
        found: String,
    },
    /// Nothing says which family it is.
    #[error("there is no `model_type`; the known ones are {}; {ELSE}", FAMILIES.join(", "))]
    NoType,
    /// A family that is not known.
    #[error("the architecture `{}` is not known; the known ones are {}; {ELSE}", shown(.found), FAMILIES.join(", "))]
    Unknown {
        /// The family as given.
        found: String,
    },
    /// A head that is not known.
    #[error("`architectures` names `{}`, which is not known; the known ones are {}; {ELSE}", shown(.found), .known.join(", "))]
    Architecture {
        /// The architecture as given.
        found: String,
        /// What the family has.
        known: &'static [&'static str],
    },
    /// A field whose value cannot be.
    #[error("`{field}` is {expected}, not {found}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it can be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A field whose value asks for what is not built.
    #[error("`{field}` is {found}: {reason}")]
    Unsupported {
        /// The field.
        field: &'static str,
        /// What it is.
        found: String,
        /// Why this will not do, and what would.
        reason: &'static str,
    },
    /// More tensors than any model has.
    #[error("this comes to more than {MAX_TENSORS} tensors; check the number of layers")]
    TooMany,
    /// A shape that is too large.
    #[error("parameter `{}`: {source}; check the sizes", shown(.name))]
    Shape {
        /// The parameter.
        name: String,
        /// What is wrong with its shape.
        source: ShapeError,
    },
}

/// What does for every other model.
const ELSE: &str = "for another, take names and shapes from a file with --like and give --rules";

impl ConfigProblem {
    pub(super) fn field(field: &'static str, expected: impl Into<String>, found: &Value) -> Self {
        Self::Field { field, expected: expected.into(), found: cut(found) }
    }

    pub(super) fn unsupported(field: &'static str, found: &Value, reason: &'static str) -> Self {
        Self::Unsupported { field, found: cut(found), reason }
    }
}

/// The value as it stands in the file, cut to what an error line can hold.
pub(super) fn cut(value: &Value) -> String {
    let text = value.to_string();
    let mut out: String = text.chars().take(40).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    shown(&out)
}
