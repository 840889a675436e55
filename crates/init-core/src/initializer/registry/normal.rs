//! `normal`: the normal distribution, not truncated.

use crate::{
    distribution::independent::Distribution,
    initializer::{
        definition::{Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, number, real},
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "normal",
    aliases: &[],
    summary: "normal, not truncated",
    source: "PyTorch normal_; not truncated in any framework",
    needs_fans: false,
    structured: false,
    parameters: &[number("mean", Kind::Finite, 0.0), number("std", Kind::NonNegative, 1.0)],
    examples: &["normal", "normal(0.5, 0.02)"],
    build: |v| Ok(Initializer::Normal { mean: v.number(0), std: v.number(1) }),
};

pub(super) struct Normal {
    pub(super) mean: f64,
    pub(super) std: f64,
}

impl Definition for Normal {
    fn values(&self) -> Values {
        Values::from([real(self.mean), real(self.std)])
    }

    fn resolve(&self, _: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(Distribution::Normal { mean: self.mean, std: self.std }.into())
    }
}
