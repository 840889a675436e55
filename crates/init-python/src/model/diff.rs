//! The difference of two model files, tensor by tensor.

use fanin::model::{Header, Tensor, check::Change, diff};
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use super::{source, watched::watched};
use crate::error;

/// The rows of common tensors, and the names that only one file has.
type Rows<'py> = (Vec<Bound<'py, PyDict>>, Vec<String>, Vec<String>);

/// Compares two files; returns a row for each common tensor, and the names that only one of them has.
#[pyfunction]
pub(crate) fn diff_files<'py>(py: Python<'py>, a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Rows<'py>> {
    let a = Header::read(source::path(a, "a")?).map_err(error::of_file)?;
    let b = Header::read(source::path(b, "b")?).map_err(error::of_file)?;
    let found = watched(py, |progress| diff(&a, &b, progress))?.map_err(error::of_file)?;
    let names = |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.name.clone()).collect();
    let rows = found.changes.iter().map(|change| row(py, change)).collect::<PyResult<_>>()?;
    Ok((rows, names(&found.only_before), names(&found.only_after)))
}

fn row<'py>(py: Python<'py>, change: &Change) -> PyResult<Bound<'py, PyDict>> {
    let Change { before, after, differing, statistics } = change;
    let row = PyDict::new(py);
    row.set_item("name", &before.name)?;
    row.set_item("shape_a", PyTuple::new(py, &before.shape)?)?;
    row.set_item("shape_b", PyTuple::new(py, &after.shape)?)?;
    row.set_item("dtype_a", before.type_name())?;
    row.set_item("dtype_b", after.type_name())?;
    row.set_item("equal", change.is_equal())?;
    row.set_item("differing", differing)?;
    row.set_item("not_finite", statistics.map(|all| all.not_finite))?;
    row.set_item("max", statistics.map(|all| all.max))?;
    row.set_item("rms", statistics.map(|all| all.rms()))?;
    row.set_item("rms_a", statistics.map(|all| all.rms_before()))?;
    row.set_item("relative", statistics.map(|all| all.relative()))?;
    Ok(row)
}
