//! `Resolved`: what an initializer resolves to for a shape, and the functions that say so.

use fanin::{
    Distribution, Layout, Nonlinearity, Shape,
    init_kernels::{FloatEnv, Prepared, check_dtype},
};
use pyo3::{prelude::*, types::PyDict};

use crate::{arguments::Sizes, dtype, error};

/// What an initializer resolves to for a shape: a distribution or a structured fill.
///
/// Attributes
/// ----------
/// kind : str
///     ``"constant"``, ``"uniform"``, ``"normal"``, ``"truncated_normal"`` or ``"structured"``.
/// parameters : dict
///     ``value``; ``low``, ``high``; ``mean``, ``std``; ``mean``, ``std``, ``low``, ``high``. Empty if structured.
/// mean, std : float or None
///     Moments of the distribution; ``None`` if structured.
/// fan_in, fan_out : float or None
///     Fans of the shape; ``None`` where the layout has none for it.
/// text : str
///     The distribution or the structure, as text.
#[pyclass(frozen, module = "fanin")]
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) resolved: fanin::Resolved,
    fans: Option<(f64, f64)>,
}

impl Resolved {
    /// Resolves an initializer for a shape in the layout with a text; `None` is PyTorch's.
    pub(crate) fn of(initializer: &fanin::Initializer, shape: Vec<usize>, layout: Option<&str>) -> PyResult<Self> {
        let (shape, layout) = (Shape::new(shape).map_err(error::value)?, read_layout(layout)?);
        let resolved = FloatEnv::run(|| initializer.resolve(&shape, &layout)).map_err(error::value)?;
        let fans = layout.fans(&shape).ok().map(|fans| (fans.fan_in, fans.fan_out));
        Ok(Self { resolved, fans })
    }

    pub(crate) fn new(resolved: fanin::Resolved, fans: Option<(f64, f64)>) -> Self {
        Self { resolved, fans }
    }

    fn distribution(&self) -> Option<&Distribution> {
        self.resolved.distribution()
    }
}

#[pymethods]
impl Resolved {
    #[getter]
    fn kind(&self) -> &'static str {
        self.distribution().map_or("structured", Distribution::name)
    }

    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let parameters = PyDict::new(py);
        for (name, value) in self.distribution().into_iter().flat_map(Distribution::parameters) {
            parameters.set_item(name, value)?;
        }
        Ok(parameters)
    }

    #[getter]
    fn mean(&self) -> Option<f64> {
        self.distribution().map(|distribution| FloatEnv::run(|| distribution.mean()))
    }

    #[getter]
    fn std(&self) -> Option<f64> {
        self.distribution().map(|distribution| FloatEnv::run(|| distribution.std()))
    }

    #[getter]
    fn fan_in(&self) -> Option<f64> {
        self.fans.map(|fans| fans.0)
    }

    #[getter]
    fn fan_out(&self) -> Option<f64> {
        self.fans.map(|fans| fans.1)
    }

    #[getter]
    fn text(&self) -> String {
        self.resolved.to_string()
    }

    /// Return the kernel that samples the distribution in an element type, and the kernel's numbers.
    ///
    /// Parameters
    /// ----------
    /// dtype : str
    ///     ``"f32"``, ``"f64"``, ``"bf16"`` or ``"f16"``.
    ///
    /// Returns
    /// -------
    /// (str, dict)
    ///     The name of the kernel and its numbers in their order; ``("structured", {})`` for a structured fill.
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     If the values do not fit the element type.
    ///
    /// Examples
    /// --------
    /// >>> import fanin
    /// >>> fanin.resolve("normal(std=0.5)", (4, 4)).prepared("f32")
    /// ('normal', {'mean': 0.0, 'std': 0.5})
    fn prepared<'py>(&self, py: Python<'py>, dtype: &str) -> PyResult<(&'static str, Bound<'py, PyDict>)> {
        let (dtype, numbers) = (dtype::of_name(dtype)?, PyDict::new(py));
        let Some(distribution) = self.distribution() else {
            check_dtype(dtype, &self.resolved).map_err(error::value)?;
            return Ok(("structured", numbers));
        };
        let prepared = Prepared::new(dtype, distribution).map_err(error::value)?;
        for (name, number) in prepared.parameters {
            numbers.set_item(name, number)?;
        }
        Ok((prepared.kernel, numbers))
    }

    fn __repr__(&self) -> String {
        format!("Resolved({:?})", self.resolved.to_string())
    }
}

/// Returns the layout of a text; `None` is PyTorch's.
pub(crate) fn read_layout(layout: Option<&str>) -> PyResult<Layout> {
    match layout {
        None | Some("torch") => Ok(Layout::Torch),
        Some(text) => text.parse().map_err(error::value),
    }
}

/// Return (fan_in, fan_out) of a shape in a layout.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> fanin.fans((64, 3, 7, 7))
/// (147.0, 3136.0)
#[pyfunction]
#[pyo3(signature = (shape, layout=None))]
pub(crate) fn fans(shape: Sizes, layout: Option<&str>) -> PyResult<(f64, f64)> {
    let shape = Shape::new(shape.0).map_err(error::value)?;
    let fans = read_layout(layout)?.fans(&shape).map_err(error::value)?;
    Ok((fans.fan_in, fans.fan_out))
}

/// Return PyTorch's gain of a nonlinearity, or the exact one of ``"exact(gelu)"``.
///
/// Parameters
/// ----------
/// nonlinearity : str
/// a : float, optional
///     The slope of leaky_relu for negative inputs.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> fanin.gain("tanh")
/// 1.6666666666666667
#[pyfunction]
#[pyo3(signature = (nonlinearity, a=0.01))]
pub(crate) fn gain(nonlinearity: &str, a: f64) -> PyResult<f64> {
    let nonlinearity: Nonlinearity = nonlinearity.parse().map_err(error::value)?;
    Ok(FloatEnv::run(|| nonlinearity.gain(a)))
}
