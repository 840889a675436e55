//! Data-dependent initialisation of neural networks, and the measuring of signals in them.
//!
//! | module | noun |
//! |---|---|
//! | [`matrix`] | [`Matrix`]: one row an example, or one row an output unit |
//! | [`data`] | [`Data`]: examples, and what class each is of |
//! | [`network`] | [`Network`]: dense layers, forward and backward |
//! | [`lsuv`] | [`Lsuv`]: orthonormal weights, scaled layer by layer to unit variance |
//! | [`weight_norm`](mod@weight_norm) | [`weight_norm()`]: each unit of mean 0 and variance 1 |
//! | [`first_layer`] | [`FirstLayer`]: units along what is in the data |
//! | [`pca`], [`kmeans`] | [`Pca`], [`KMeans`]: the directions of examples |
//! | [`rbm`] | [`Rbm`]: restricted Boltzmann machines; [`rbm::Stack`]: several, as the initial weights of a network |
//! | [`stack`] | [`Stack`], [`Drawn`]: layers that are made when they are needed |
//! | [`trace`] | [`Trace`]: what becomes of a signal and of a gradient, layer by layer |
//! | [`trainer`] | training, for demonstrations |
//!
//! Weights lie as in PyTorch, one row an output unit. What is drawn comes from a [`Stream`](init_kernels::Stream), with the same
//! bits everywhere; sums are those of the matrix product at hand, so results repeat bit for bit on one machine, whatever
//! the number of threads.

mod batch;
pub mod data;
pub mod first_layer;
pub mod kmeans;
pub mod lsuv;
pub mod matrix;
pub mod network;
pub mod pca;
mod product;
pub mod rbm;
mod shuffle;
pub mod stack;
pub mod trace;
pub mod trainer;
pub mod weight_norm;

pub use batch::BatchError;
pub use data::{Data, DataError, Labels};
pub use first_layer::{FirstLayer, FirstLayerError};
pub use kmeans::{KMeans, KMeansError};
pub use lsuv::{Lsuv, LsuvError, Scaled};
pub use matrix::{Matrix, MatrixError};
pub use network::{Gradients, Layer, Network, NetworkError, Pass};
pub use pca::{Pca, PcaError};
pub use rbm::{Rbm, RbmError, Visible};
pub use stack::{Drawn, LayerLaw, Stack};
pub use trace::{Fate, Histogram, LayerTrace, Outlook, Predicted, Signal, Trace, TraceError};
pub use weight_norm::weight_norm;
