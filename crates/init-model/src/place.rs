use std::{fmt, sync::Arc};

/// Where something was said: a recipe and its line, a preset, or a model file.
///
/// Prints as `mlp.toml:12`, or as the origin alone where there is no line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The recipe's path, the preset's name or the model file's path.
    pub origin: Arc<str>,
    /// The line, counted from 1.
    pub line: Option<usize>,
}

impl Place {
    /// A place that has no lines: a preset or a model file.
    pub fn of(origin: &str) -> Self {
        Self { origin: origin.into(), line: None }
    }

    /// The same origin at a line, counted from 1.
    #[must_use]
    pub fn at(&self, line: usize) -> Self {
        Self { origin: Arc::clone(&self.origin), line: Some(line) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.origin),
            None => f.write_str(&self.origin),
        }
    }
}
