//! `zeros`: every element 0.

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
    name: "zeros",
    aliases: &[],
    summary: "every element 0",
    source: "",
    needs_fans: false,
    structured: false,
    parameters: &[],
    examples: &["zeros"],
    build: |_| Ok(Initializer::Zeros),
};

pub(super) struct Zeros {}

impl Definition for Zeros {
    fn values(&self) -> Values {
        Values::default()
    }

    fn resolve(&self, _: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(Distribution::Constant(0.0).into())
    }
}
