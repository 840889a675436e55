//! Why the values of a model file cannot be read.

use std::{io, path::PathBuf};

/// Why the values of a model file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read: {source}; check the file and its disk", path.display())]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}
