//! Data-dependent initialisation of neural networks, and the measuring of signals in them.
//!
//! | module | noun |
//! |---|---|
//! | [`matrix`] | [`Matrix`]: one row an example, or one row an output unit |
//! | [`data`] | [`Data`]: examples, and what class each is of |
//! | [`network`] | [`Network`]: dense layers, forward and backward |
//! | [`stack`] | [`Stack`], [`Drawn`]: layers that are made when they are needed |
//! | [`trace`] | [`Trace`]: what becomes of a signal and of a gradient, layer by layer |
//!
//! Weights lie as in PyTorch, one row an output unit. What is drawn comes from a [`Stream`](init_kernels::Stream), with the same
//! bits everywhere; sums are those of the matrix product at hand, so results repeat bit for bit on one machine, whatever
//! the number of threads.

pub mod data;
pub mod matrix;
pub mod network;
mod product;
pub mod stack;
pub mod trace;

pub use data::{Data, DataError, Labels};
pub use matrix::{Matrix, MatrixError};
pub use network::{Gradients, Layer, Network, NetworkError, Pass};
pub use stack::{Drawn, LayerLaw, Stack};
pub use trace::{Fate, Histogram, LayerTrace, Outlook, Predicted, Signal, Trace, TraceError};
