//! Data-dependent initialisation of neural networks, and the measuring of signals in them.
//!
//! | module | noun |
//! |---|---|
//! | [`matrix`] | [`Matrix`]: one row an example, or one row an output unit |
//! | [`data`] | [`Data`]: examples, and what class each is of |
//! | [`network`] | [`Network`]: dense layers, forward and backward |
//! | [`rbm`] | [`Rbm`]: restricted Boltzmann machines; [`Stack`]: several, as the initial weights of a network |
//!
//! Weights lie as in PyTorch, one row an output unit. What is drawn comes from a [`Stream`](init_kernels::Stream), with the same
//! bits everywhere; sums are those of the matrix product at hand, so results repeat bit for bit on one machine, whatever
//! the number of threads.

pub mod data;
pub mod matrix;
pub mod network;
mod product;
pub mod rbm;

pub use data::{Data, DataError, Labels};
pub use matrix::{Matrix, MatrixError};
pub use network::{Gradients, Layer, Network, NetworkError, Pass};
pub use rbm::{Rbm, RbmError, Stack, Trainer, Training, Visible};
