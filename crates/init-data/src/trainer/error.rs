//! The error of training.

use init_kernels::Cancelled;

/// An error of training: invalid settings, examples that do not fit, or cancellation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting out of range.
    #[error("the {name} must be {range}, got {given}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// The value given.
        given: f64,
        /// The values allowed.
        range: &'static str,
    },
    /// A network without layers.
    #[error("the network has no layers to train")]
    NoLayer,
    /// A part without examples.
    #[error("there are no examples to {part} with; give more data, or split it otherwise")]
    Empty {
        /// `train` or `test`.
        part: &'static str,
    },
    /// Examples that do not fit the network.
    #[error(
        "the examples to {part} with do not fit a network of {inputs} inputs and {outputs} outputs; it needs one value \
         per input, and either classes below the number of outputs or one value per output"
    )]
    Shape {
        /// `train` or `test`.
        part: &'static str,
        /// The network's inputs.
        inputs: usize,
        /// The network's outputs.
        outputs: usize,
    },
    /// The caller cancelled the training.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
