//! `Initializer`: what a person asks for, parsed from its text once.

use std::hash::{Hash, Hasher};

use fanin::init_core::initializer::{Kind, Value};
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};

use crate::{arguments::Sizes, error, resolved::Resolved};

/// An initializer, parsed from its text.
///
/// Parameters
/// ----------
/// text : str
///     For instance ``"kaiming_normal(mode=fan_out, nonlinearity=relu)"``. ``fanin.initializers()`` lists all.
///
/// Raises
/// ------
/// ValueError
///     If the text is not an initializer; the message says what would be.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> initializer = fanin.Initializer("xavier_uniform_(gain=relu)")
/// >>> initializer.name
/// 'xavier_uniform'
/// >>> initializer.resolve((256, 784)).kind
/// 'uniform'
#[pyclass(frozen, eq, hash, module = "fanin")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Initializer(pub(crate) fanin::Initializer);

impl Eq for Initializer {}

impl Hash for Initializer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_string().hash(state);
    }
}

#[pymethods]
impl Initializer {
    #[new]
    fn new(text: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(read(text)?))
    }

    /// The name without parameters.
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name()
    }

    /// The parameters by name; ``None`` for one that is computed.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let parameters = PyDict::new(py);
        for (parameter, value) in self.0.spec().parameters.iter().zip(self.0.values()) {
            parameters
                .set_item(parameter.name, value.map(|value| value_of(py, parameter.kind, &value)).transpose()?)?;
        }
        Ok(parameters)
    }

    /// Return what the initializer resolves to for a shape.
    #[pyo3(signature = (shape, layout=None))]
    fn resolve(&self, shape: Sizes, layout: Option<&str>) -> PyResult<Resolved> {
        Resolved::of(&self.0, shape.0, layout)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Initializer({:?})", self.0.to_string())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (String,)) {
        (py.get_type::<Self>().into_any(), (self.0.to_string(),))
    }
}

/// Returns a parameter's value as a Python object: a number, a flag or text.
pub(crate) fn value_of<'py>(py: Python<'py>, kind: Kind, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    let is_whole = matches!(kind, Kind::Count | Kind::Index | Kind::Axis);
    Ok(match value {
        Value::Number(number) if is_whole => (*number as i64).into_pyobject(py)?.into_any(),
        Value::Number(number) => number.into_pyobject(py)?.into_any(),
        Value::Flag(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        other => PyString::new(py, &other.to_string()).into_any(),
    })
}

/// Returns the initializer that an argument is: an `Initializer` or its text.
pub(crate) fn read(initializer: &Bound<'_, PyAny>) -> PyResult<fanin::Initializer> {
    if let Ok(initializer) = initializer.cast::<Initializer>() {
        return Ok(initializer.get().0.clone());
    }
    match initializer.extract::<&str>() {
        Ok(text) => text.parse().map_err(error::value),
        Err(_) => Err(error::type_error(format!(
            "initializer must be a string such as \"xavier_uniform\" or a fanin.Initializer, got {}",
            initializer.repr()?
        ))),
    }
}
