//! Signals and gradients through a stack of layers, measured layer by layer.

mod error;
mod measure;
mod outlook;
mod prediction;
mod scaled;
mod signal;

pub use init_core::distribution::Histogram;

pub use error::TraceError;
pub use measure::{LayerTrace, Trace};
pub use outlook::{Fate, Outlook};
pub use prediction::Predicted;
pub use signal::Signal;
