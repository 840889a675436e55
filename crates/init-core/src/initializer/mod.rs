//! What a user asks for: initializers, the table of their parameters, and how they resolve for a
//! shape.
//!
//! Each initializer has a file of its own: its row of the table ([`Spec`](crate::Spec)), its
//! parameters as values, the checks of its parameters and its formula. `registry.rs` lists them
//! all.
//!
//! To add an initializer: write its file and its page in `docs/`, and add a variant and a line to
//! `registry.rs`. The parser, the printer, their errors, the listings and the generated page of the
//! documentation follow.

mod definition;
pub(crate) mod parameter_error;
pub(crate) mod registry;
pub(crate) mod resolve;
pub(crate) mod spec;
pub(crate) mod values;

mod bilinear;
mod chrono;
mod constant;
mod delta_orthogonal;
mod dirac;
mod embedding;
mod eye;
mod gate_bias;
mod hadamard;
mod icnr;
mod kaiming_normal;
mod kaiming_uniform;
mod lecun_normal;
mod lecun_uniform;
mod normal;
mod ones;
mod orthogonal;
mod padded_identity;
mod sparse;
mod stft;
mod truncated_normal;
mod uniform;
mod variance_scaling;
mod xavier_normal;
mod xavier_uniform;
mod zeros;

pub use parameter_error::ParameterError;
pub use spec::{DefaultValue, Kind, Value};
