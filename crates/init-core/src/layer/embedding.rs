//! Embedding layers.

use alloc::{boxed::Box, vec, vec::Vec};

use super::parameter::{Framework, LayerParameter, parameter};
use crate::{
    distribution::family::Family,
    initializer::registry::Initializer,
    shape::{axes::Axes, dims::ShapeError, fan::Mode, layout::Layout},
};

/// Returns the parameter of an embedding of `rows` vectors of `size`.
///
/// | | weight `(rows, size)` |
/// |---|---|
/// | PyTorch | N(0, 1) |
/// | Keras | ±0.05 |
/// | Flax | N(0, 1 / size), by `variance_scaling` with the rows as input and as output axis |
///
/// With a `padding_idx` that row is 0. Only PyTorch has that parameter, and there a later
/// initialisation of the weight overwrites the row; here it is part of the
/// [initializer](Initializer::Embedding).
///
/// ```
/// use init_core::layer::{self, Framework};
///
/// let flax = &layer::embedding(Framework::Flax, 50257, 768, None).unwrap()[0];
/// let std = flax.initializer.distribution(&flax.shape, &flax.layout).unwrap().std();
/// assert!((std - 1.0 / 768_f64.sqrt()).abs() < 1e-15);
/// let torch = &layer::embedding(Framework::Torch, 10, 4, Some(0)).unwrap()[0];
/// assert_eq!(torch.initializer.to_string(), "embedding(padding_idx=0)");
/// ```
///
/// # Errors
///
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn embedding(
    framework: Framework,
    rows: usize,
    size: usize,
    padding_idx: Option<isize>,
) -> Result<Vec<LayerParameter>, ShapeError> {
    let normal = Initializer::Normal { mean: 0.0, std: 1.0 };
    let (name, layout, initializer) = match framework {
        Framework::Torch => ("weight", Layout::Torch, normal.clone()),
        Framework::Keras => ("embeddings", Layout::Keras, Initializer::Uniform { low: -0.05, high: 0.05 }),
        Framework::Flax => (
            "embedding",
            Layout::Axes(Axes::new([-2], [0], [])),
            Initializer::VarianceScaling { scale: 1.0, mode: Mode::FanIn, distribution: Family::Normal },
        ),
    };
    let initializer = match padding_idx {
        None => initializer,
        Some(padding_idx) => {
            let init = (initializer != normal).then(|| Box::new(initializer));
            Initializer::Embedding { padding_idx, init }
        }
    };
    Ok(vec![parameter(name, [rows, size], layout, initializer)?])
}
