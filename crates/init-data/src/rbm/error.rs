//! The error of machines and their training.

use init_kernels::{Cancelled, FillError};

use super::visible::Visible;

/// An error of a machine, of its training, or of its data.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RbmError {
    /// No examples, or no features.
    #[error("at least one example of one feature is needed, got {rows} examples of {columns} features")]
    Empty {
        /// The number of examples.
        rows: usize,
        /// The number of features.
        columns: usize,
    },
    /// Examples with another number of features than the machine has visible units.
    #[error("the examples have {given} features, but the machine has {visible} visible units; they must be equal")]
    Columns {
        /// The number of features.
        given: usize,
        /// The number of visible units.
        visible: usize,
    },
    /// A machine without units, or with too many weights.
    #[error(
        "a machine must have at least one visible and one hidden unit, and at most 2³⁰ weights, \
         got {visible} visible and {hidden} hidden units"
    )]
    Units {
        /// The number of visible units.
        visible: usize,
        /// The number of hidden units.
        hidden: usize,
    },
    /// A value that the visible units cannot take.
    #[error("example {}, feature {}: {}, got {value}", row + 1, column + 1, required(*visible))]
    Value {
        /// The example, from 0.
        row: usize,
        /// The feature, from 0.
        column: usize,
        /// The value.
        value: f32,
        /// The kind of the visible units.
        visible: Visible,
    },
    /// A setting out of its range.
    #[error("{setting} must be {range}, got {given}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// The value given.
        given: String,
        /// The values allowed.
        range: &'static str,
    },
    /// A stack without machines, or without one set of training options per machine.
    #[error("a stack needs at least one machine and training options for each, got {given} for {machines} machines")]
    Trainings {
        /// The number of sets of training options.
        given: usize,
        /// The number of machines.
        machines: usize,
    },
    /// A state that does not belong to these data and settings.
    #[error(
        "the state to resume from belongs to another machine: {what}; resume with the data and settings that it was \
         saved with"
    )]
    State {
        /// The mismatch.
        what: String,
    },
    /// Training that diverged.
    #[error(
        "layer {layer} diverged in epoch {epoch} with a learning rate of {learning_rate}: {what}; \
         try a learning rate ten times smaller"
    )]
    Diverged {
        /// The machine, from 1.
        layer: usize,
        /// The epoch, from 1.
        epoch: u64,
        /// The learning rate.
        learning_rate: f64,
        /// The symptom.
        what: String,
    },
    /// Too many states to enumerate.
    #[error(
        "the exact likelihood needs a side of at most {max} units, got {units}; estimate it by annealed importance \
         sampling instead"
    )]
    Enumeration {
        /// The units of the side to enumerate.
        units: usize,
        /// The maximum.
        max: usize,
    },
    /// The caller cancelled the operation.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Values that cannot be filled on this machine.
    #[error(transparent)]
    Fill(#[from] FillError),
}

fn required(visible: Visible) -> &'static str {
    match visible {
        Visible::Bernoulli => "values of Bernoulli units must be from 0 to 1 (scale the data, or use Gaussian units)",
        Visible::Gaussian => "values must be finite",
    }
}
