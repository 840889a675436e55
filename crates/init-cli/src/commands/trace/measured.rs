//! The settings of a trace, and the trace of one scheme.

use init_core::{Activation, Distribution};
use init_data::{
    LayerSource, Matrix,
    trace::{Trace, TraceError},
};
use init_kernels::{FillError, Progress, Stream, fill};

/// The settings that all schemes share.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) activation: Activation,
    pub(super) sizes: Vec<usize>,
    pub(super) batch: usize,
    pub(super) seed: u64,
}

/// A scheme and its trace.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) name: String,
    pub(super) trace: Trace,
}

impl Setting {
    /// Traces one scheme, with inputs and output gradients from N(0, 1).
    pub(super) fn measure(
        &self,
        name: String,
        layers: &dyn LayerSource,
        progress: Progress<'_>,
    ) -> Result<Measured, MeasureError> {
        let (first, last) = (self.sizes[0], self.sizes[self.sizes.len() - 1]);
        let stream = Stream::new(self.seed).child("trace");
        let batch = normal(self.batch, first, stream.child("input"))?;
        let gradient = normal(self.batch, last, stream.child("gradient"))?;
        let trace = Trace::measure(layers, batch, gradient, progress)?;
        Ok(Measured { name, trace })
    }
}

/// An error of a trace, or of its inputs.
#[derive(Debug, thiserror::Error)]
pub(super) enum MeasureError {
    #[error(transparent)]
    Trace(#[from] TraceError),
    #[error(transparent)]
    Fill(#[from] FillError),
}

/// Draws a matrix from N(0, 1).
fn normal(rows: usize, columns: usize, stream: Stream) -> Result<Matrix, FillError> {
    let mut values = Matrix::zeros(rows, columns);
    fill(values.values_mut(), &Distribution::Normal { mean: 0.0, std: 1.0 }, stream)?;
    Ok(values)
}
