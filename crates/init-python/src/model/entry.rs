//! `Entry`: the values of one parameter of a plan.

use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use crate::{initializer::Initializer, resolved::Resolved};

/// The values of one parameter of a plan.
///
/// Attributes
/// ----------
/// name : str
///     The parameter's name, which also names its stream.
/// shape : tuple of int
/// dtype : str
///     ``"f32"``, ``"f64"``, ``"bf16"`` or ``"f16"``.
/// layout : str
///     What each axis means, as text.
/// initializer : Initializer
///     What its rule names.
/// distribution : Resolved
///     What the initializer resolves to for the shape.
/// fan_in, fan_out : float or None
/// elements, nbytes : int
/// blocks : tuple of str
///     The names of the parameters that are packed into it, each with its own stream.
/// multipliers : dict
///     The factors that a scheme such as µP gives for training; empty without one.
#[pyclass(frozen, eq, module = "fanin")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) entry: fanin::model::Entry,
    pub(crate) layout: String,
}

#[pymethods]
impl Entry {
    #[getter]
    fn name(&self) -> &str {
        &self.entry.name
    }

    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.entry.shape.dims())
    }

    #[getter]
    fn dtype(&self) -> &'static str {
        self.entry.dtype.name()
    }

    #[getter]
    fn layout(&self) -> &str {
        &self.layout
    }

    #[getter]
    fn initializer(&self) -> Initializer {
        Initializer(self.entry.initializer.clone())
    }

    #[getter]
    fn distribution(&self) -> Resolved {
        Resolved::new(self.entry.resolved.clone(), self.entry.fans.map(|fans| (fans.fan_in, fans.fan_out)))
    }

    #[getter]
    fn fan_in(&self) -> Option<f64> {
        self.entry.fans.map(|fans| fans.fan_in)
    }

    #[getter]
    fn fan_out(&self) -> Option<f64> {
        self.entry.fans.map(|fans| fans.fan_out)
    }

    #[getter]
    fn elements(&self) -> u64 {
        self.entry.shape.numel()
    }

    #[getter]
    fn nbytes(&self) -> u64 {
        self.entry.bytes()
    }

    #[getter]
    fn blocks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let names = self.entry.packed.as_ref().map(|packed| packed.names()).unwrap_or_default();
        PyTuple::new(py, names)
    }

    #[getter]
    fn multipliers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let factors = PyDict::new(py);
        if self.entry.scheme.is_some() {
            let by = &self.entry.multipliers;
            factors.set_item("forward", by.forward)?;
            factors.set_item("learning_rate", by.learning_rate)?;
            factors.set_item("weight_decay", by.weight_decay)?;
            if let Some(residual) = by.residual {
                factors.set_item("residual", residual)?;
            }
        }
        Ok(factors)
    }

    /// Return the entry as a dict of plain values, a row of a table.
    pub(crate) fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let row = PyDict::new(py);
        row.set_item("name", self.name())?;
        row.set_item("shape", self.shape(py)?)?;
        row.set_item("dtype", self.dtype())?;
        row.set_item("elements", self.elements())?;
        row.set_item("nbytes", self.nbytes())?;
        row.set_item("fan_in", self.fan_in())?;
        row.set_item("fan_out", self.fan_out())?;
        row.set_item("layout", self.layout())?;
        row.set_item("initializer", self.entry.initializer.to_string())?;
        row.set_item("distribution", self.entry.resolved.to_string())?;
        Ok(row)
    }

    fn __repr__(&self) -> String {
        let fanin::model::Entry { name, shape, dtype, resolved, .. } = &self.entry;
        format!("<Entry {name:?}: {dtype} {shape}, {resolved}>")
    }
}
