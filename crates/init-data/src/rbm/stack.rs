//! Stacks of machines: greedy layer-wise training.

use init_kernels::{Progress, Stream};

use super::{
    energy::error_of_mean,
    error::RbmError,
    machine::{Rbm, check_units, check_values},
    options::TrainingOptions,
    state::State,
    trainer::Trainer,
    visible::Visible,
};
use crate::{matrix::Matrix, network::Network};

/// Machines trained one after the other, each on the hidden probabilities of the one below: a deep
/// belief network, or the initial weights of a network (G. E. Hinton, S. Osindero and Y.-W. Teh, *A
/// Fast Learning Algorithm for Deep Belief Nets*, 2006, section 4).
///
/// ```
/// use init_data::{Matrix, rbm::{RbmStack, StackOptions, TrainingOptions, Visible}};
/// use init_kernels::{Progress, Stream};
///
/// let data = Matrix::new(4, 6, (0..24).map(|i| (i % 5 % 2) as f32).collect())?;
/// let options = StackOptions {
///     visible: Visible::Bernoulli,
///     hidden: vec![5, 3],
///     training: vec![TrainingOptions { batch: 2, ..TrainingOptions::default() }; 2],
///     epochs: 10,
/// };
/// let stack = RbmStack::train(&data, &options, Stream::new(42), Progress::none(), |epoch| {
///     println!("layer {} epoch {}: {}", epoch.layer, epoch.state.epochs, epoch.error());
/// })?;
/// assert_eq!(stack.sizes(), [6, 5, 3]);
/// assert_eq!(stack.to_network().forward(&data).output().columns(), 3);
/// assert_eq!(stack.to_autoencoder().sizes(), [6, 5, 3, 5, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RbmStack {
    /// The machines, from the data up.
    pub machines: Vec<Rbm>,
}

/// The settings of a stack's training.
#[derive(Clone, Debug, PartialEq)]
pub struct StackOptions {
    /// The visible units of the first machine; those of the others are Bernoulli.
    pub visible: Visible,
    /// The hidden units of each machine.
    pub hidden: Vec<usize>,
    /// The settings of each machine.
    pub training: Vec<TrainingOptions>,
    /// The number of epochs of each machine.
    pub epochs: u64,
}

/// The state of a stack's training after any epoch, from which it can resume.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StackState {
    /// The machines that are done.
    pub machines: Vec<Rbm>,
    /// The state of the machine in training.
    pub state: Option<State>,
    /// The reconstruction error after each epoch, of each machine so far.
    pub errors: Vec<Vec<f32>>,
}

/// A report on a completed epoch.
#[derive(Clone, Copy, Debug)]
pub struct Epoch<'a> {
    /// The machine, from 0.
    pub layer: usize,
    /// The machines that are done.
    pub machines: &'a [Rbm],
    /// The state of the machine in training, with its number of epochs.
    pub state: &'a State,
    /// The reconstruction error after each epoch, of each machine so far.
    pub errors: &'a [Vec<f32>],
}

impl Epoch<'_> {
    /// Returns the reconstruction error after this epoch.
    #[must_use]
    pub fn error(&self) -> f32 {
        self.errors.last().and_then(|errors| errors.last()).copied().unwrap_or(f32::NAN)
    }

    /// Copies the state that training can resume from.
    #[must_use]
    pub fn to_state(&self) -> StackState {
        StackState { machines: self.machines.to_vec(), state: Some(self.state.clone()), errors: self.errors.to_vec() }
    }
}

impl RbmStack {
    /// Trains a stack. Machine L, from 0, draws from `stream.child("layers.L")`. After each epoch
    /// `observe` gets a report, then `progress` one unit.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] if the data or the settings are invalid, training diverges, or
    /// `progress` cancels. A machine has diverged if [`Trainer::epoch`] says so, or if its
    /// reconstruction error is above 1.5 times [`error_of_mean`] plus 0.02.
    pub fn train(
        data: &Matrix,
        options: &StackOptions,
        stream: Stream,
        progress: Progress<'_>,
        observe: impl FnMut(&Epoch<'_>),
    ) -> Result<Self, RbmError> {
        Self::resume(StackState::default(), data, options, stream, progress, observe)
    }

    /// Resumes a training that was cancelled, and ends with the same machines as if it had not
    /// been.
    ///
    /// # Errors
    ///
    /// As for [`train`](Self::train), and if the state does not belong to these data and settings.
    pub fn resume(
        state: StackState,
        data: &Matrix,
        options: &StackOptions,
        stream: Stream,
        progress: Progress<'_>,
        mut observe: impl FnMut(&Epoch<'_>),
    ) -> Result<Self, RbmError> {
        let StackState { machines, mut state, mut errors } = state;
        options.check(data)?;
        let mut stack = Self { machines };
        let mut input = options.input_above(&stack, data)?;
        for layer in stack.machines.len()..options.hidden.len() {
            let within = |error| in_layer(error, layer);
            let (training, units) = (&options.training[layer], options.hidden[layer]);
            let stream = stream.child(&format!("layers.{layer}"));
            let visible = if layer == 0 { options.visible } else { Visible::Bernoulli };
            let state = match state.take() {
                Some(state) if state.rbm.hidden_units() == units && state.rbm.visible == visible => state,
                Some(_) => return Err(RbmError::State { what: format!("layer {} differs", layer + 1) }),
                None => State::new(&input, visible, units, training, stream).map_err(within)?,
            };
            errors.resize(layer + 1, Vec::new());
            let of_mean = error_of_mean(&input);
            let worst = 1.5 * of_mean + 0.02;
            let mut trainer = Trainer::resume(&input, state, training.clone(), stream)?;
            while trainer.state().epochs < options.epochs {
                trainer.epoch().map_err(within)?;
                let error = trainer.rbm().reconstruction_error(&input)?;
                if error.is_nan() || error > worst {
                    let what = format!("its reconstruction error is {error:.4}, and that of the mean {of_mean:.4}");
                    return Err(within(trainer.diverged(what)));
                }
                errors[layer].push(error as f32);
                observe(&Epoch { layer, machines: &stack.machines, state: trainer.state(), errors: &errors });
                progress.advance(1)?;
            }
            let rbm = trainer.into_state().rbm;
            input = rbm.hidden_probabilities(&input);
            stack.machines.push(rbm);
        }
        Ok(stack)
    }

    /// Returns the number of features, then the hidden units of each machine.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        let first = self.machines.first().map(Rbm::visible_units);
        first.into_iter().chain(self.machines.iter().map(Rbm::hidden_units)).collect()
    }

    /// Returns the sigmoid layers that compute each machine's p(h = 1 | v): the initial weights of
    /// a multilayer perceptron without its output layer.
    #[must_use]
    pub fn to_network(&self) -> Network {
        Network { layers: self.machines.iter().map(Rbm::to_layer).collect() }
    }

    /// Returns the network, followed by its decoder: the transposed weights and the visible biases,
    /// from the last machine to the first (G. E. Hinton and R. Salakhutdinov, *Reducing the
    /// Dimensionality of Data with Neural Networks*, 2006, figure 1).
    #[must_use]
    pub fn to_autoencoder(&self) -> Network {
        let up = self.machines.iter().map(Rbm::to_layer);
        Network { layers: up.chain(self.machines.iter().rev().map(Rbm::to_decoder)).collect() }
    }
}

impl StackOptions {
    /// Checks that the settings are valid for these data.
    ///
    /// # Errors
    ///
    /// Returns [`RbmError`] for the first that is not.
    pub fn check(&self, data: &Matrix) -> Result<(), RbmError> {
        if self.hidden.is_empty() || self.training.len() != self.hidden.len() {
            return Err(RbmError::Trainings { given: self.training.len(), machines: self.hidden.len() });
        }
        check_values(data, self.visible)?;
        let mut visible = data.columns();
        for (&hidden, training) in self.hidden.iter().zip(&self.training) {
            training.check()?;
            check_units(visible, hidden)?;
            visible = hidden;
        }
        Ok(())
    }

    /// Returns the hidden probabilities of the topmost machine that is done: the input of the next
    /// one.
    fn input_above(&self, stack: &RbmStack, data: &Matrix) -> Result<Matrix, RbmError> {
        let sizes: Vec<usize> = std::iter::once(data.columns()).chain(self.hidden.iter().copied()).collect();
        if !stack.machines.is_empty() && !sizes.starts_with(&stack.sizes()) {
            return Err(RbmError::State { what: format!("its layers have sizes {:?}", stack.sizes()) });
        }
        let mut input = data.clone();
        for machine in &stack.machines {
            let biases = (machine.visible_bias.len(), machine.hidden_bias.len());
            if biases != (machine.visible_units(), machine.hidden_units()) {
                return Err(RbmError::State { what: format!("a machine has {biases:?} biases") });
            }
            machine.check(&input)?;
            input = machine.hidden_probabilities(&input);
        }
        Ok(input)
    }
}

fn in_layer(error: RbmError, index: usize) -> RbmError {
    match error {
        RbmError::Diverged { epoch, learning_rate, what, .. } => {
            RbmError::Diverged { layer: index + 1, epoch, learning_rate, what }
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        ops::ControlFlow,
        sync::atomic::{AtomicU64, Ordering},
    };

    use init_kernels::Cancelled;

    use super::*;

    fn data() -> Matrix {
        Matrix::new(30, 8, (0..240).map(|i| ((i * i) % 7 % 2) as f32).collect()).unwrap()
    }

    fn options() -> StackOptions {
        let training = vec![TrainingOptions { batch: 7, ..TrainingOptions::default() }; 2];
        StackOptions { visible: Visible::Bernoulli, hidden: vec![6, 4], training, epochs: 5 }
    }

    fn train(options: &StackOptions) -> Result<RbmStack, RbmError> {
        RbmStack::train(&data(), options, Stream::new(1), Progress::none(), |_| {})
    }

    #[test]
    fn a_stack_cancelled_after_any_epoch_resumes_to_the_same_machines() {
        let (data, options) = (data(), options());
        let whole = train(&options).unwrap();
        for stop in 1..=10 {
            let count = AtomicU64::new(0);
            let report = |epochs| match count.fetch_add(epochs, Ordering::Relaxed) + epochs {
                done if done == stop => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            };
            let mut kept = None;
            let error = RbmStack::train(&data, &options, Stream::new(1), Progress::new(&report), |epoch| {
                kept = Some(epoch.to_state());
            });
            assert_eq!(error, Err(RbmError::Cancelled(Cancelled)));
            let mut errors = Vec::new();
            let observe = |epoch: &Epoch<'_>| errors = epoch.errors.to_vec();
            let resumed = RbmStack::resume(kept.unwrap(), &data, &options, Stream::new(1), Progress::none(), observe);
            assert_eq!(resumed.unwrap(), whole, "{stop}");
            assert!(stop == 10 || errors.iter().map(Vec::len).collect::<Vec<_>>() == [5, 5], "{stop}");
        }
    }

    #[test]
    fn the_network_computes_the_hidden_probabilities_and_the_autoencoder_the_reconstruction() {
        let data = data();
        let stack = train(&options()).unwrap();
        let close = |a: &Matrix, b: &Matrix| a.values().iter().zip(b.values()).all(|(a, b)| (a - b).abs() < 1e-5);
        let [first, second] = &stack.machines[..] else { panic!("two machines") };
        let up = second.hidden_probabilities(&first.hidden_probabilities(&data));
        assert!(close(stack.to_network().forward(&data).output(), &up));
        let back = first.visible_means(&second.visible_means(&up));
        assert!(close(stack.to_autoencoder().forward(&data).output(), &back));
    }

    #[test]
    fn divergence_names_its_layer() {
        let mut options = options();
        options.training[1].learning_rate = 1e5;
        let error = train(&options).unwrap_err();
        assert!(matches!(error, RbmError::Diverged { layer: 2, .. }), "{error}");
    }

    #[test]
    fn invalid_settings_are_refused_before_anything_is_trained() {
        let train = |options: &StackOptions| {
            let observe = |_: &Epoch<'_>| panic!("nothing is trained");
            RbmStack::train(&data(), options, Stream::new(1), Progress::none(), observe).unwrap_err()
        };
        let mut wrong = options();
        wrong.hidden.push(3);
        assert!(matches!(train(&wrong), RbmError::Trainings { given: 2, machines: 3 }));
        wrong = options();
        wrong.hidden[1] = 0;
        assert!(matches!(train(&wrong), RbmError::Units { .. }));
        wrong = options();
        wrong.training[1].batch = 0;
        assert!(matches!(train(&wrong), RbmError::Setting { .. }));
        wrong = StackOptions { hidden: Vec::new(), training: Vec::new(), ..options() };
        assert!(matches!(train(&wrong), RbmError::Trainings { .. }));
    }

    #[test]
    fn the_state_of_another_stack_is_refused() {
        let (data, options) = (data(), options());
        let mut kept = None;
        RbmStack::train(&data, &options, Stream::new(1), Progress::none(), |epoch| kept = Some(epoch.to_state()))
            .unwrap();
        let mut other = options.clone();
        other.hidden = vec![5, 4];
        for (state, options) in [
            (kept.clone().unwrap(), &other),
            (StackState { state: kept.unwrap().state, ..StackState::default() }, &options),
        ] {
            let error = RbmStack::resume(state, &data, options, Stream::new(1), Progress::none(), |_| {});
            assert!(matches!(error, Err(RbmError::State { .. })), "{error:?}");
        }
    }
}
