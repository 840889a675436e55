//! Machines upon machines.

use std::ops::ControlFlow;

use init_kernels::Stream;

use super::{Rbm, RbmError, State, Trainer, Training, Visible, error_of_mean};
use crate::{Matrix, Network};

/// Machines trained one after the other, each on what the one below makes of the data: a deep belief network, or the
/// initial weights of a network (G. E. Hinton, S. Osindero and Y.-W. Teh, *A Fast Learning Algorithm for Deep Belief
/// Nets*, 2006, section 4).
///
/// ```
/// use std::ops::ControlFlow;
///
/// use init_data::rbm::{Stack, Stacking, Training, Visible};
/// use init_data::Matrix;
/// use init_kernels::Stream;
///
/// let data = Matrix::new(4, 6, (0..24).map(|i| (i % 5 % 2) as f32).collect())?;
/// let stacking = Stacking {
///     visible: Visible::Bernoulli,
///     hidden: vec![5, 3],
///     training: vec![Training { batch: 2, ..Training::default() }; 2],
///     epochs: 10,
/// };
/// let stack = Stack::train(&data, &stacking, Stream::new(42), |epoch| {
///     println!("layer {} epoch {}: {}", epoch.layer, epoch.state.epochs, epoch.error());
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(stack.sizes(), [6, 5, 3]);
/// assert_eq!(stack.to_network().forward(&data).output().columns(), 3);
/// assert_eq!(stack.to_autoencoder().sizes(), [6, 5, 3, 5, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stack {
    /// The machines, from the data on.
    pub machines: Vec<Rbm>,
}

/// How a stack is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Stacking {
    /// The visible units of the first machine; those of the others are Bernoulli.
    pub visible: Visible,
    /// The hidden units of each machine.
    pub hidden: Vec<usize>,
    /// How each machine is trained.
    pub training: Vec<Training>,
    /// How many epochs each.
    pub epochs: u64,
}

/// How far the training of a stack has come.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Progress {
    /// The machines that are done.
    pub machines: Vec<Rbm>,
    /// The one in training.
    pub state: Option<State>,
    /// The reconstruction error after each epoch, of each machine that has had one.
    pub errors: Vec<Vec<f32>>,
}

/// A whole epoch, at its end.
#[derive(Clone, Copy, Debug)]
pub struct Epoch<'a> {
    /// The machine, from 0.
    pub layer: usize,
    /// The machines that are done.
    pub machines: &'a [Rbm],
    /// The one in training, and its number of epochs.
    pub state: &'a State,
    /// The reconstruction error after each epoch, of each machine.
    pub errors: &'a [Vec<f32>],
}

impl Epoch<'_> {
    /// The reconstruction error after this epoch.
    #[must_use]
    pub fn error(&self) -> f32 {
        self.errors.last().and_then(|errors| errors.last()).copied().unwrap_or(f32::NAN)
    }

    /// What training can go on from.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { machines: self.machines.to_vec(), state: Some(self.state.clone()), errors: self.errors.to_vec() }
    }
}

impl Stack {
    /// Trains a stack. Machine L, from 0, draws from `stream.child("layers.L")`. After each epoch `each` is told, and
    /// may break it off.
    ///
    /// # Errors
    ///
    /// [`RbmError`] if the data or the settings make no stack, learning diverges, or `each` broke it off. A machine
    /// has diverged if
    /// [`Trainer::epoch`] says so, or if it answers examples far worse than their mean would: with an error above one
    /// and a half times
    /// [`error_of_mean`] and 0.02.
    pub fn train(
        data: &Matrix,
        stacking: &Stacking,
        stream: Stream,
        each: impl FnMut(&Epoch<'_>) -> ControlFlow<()>,
    ) -> Result<Self, RbmError> {
        Self::resume(Progress::default(), data, stacking, stream, each)
    }

    /// Goes on with a training that was broken off, to the same machines as if it had not been.
    ///
    /// # Errors
    ///
    /// As for [`train`](Self::train), and if the progress is not of these data and settings.
    pub fn resume(
        progress: Progress,
        data: &Matrix,
        stacking: &Stacking,
        stream: Stream,
        mut each: impl FnMut(&Epoch<'_>) -> ControlFlow<()>,
    ) -> Result<Self, RbmError> {
        let Progress { machines, mut state, mut errors } = progress;
        stacking.check(data)?;
        let mut stack = Self { machines };
        let mut input = stacking.follow(&stack, data)?;
        for layer in stack.machines.len()..stacking.hidden.len() {
            let within = |error| in_layer(error, layer);
            let (training, units) = (&stacking.training[layer], stacking.hidden[layer]);
            let stream = stream.child(&format!("layers.{layer}"));
            let visible = if layer == 0 { stacking.visible } else { Visible::Bernoulli };
            let state = match state.take() {
                Some(state) if state.rbm.hidden_units() == units && state.rbm.visible == visible => state,
                Some(_) => return Err(RbmError::State { what: format!("layer {} is another", layer + 1) }),
                None => State::new(&input, visible, units, training, stream).map_err(within)?,
            };
            errors.resize(layer + 1, Vec::new());
            let of_mean = error_of_mean(&input);
            let worst = 1.5 * of_mean + 0.02;
            let mut trainer = Trainer::resume(&input, state, training.clone(), stream)?;
            while trainer.state().epochs < stacking.epochs {
                trainer.epoch().map_err(within)?;
                let error = trainer.rbm().reconstruction_error(&input)?;
                if error.is_nan() || error > worst {
                    let what = format!("its reconstruction error is {error:.4}, and that of the mean {of_mean:.4}");
                    return Err(within(trainer.diverged(what)));
                }
                errors[layer].push(error as f32);
                let epoch = Epoch { layer, machines: &stack.machines, state: trainer.state(), errors: &errors };
                if each(&epoch).is_break() {
                    return Err(RbmError::Stopped { layer: layer + 1, epoch: trainer.state().epochs });
                }
            }
            let rbm = trainer.into_state().rbm;
            input = rbm.hidden_probabilities(&input);
            stack.machines.push(rbm);
        }
        Ok(stack)
    }

    /// The sizes: of the data, then of each machine's hidden side.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        let first = self.machines.first().map(Rbm::visible_units);
        first.into_iter().chain(self.machines.iter().map(Rbm::hidden_units)).collect()
    }

    /// The sigmoid layers that compute each machine's p(h = 1 | v) of the one before: the initial weights of a
    /// multilayer perceptron, whose output layer is still to be put on top.
    #[must_use]
    pub fn to_network(&self) -> Network {
        Network { layers: self.machines.iter().map(Rbm::to_layer).collect() }
    }

    /// The network, and behind it the way back: the transposed weights and the visible biases, from the last machine
    /// to the first (G. E. Hinton and R. Salakhutdinov, *Reducing the Dimensionality of Data with Neural Networks*,
    /// 2006, figure 1).
    #[must_use]
    pub fn to_autoencoder(&self) -> Network {
        let up = self.machines.iter().map(Rbm::to_layer);
        Network { layers: up.chain(self.machines.iter().rev().map(Rbm::to_decoder)).collect() }
    }
}

impl Stacking {
    /// Whether these settings make a stack of these data.
    ///
    /// # Errors
    ///
    /// [`RbmError`], of the first that does not.
    pub fn check(&self, data: &Matrix) -> Result<(), RbmError> {
        if self.hidden.is_empty() || self.training.len() != self.hidden.len() {
            return Err(RbmError::Trainings { given: self.training.len(), machines: self.hidden.len() });
        }
        super::check_values(data, self.visible)?;
        let mut visible = data.columns();
        for (&hidden, training) in self.hidden.iter().zip(&self.training) {
            training.check()?;
            super::check_units(visible, hidden)?;
            visible = hidden;
        }
        Ok(())
    }

    /// What the machines that are done make of the data.
    fn follow(&self, stack: &Stack, data: &Matrix) -> Result<Matrix, RbmError> {
        let sizes: Vec<usize> = std::iter::once(data.columns()).chain(self.hidden.iter().copied()).collect();
        if !stack.machines.is_empty() && !sizes.starts_with(&stack.sizes()) {
            return Err(RbmError::State { what: format!("it has layers of {:?}", stack.sizes()) });
        }
        let mut input = data.clone();
        for machine in &stack.machines {
            let biases = (machine.visible_bias.len(), machine.hidden_bias.len());
            if biases != (machine.visible_units(), machine.hidden_units()) {
                return Err(RbmError::State { what: format!("it has {biases:?} biases of a machine") });
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
    use super::*;

    fn data() -> Matrix {
        Matrix::new(30, 8, (0..240).map(|i| ((i * i) % 7 % 2) as f32).collect()).unwrap()
    }

    fn stacking() -> Stacking {
        let training = vec![Training { batch: 7, ..Training::default() }; 2];
        Stacking { visible: Visible::Bernoulli, hidden: vec![6, 4], training, epochs: 5 }
    }

    #[test]
    fn a_stack_broken_off_anywhere_goes_on_to_the_same_machines() {
        let (data, stacking) = (data(), stacking());
        let whole = Stack::train(&data, &stacking, Stream::new(1), |_| ControlFlow::Continue(())).unwrap();
        for stop in 1..=10 {
            let (mut count, mut kept) = (0, None);
            let error = Stack::train(&data, &stacking, Stream::new(1), |epoch| {
                count += 1;
                kept = Some(epoch.progress());
                if count == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert!(matches!(error, Err(RbmError::Stopped { .. })));
            let mut errors = Vec::new();
            let resumed = Stack::resume(kept.unwrap(), &data, &stacking, Stream::new(1), |epoch| {
                errors = epoch.errors.to_vec();
                ControlFlow::Continue(())
            });
            assert_eq!(resumed.unwrap(), whole, "{stop}");
            assert!(stop == 10 || errors.iter().map(Vec::len).collect::<Vec<_>>() == [5, 5], "{stop}");
        }
    }

    #[test]
    fn the_network_computes_what_the_machines_do_and_the_autoencoder_the_way_back() {
        let (data, stacking) = (data(), stacking());
        let stack = Stack::train(&data, &stacking, Stream::new(1), |_| ControlFlow::Continue(())).unwrap();
        let close = |a: &Matrix, b: &Matrix| a.values().iter().zip(b.values()).all(|(a, b)| (a - b).abs() < 1e-5);
        let [first, second] = &stack.machines[..] else { panic!("two machines") };
        let up = second.hidden_probabilities(&first.hidden_probabilities(&data));
        assert!(close(stack.to_network().forward(&data).output(), &up));
        let back = first.visible_means(&second.visible_means(&up));
        assert!(close(stack.to_autoencoder().forward(&data).output(), &back));
    }

    #[test]
    fn divergence_names_the_layer_that_it_is_in() {
        let mut stacking = stacking();
        stacking.training[1].learning_rate = 1e5;
        let error = Stack::train(&data(), &stacking, Stream::new(1), |_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, RbmError::Diverged { layer: 2, .. }), "{error}");
    }

    #[test]
    fn settings_that_make_no_stack_are_refused_before_anything_is_trained() {
        let train = |stacking: &Stacking| {
            Stack::train(&data(), stacking, Stream::new(1), |_| panic!("nothing is trained")).unwrap_err()
        };
        let mut wrong = stacking();
        wrong.hidden.push(3);
        assert!(matches!(train(&wrong), RbmError::Trainings { given: 2, machines: 3 }));
        wrong = stacking();
        wrong.hidden[1] = 0;
        assert!(matches!(train(&wrong), RbmError::Units { .. }));
        wrong = stacking();
        wrong.training[1].batch = 0;
        assert!(matches!(train(&wrong), RbmError::Setting { .. }));
        wrong = Stacking { hidden: Vec::new(), training: Vec::new(), ..stacking() };
        assert!(matches!(train(&wrong), RbmError::Trainings { .. }));
    }

    #[test]
    fn progress_of_another_stack_is_refused() {
        let (data, stacking) = (data(), stacking());
        let mut kept = None;
        let _ = Stack::train(&data, &stacking, Stream::new(1), |epoch| {
            kept = Some(epoch.progress());
            ControlFlow::Continue(())
        });
        let mut other = stacking.clone();
        other.hidden = vec![5, 4];
        for (progress, stacking) in [
            (kept.clone().unwrap(), &other),
            (Progress { state: kept.unwrap().state, ..Progress::default() }, &stacking),
        ] {
            let error = Stack::resume(progress, &data, stacking, Stream::new(1), |_| ControlFlow::Continue(()));
            assert!(matches!(error, Err(RbmError::State { .. })), "{error:?}");
        }
    }
}
