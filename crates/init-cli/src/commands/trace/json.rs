//! The JSON form of a trace.

use init_data::trace::{LayerTrace, Outlook};
use serde::Serialize;

use super::{
    measured::{Measured, Setting},
    warning::warnings,
};
use crate::json::Bins;

/// The object that `--json` prints. Values that are not finite, or have no prediction, are null.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    activation: &'static str,
    sizes: &'a [usize],
    batch: usize,
    seed: u64,
    schemes: Vec<Scheme<'a>>,
}

#[derive(Debug, Serialize)]
struct Scheme<'a> {
    init: &'a str,
    layers: Vec<Layer<'a>>,
    forward: Fate,
    backward: Fate,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Layer<'a> {
    layer: usize,
    forward_mean: f64,
    forward_std: f64,
    forward_zeros: f64,
    saturated: f64,
    backward_mean: f64,
    backward_std: f64,
    predicted_forward_mean: f64,
    predicted_forward_std: f64,
    predicted_backward_std: f64,
    forward_histogram: Option<Bins<'a>>,
    backward_histogram: Option<Bins<'a>>,
}

/// The outlook of a signal; depths count the layers that it has passed.
#[derive(Debug, Serialize)]
struct Fate {
    fate: &'static str,
    factor: f64,
    depth: Option<usize>,
    f16: Option<usize>,
    f32: Option<usize>,
    lost: Option<usize>,
    by_theory: bool,
}

impl<'a> Report<'a> {
    pub(super) fn new(setting: &'a Setting, measured: &'a [Measured]) -> Self {
        let scheme = |measured: &'a Measured| Scheme {
            init: &measured.name,
            layers: measured.trace.layers.iter().enumerate().map(|(index, of)| layer(index + 1, of)).collect(),
            forward: fate(&measured.trace.forward),
            backward: fate(&measured.trace.backward),
            warnings: warnings(&measured.trace),
        };
        Self {
            activation: setting.activation.name(),
            sizes: &setting.sizes,
            batch: setting.batch,
            seed: setting.seed,
            schemes: measured.iter().map(scheme).collect(),
        }
    }
}

fn layer(layer: usize, of: &LayerTrace) -> Layer<'_> {
    Layer {
        layer,
        forward_mean: of.forward.mean,
        forward_std: of.forward.std,
        forward_zeros: of.forward.zeros,
        saturated: of.saturated,
        backward_mean: of.backward.mean,
        backward_std: of.backward.std,
        predicted_forward_mean: of.predicted.forward_mean,
        predicted_forward_std: of.predicted.forward_std,
        predicted_backward_std: of.predicted.backward_std,
        forward_histogram: of.forward.histogram.as_ref().map(Bins::from),
        backward_histogram: of.backward.histogram.as_ref().map(Bins::from),
    }
}

fn fate(outlook: &Outlook) -> Fate {
    let Outlook { factor, fate, depth, f16, f32, lost, by_theory } = *outlook;
    Fate { fate: fate.name(), factor, depth, f16, f32, lost, by_theory }
}
