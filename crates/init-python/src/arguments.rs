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
        given.extract().map(Self).map_err(|error| refused(&error, given, "shapes and offsets", "such as (256, 784)"))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Runs {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let form = "in pairs of a start and a length for each axis, such as [[(0, 2), (4, 2)], [(0, 8)]]";
        given.extract().map(Self).map_err(|error| refused(&error, given, "runs", form))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Natural {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error| refused(&error, given, "addresses, counts and indices", ""))
    }
}

/// Returns a `ValueError` for a number that is out of range, and a `TypeError` for anything else.
fn refused(error: &PyErr, given: Borrowed<'_, '_, PyAny>, what: &str, form: &str) -> PyErr {
    let text = given.repr().map(|text| text.to_string()).unwrap_or_default();
    let form = if form.is_empty() { String::new() } else { format!(" {form}") };
    let message = format!("{what} must be integers from 0 to 2**64 - 1{form}, got {text}");
    match error.is_instance_of::<PyOverflowError>(given.py()) {
        true => error::value(message),
        false => error::type_error(message),
    }
}
