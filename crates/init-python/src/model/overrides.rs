//! A caller's seed, dtype and layout in place of a recipe's.

use pyo3::prelude::*;

use crate::{dtype, resolved::read_layout};

/// Returns a recipe with the seed, dtype and layout that a caller gives.
pub(crate) fn overridden(
    mut recipe: fanin::model::Recipe,
    seed: Option<&Bound<'_, PyAny>>,
    dtype: Option<&Bound<'_, PyAny>>,
    layout: Option<&str>,
) -> PyResult<fanin::model::Recipe> {
    if let Some(seed) = seed {
        recipe.seed = Some(crate::stream::read_seed(seed)?);
    }
    if let Some(dtype) = dtype {
        recipe.dtype = Some(dtype::read(dtype)?);
    }
    if layout.is_some() {
        recipe.layout = Some(read_layout(layout)?);
    }
    Ok(recipe)
}
