//! Errors of the library as Python exceptions.

use std::{error::Error, fmt::Display, io};

use fanin::model::{
    check::CheckError,
    config::{ConfigError, ConfigProblem},
    file::{HeaderError, WriteError},
    recipe::{RecipeError, RecipeProblem},
};
use pyo3::{
    PyErr,
    exceptions::{
        PyFileExistsError, PyFileNotFoundError, PyIsADirectoryError, PyOSError, PyPermissionError, PyTypeError,
        PyValueError,
    },
};

/// Returns a `ValueError` with the library's message.
pub(crate) fn value(error: impl Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Returns a `TypeError` with a message.
pub(crate) fn type_error(message: impl Into<String>) -> PyErr {
    PyTypeError::new_err(message.into())
}

/// Returns an `OSError` if the system refused to read or write, and else a `ValueError`.
pub(crate) fn of_file(error: impl FileError) -> PyErr {
    let message = error.to_string();
    match error.io() {
        Some(io::ErrorKind::NotFound) => PyFileNotFoundError::new_err(message),
        Some(io::ErrorKind::PermissionDenied) => PyPermissionError::new_err(message),
        Some(io::ErrorKind::AlreadyExists) => PyFileExistsError::new_err(message),
        Some(io::ErrorKind::IsADirectory) => PyIsADirectoryError::new_err(message),
        Some(_) => PyOSError::new_err(message),
        None => PyValueError::new_err(message),
    }
}

/// An error of the library that may have come from the system.
pub(crate) trait FileError: Display {
    /// Returns the kind of the system's error, if it is one.
    fn io(&self) -> Option<io::ErrorKind>;
}

/// Returns the kind of the first error of the system among an error's sources.
fn source(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        next = error.source();
    }
    None
}

impl FileError for RecipeError {
    fn io(&self) -> Option<io::ErrorKind> {
        match &self.problem {
            RecipeProblem::Read(error) => Some(error.kind()),
            _ => None,
        }
    }
}

impl FileError for ConfigError {
    fn io(&self) -> Option<io::ErrorKind> {
        match &self.problem {
            ConfigProblem::Read(error) => Some(error.kind()),
            _ => None,
        }
    }
}

impl FileError for HeaderError {
    fn io(&self) -> Option<io::ErrorKind> {
        source(self)
    }
}

impl FileError for WriteError {
    fn io(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Exists { .. } => Some(io::ErrorKind::AlreadyExists),
            Self::Busy { .. } => Some(io::ErrorKind::ResourceBusy),
            other => source(other),
        }
    }
}

impl FileError for CheckError {
    fn io(&self) -> Option<io::ErrorKind> {
        match self {
            // The outermost variant is transparent: its own source is that of what it has.
            Self::Read(error) => Some(error.source.kind()),
            _ => None,
        }
    }
}
