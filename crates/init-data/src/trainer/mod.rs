//! A small trainer, to compare initial weights by their learning curves.
//!
//! It trains [`Network`]s by stochastic gradient descent with momentum, to classify examples or to
//! reconstruct them. It is not a framework: it has no schedules, no regularisation and no layers
//! other than dense ones.
//!
//! ```
//! use init_core::Activation;
//! use init_data::{Matrix, Network, trainer::{Examples, Targets, Training}};
//! use init_kernels::{Progress, Stream};
//!
//! // Whether the first value is the larger one.
//! let inputs: Vec<f32> = (0..400).map(|i| ((i * i) as f32 * 0.37).sin()).collect();
//! let classes = inputs.chunks(2).map(|pair| u32::from(pair[0] > pair[1])).collect();
//! let examples = Examples { inputs: Matrix::new(200, 2, inputs)?, targets: Targets::Classes(classes) };
//! let train = examples.select(&(0..150).collect::<Vec<_>>());
//! let test = examples.select(&(150..200).collect::<Vec<_>>());
//!
//! let init = "xavier_uniform".parse()?;
//! let mut network = Network::drawn(&[2, 8, 2], Activation::Tanh, 0.0, &init, Stream::new(42))?;
//! let training = Training { epochs: 30, batch: 10, learning_rate: 0.1, momentum: 0.9 };
//! let curve = training.run(&mut network, &train, &test, Stream::new(42).child("order"), Progress::none())?;
//! assert!(curve.diverged.is_none() && curve.final_error() < 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Network`]: crate::Network

mod error;
mod examples;
mod loss;
mod run;
mod sgd;
mod split;

pub use error::TrainError;
pub use examples::{Examples, Targets};
pub use loss::{Loss, softmax_cross_entropy, squared_error};
pub use run::{Curve, Training};
pub use sgd::Sgd;
pub use split::Split;
