//! Why a machine cannot be made, trained or measured.

use init_kernels::FillError;

use super::{Visible, likelihood::MAX_ENUMERATED};

/// Why a machine cannot be made, trained or measured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RbmError {
    /// Nothing to learn from.
    #[error("{rows} examples of {columns} features are nothing to learn from; give at least one of each")]
    Empty {
        /// The number of examples.
        rows: usize,
        /// The number of features.
        columns: usize,
    },
    /// Examples of another width.
    #[error("examples of {given} features do not fit a machine of {visible} visible units; give as many as it has")]
    Columns {
        /// The number of features.
        given: usize,
        /// The number of visible units.
        visible: usize,
    },
    /// A machine of no units, or of too many weights.
    #[error(
        "{visible} visible and {hidden} hidden units make no machine; give from 1 on each, and at most 2³⁰ weights"
    )]
    Units {
        /// The number of visible units.
        visible: usize,
        /// The number of hidden units.
        hidden: usize,
    },
    /// A value that the visible units cannot have.
    #[error("example {}, feature {} is {value}; {}", row + 1, column + 1, wanted(*visible))]
    Value {
        /// The example, from 0.
        row: usize,
        /// The feature, from 0.
        column: usize,
        /// The value.
        value: f32,
        /// What the visible units are.
        visible: Visible,
    },
    /// A setting out of its range.
    #[error("{setting} is {given}; it has to be {range}")]
    Setting {
        /// What is set.
        setting: &'static str,
        /// What was given.
        given: String,
        /// What would do.
        range: &'static str,
    },
    /// A stack that has not one training for each machine.
    #[error("{given} trainings for {machines} machines; give one for each, and at least one machine")]
    Trainings {
        /// The number of trainings.
        given: usize,
        /// The number of machines.
        machines: usize,
    },
    /// A state that is not of these data and this training.
    #[error(
        "the state to go on from is of another machine: {what}; go on with the data and settings that it was made with"
    )]
    State {
        /// What does not fit.
        what: String,
    },
    /// Learning blew up.
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
        /// How it shows.
        what: String,
    },
    /// Too many states to count.
    #[error(
        "the smaller side has {units} units, too many to enumerate their states (at most {}); estimate by annealed \
         importance sampling instead",
        MAX_ENUMERATED
    )]
    Enumeration {
        /// Its units.
        units: usize,
    },
    /// Told to stop.
    #[error("layer {layer} was stopped after epoch {epoch}")]
    Stopped {
        /// The machine, from 1.
        layer: usize,
        /// The last whole epoch, from 1.
        epoch: u64,
    },
    /// The values cannot be drawn here.
    #[error(transparent)]
    Fill(#[from] FillError),
}

fn wanted(visible: Visible) -> &'static str {
    match visible {
        Visible::Bernoulli => "Bernoulli units take values from 0 to 1: scale the data, or take Gaussian units",
        Visible::Gaussian => "values have to be finite",
    }
}
