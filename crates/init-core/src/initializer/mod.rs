//! Initializers, the table of their parameters, and how they resolve for a shape.
//!
//! Each initializer has its own file in `registry/`: its row of the table
//! ([`Spec`](crate::Spec)), its parameters as values, their checks and its formula.
//!
//! To add an initializer: write its file in `registry/` and its page in `docs/`, and add a variant
//! and a line to `registry/mod.rs`. The parser, the printer, their errors, the listings and the
//! generated page of the documentation follow.

mod definition;
pub(crate) mod parameter_error;
pub(crate) mod registry;
pub(crate) mod resolve;
pub(crate) mod spec;
pub(crate) mod values;

pub use parameter_error::ParameterError;
pub use spec::{DefaultValue, Kind, Value};
