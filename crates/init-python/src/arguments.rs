//! Arguments: sizes and other whole numbers of at least 0, refused with a `ValueError` where Python's is an
//! `OverflowError`.

use pyo3::{exceptions::PyOverflowError, prelude::*};

use crate::error;

/// Sizes of a tensor's axes, or offsets on them.
#[derive(Debug)]
pub(crate) struct Sizes(pub(crate) Vec<usize>);

/// For each axis its runs (start, length).
#[derive(Debug)]
pub(crate) struct Runs(pub(crate) Vec<Vec<(usize, usize)>>);

/// A whole number of at least 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Natural(pub(crate) u64);

impl Natural {
    /// Returns the number as a size in memory.
    pub(crate) fn size(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Sizes {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error| refused(error, given, "sizes and offsets must be integers"))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Runs {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error| refused(error, given, "runs must be pairs of integers"))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Natural {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error| refused(error, given, "the number must be an integer"))
    }
}

/// Returns a `ValueError` in place of an `OverflowError`.
fn refused(error: PyErr, given: Borrowed<'_, '_, PyAny>, must: &str) -> PyErr {
    if !error.is_instance_of::<PyOverflowError>(given.py()) {
        return error;
    }
    let text = given.repr().map(|text| text.to_string()).unwrap_or_default();
    error::value(format!("{must} from 0 to 2**64 - 1, got {text}"))
}
