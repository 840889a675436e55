#![doc = include_str!("../README.md")]

mod batch;
#[cfg(feature = "csv")]
mod data;
mod first_layer;
mod kmeans;
mod layer;
mod layer_source;
mod lsuv;
mod matrix;
mod network;
mod pca;
mod product;
#[cfg(feature = "rbm")]
pub mod rbm;
mod shuffle;
pub mod trace;
pub mod trainer;
mod weight_norm;

pub use batch::BatchError;
#[cfg(feature = "csv")]
pub use data::{Data, DataError, Labels};
pub use first_layer::{FirstLayer, FirstLayerError};
pub use init_core;
pub use init_kernels;
pub use kmeans::{KMeans, KMeansError};
pub use layer::Layer;
pub use layer_source::{DrawnLayers, LayerMoments, LayerSource, NetworkError};
pub use lsuv::{Lsuv, LsuvError, Scaled};
pub use matrix::{Matrix, MatrixError};
pub use network::{Gradients, Network, Pass};
pub use pca::{Pca, PcaError};
pub use weight_norm::weight_norm;
