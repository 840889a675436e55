//! `ones`: every element 1.

use crate::{
    distribution::independent::Distribution,
    initializer::{
        definition::{Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::Spec,
        values::Values,
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "ones",
    aliases: &[],
    summary: "every element 1",
    source: "",
    needs_fans: false,
    structured: false,
    parameters: &[],
    examples: &["ones"],
    build: |_| Ok(Initializer::Ones),
};

pub(super) struct Ones {}

impl Definition for Ones {
    fn values(&self) -> Values {
        Values::default()
    }

    fn resolve(&self, _: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(Distribution::Constant(1.0).into())
    }
}
