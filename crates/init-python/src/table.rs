//! The table of initializers: names, aliases, parameters with defaults.

use fanin::init_core::{
    Spec,
    initializer::{DefaultValue, Kind},
};
use pyo3::{prelude::*, types::PyDict};

use crate::initializer::value_of;

/// Return a row for each initializer; `fanin.initializers` makes objects of them.
#[pyfunction]
pub(crate) fn initializer_table(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    Spec::all().iter().map(|spec| row(py, spec)).collect()
}

fn row<'py>(py: Python<'py>, spec: &Spec) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    row.set_item("name", spec.name)?;
    row.set_item("aliases", spec.aliases)?;
    row.set_item("summary", spec.summary)?;
    row.set_item("source", spec.source)?;
    row.set_item("needs_fans", spec.needs_fans)?;
    row.set_item("structured", spec.structured)?;
    row.set_item("examples", spec.examples)?;
    let mut parameters = Vec::new();
    for parameter in spec.parameters {
        let item = PyDict::new(py);
        item.set_item("name", parameter.name)?;
        item.set_item("aliases", parameter.aliases)?;
        item.set_item("accepts", parameter.kind.to_string())?;
        item.set_item("type", python_type(parameter.kind))?;
        item.set_item("required", parameter.default == DefaultValue::Required)?;
        match &parameter.default {
            DefaultValue::Required => item.set_item("default", py.None())?,
            DefaultValue::Value(value) => item.set_item("default", value_of(py, parameter.kind, value)?)?,
            DefaultValue::Computed(formula) => item.set_item("computed", *formula)?,
        }
        parameters.push(item);
    }
    row.set_item("parameters", parameters)?;
    Ok(row)
}

/// Returns the Python type of a parameter: `float`, `int`, `bool`, `str` or `float | str`.
fn python_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Finite
        | Kind::NonNegative
        | Kind::Positive
        | Kind::LowerBound
        | Kind::UpperBound
        | Kind::Fraction
        | Kind::Steps => "float",
        Kind::Count | Kind::Index | Kind::Axis => "int",
        Kind::Flag => "bool",
        Kind::Gain => "float | str",
        Kind::Mode
        | Kind::Nonlinearity
        | Kind::Family
        | Kind::Truncation
        | Kind::Centre
        | Kind::Side
        | Kind::Window
        | Kind::Scaling
        | Kind::Initializer
        | Kind::OneOf(_) => "str",
    }
}
