//! `constant`: every element the same value.

use crate::{
    distribution::independent::Distribution,
    initializer::{
        definition::{Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, real, required},
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "constant",
    aliases: &[],
    summary: "every element the same value",
    source: "",
    needs_fans: false,
    structured: false,
    parameters: &[required("value", Kind::Finite).alias(&["val"])],
    examples: &["constant(0.5)", "constant(-2)"],
    build: |v| Ok(Initializer::Constant { value: v.number(0) }),
};

pub(super) struct Constant {
    pub(super) value: f64,
}

impl Definition for Constant {
    fn values(&self) -> Values {
        Values::from([real(self.value)])
    }

    fn resolve(&self, _: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(Distribution::Constant(self.value).into())
    }
}
