//! The error of a trace.

use init_kernels::Cancelled;

use crate::layer_source::NetworkError;

/// An error of a trace.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// A batch or a gradient whose shape does not fit the stack.
    #[error(
        "a batch of {rows} × {columns} and a gradient of {} × {} do not fit a stack of {inputs} inputs and {outputs} \
         outputs; both need one row per example", .gradient[0], .gradient[1]
    )]
    Shape {
        /// Rows of the batch.
        rows: usize,
        /// Its columns.
        columns: usize,
        /// Rows and columns of the gradient.
        gradient: [usize; 2],
        /// Inputs of the stack.
        inputs: usize,
        /// Its outputs.
        outputs: usize,
    },
    /// Not enough memory.
    #[error("not enough memory: {}; use narrower or fewer layers, or a smaller batch", size(.gib))]
    Memory {
        /// The memory needed, in GiB; `None` if it overflows.
        gib: Option<usize>,
    },
    /// A layer that cannot be filled.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The caller cancelled the trace.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

fn size(gib: &Option<usize>) -> String {
    gib.map_or_else(|| "this takes more than any machine has".to_owned(), |gib| format!("this takes {gib} GiB"))
}
