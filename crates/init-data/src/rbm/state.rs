//! The state of a training between two epochs.

use init_kernels::Stream;

use super::{
    error::RbmError,
    gradient::Gradient,
    machine::Rbm,
    options::{Method, TrainingOptions},
    visible::Visible,
};
use crate::matrix::Matrix;

/// The state of a training between two epochs: together with data, settings and stream it
/// determines the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The machine.
    pub rbm: Rbm,
    /// The last step, for the momentum.
    pub velocity: Gradient,
    /// The hidden units of the persistent chains, one chain per row; no rows for CD-k.
    pub chains: Matrix,
    /// The fraction of examples in which each hidden unit was on; empty without a sparsity target.
    pub activity: Vec<f32>,
    /// The number of epochs done.
    pub epochs: u64,
}

impl State {
    /// Creates the state before the first epoch, with a machine from [`Rbm::drawn`]. With a
    /// sparsity target p, hidden biases are log(p/(1 − p)) (Hinton 2010, section 8.1).
    ///
    /// # Errors
    ///
    /// As for [`Rbm::drawn`] and [`TrainingOptions::check`].
    pub fn new(
        data: &Matrix,
        visible: Visible,
        hidden: usize,
        options: &TrainingOptions,
        stream: Stream,
    ) -> Result<Self, RbmError> {
        options.check()?;
        let mut rbm = Rbm::drawn(data, visible, hidden, stream)?;
        let mut activity = Vec::new();
        if let Some(sparsity) = options.sparsity {
            rbm.hidden_bias.fill((sparsity.target / (1.0 - sparsity.target)).ln() as f32);
            activity = vec![sparsity.target as f32; hidden];
        }
        let chains = if matches!(options.method, Method::Pcd(_)) { options.batch } else { 0 };
        Ok(Self { velocity: Gradient::zeros(&rbm), chains: Matrix::zeros(chains, hidden), rbm, activity, epochs: 0 })
    }

    /// Checks that training can resume from this state.
    pub(super) fn check(&self, data: &Matrix, options: &TrainingOptions) -> Result<(), RbmError> {
        options.check()?;
        self.rbm.check(data)?;
        let (visible, hidden) = (self.rbm.visible_units(), self.rbm.hidden_units());
        let chains = if matches!(options.method, Method::Pcd(_)) { options.batch } else { 0 };
        let activity = if options.sparsity.is_some() { hidden } else { 0 };
        let weight = &self.velocity.weight;
        let parts = [
            ("visible biases", self.rbm.visible_bias.len(), visible),
            ("hidden biases", self.rbm.hidden_bias.len(), hidden),
            ("rows of the last step", weight.rows(), hidden),
            ("columns of the last step", weight.columns(), visible),
            ("visible biases of the last step", self.velocity.visible_bias.len(), visible),
            ("hidden biases of the last step", self.velocity.hidden_bias.len(), hidden),
            ("chains", self.chains.rows(), chains),
            ("units of the chains", if chains == 0 { hidden } else { self.chains.columns() }, hidden),
            ("activities", self.activity.len(), activity),
        ];
        match parts.into_iter().find(|(_, given, expected)| given != expected) {
            None => Ok(()),
            Some((what, given, expected)) => {
                Err(RbmError::State { what: format!("it has {given} {what}, not {expected}") })
            }
        }
    }
}
