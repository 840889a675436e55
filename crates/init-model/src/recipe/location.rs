//! Locations in the input, for error messages.

use std::{fmt, sync::Arc};

/// A location in the input: a recipe and its line, a preset, or a model file.
///
/// Prints as `mlp.toml:12`, or as the origin alone if there is no line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The recipe's path, the preset's name or the model file's path.
    pub origin: Arc<str>,
    /// The line, counted from 1.
    pub line: Option<usize>,
}

impl Location {
    /// Creates a location without a line: a preset or a model file.
    #[must_use]
    pub fn of(origin: &str) -> Self {
        Self { origin: origin.into(), line: None }
    }

    /// Returns the location of a line of the same origin, counted from 1.
    #[must_use]
    pub fn at(&self, line: usize) -> Self {
        Self { origin: Arc::clone(&self.origin), line: Some(line) }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.origin),
            None => f.write_str(&self.origin),
        }
    }
}
