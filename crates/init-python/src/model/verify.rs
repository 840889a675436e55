//! Verification of a model file against a plan, bit for bit.

use fanin::model::{Header, check::Found, verify};
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use super::{
    plan::{Plan, indices},
    source,
    watched::watched,
};
use crate::error;

/// Compares a file with a plan; returns a row for each tensor that differs.
#[pyfunction]
pub(crate) fn verify_file<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
    plan: &Plan,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let header = Header::read(source::path(path, "path")?).map_err(error::of_file)?;
    let found = watched(py, |progress| verify(&header, plan.plan(), progress))?.map_err(error::of_file)?;
    let rows = found.differences.iter().map(|difference| {
        let tensor = found.tensor(difference);
        row(py, &tensor.name, &tensor.shape, tensor.type_name(), &difference.found)
    });
    rows.collect()
}

/// Returns the seed that the metadata of a file names, if any.
#[pyfunction]
pub(crate) fn file_seed(path: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
    let header = Header::read(source::path(path, "path")?).map_err(error::of_file)?;
    let Some(text) = header.metadata().get("fanin.seed") else {
        return Ok(None);
    };
    let seed = text.parse().map_err(|_| {
        error::value(format!("the metadata of the file has the seed {text:?}, which is not an integer; pass seed"))
    });
    seed.map(Some)
}

/// Returns a difference between a tensor and its plan as a row.
pub(super) fn row<'py>(
    py: Python<'py>,
    name: &str,
    shape: &[usize],
    dtype: &str,
    found: &Found,
) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("name", name)?;
    row.set_item("shape", PyTuple::new(py, shape)?)?;
    row.set_item("dtype", dtype)?;
    match found {
        Found::DType { expected } => {
            row.set_item("kind", "dtype")?;
            row.set_item("expected_dtype", expected.name())?;
        }
        Found::Values { count, flat, expected, found } => {
            row.set_item("kind", "values")?;
            row.set_item("expected_dtype", dtype)?;
            row.set_item("count", count)?;
            row.set_item("index", indices(py, *flat, shape)?)?;
            row.set_item("expected", expected)?;
            row.set_item("found", found)?;
        }
    }
    Ok(row)
}
