//! `fanin.resolve`: the distribution of an initializer for a shape.

use pyo3::prelude::*;

use crate::{arguments::Sizes, initializer, resolved::Resolved};

/// Return what an initializer resolves to for a shape.
///
/// Parameters
/// ----------
/// initializer : str or Initializer
/// shape : sequence of int
/// layout : str, optional
///     What each axis means: ``"torch"`` (default), ``"jax"``, ``"keras"``, ``"conv(torch, groups=4)"``, …
///
/// Returns
/// -------
/// Resolved
///
/// Raises
/// ------
/// ValueError
///     If the text is not an initializer or does not fit the shape.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> fanin.resolve("xavier_uniform", (256, 784)).parameters["high"]
/// 0.07595545253127499
#[pyfunction]
#[pyo3(signature = (initializer, shape, layout=None))]
pub(crate) fn resolve(initializer: &Bound<'_, PyAny>, shape: Sizes, layout: Option<&str>) -> PyResult<Resolved> {
    Resolved::of(&initializer::read(initializer)?, shape.0, layout)
}
