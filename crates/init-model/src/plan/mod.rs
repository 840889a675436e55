//! Plans: what each parameter of a model gets, and from which seed.
//!
//! The plan itself is [`Plan`](crate::Plan), which has an [`Entry`](crate::Entry) for each
//! parameter.

pub(crate) mod build;
pub(crate) mod digest;
pub(crate) mod entry;
pub(crate) mod error;
pub(crate) mod packed;
pub(crate) mod part;
#[expect(clippy::module_inception, reason = "the file of the noun `Plan`")]
pub(crate) mod plan;
pub(crate) mod split;

pub use self::{
    digest::is_digest,
    error::PlanError,
    packed::Packed,
    part::Part,
    split::{Split, SplitError},
};
