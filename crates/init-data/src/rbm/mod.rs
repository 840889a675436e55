//! Restricted Boltzmann machines, and stacks of them as the initial weights of deep networks.
//!
//! A machine has visible units v and hidden units h ∈ {0, 1}, weights W and biases a and b. With
//! Bernoulli visible units its energy is E(v, h) = −aᵀv − bᵀh − hᵀWv, with Gaussian ones E(v, h) =
//! ½‖v − a‖² − bᵀh − hᵀWv (unit variance); the probability of a state is e^(−E)/Z. G. E. Hinton, *A
//! Practical Guide to Training Restricted Boltzmann Machines*, UTML TR 2010-003, equation 1 and
//! section 13.2.
//!
//! | item | what it is |
//! |---|---|
//! | [`Rbm`] | a machine: means, energies, pseudo-likelihood, exact likelihood |
//! | [`TrainingOptions`] | contrastive divergence, from the data or from persistent chains |
//! | [`Trainer`], [`State`] | a machine in training, and its state between epochs |
//! | [`RbmStack`], [`StackOptions`], [`StackState`] | stacked machines, as a network or an autoencoder |
//! | [`Gradient`] | a gradient of the log-likelihood |
//! | [`Ais`] | an estimate of the partition function of large machines |

mod ais;
mod energy;
mod error;
mod gradient;
mod likelihood;
mod logistic;
mod machine;
mod options;
mod sampling;
mod stack;
mod state;
mod trainer;
mod visible;

pub use ais::{Ais, Estimate};
pub use energy::error_of_mean;
pub use error::RbmError;
pub use gradient::Gradient;
pub use likelihood::MAX_ENUMERATED;
pub use machine::Rbm;
pub use options::{Method, Momentum, Reconstruction, Sparsity, TrainingOptions};
pub use stack::{Epoch, RbmStack, StackOptions, StackState};
pub use state::State;
pub use trainer::Trainer;
pub use visible::Visible;
