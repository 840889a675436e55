//! Errors of the library as Python exceptions.

use std::fmt::Display;

use pyo3::{
    PyErr,
    exceptions::{PyTypeError, PyValueError},
};

/// Returns a `ValueError` with the library's message.
pub(crate) fn value(error: impl Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Returns a `TypeError` with a message.
pub(crate) fn type_error(message: impl Into<String>) -> PyErr {
    PyTypeError::new_err(message.into())
}
