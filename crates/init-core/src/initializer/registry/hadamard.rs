//! `hadamard`: ZerO, an identity or part of a Hadamard matrix.

use crate::{
    initializer::{
        definition::{Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec, Value},
        values::{CENTRE, Values, number, real},
    },
    resolved::Resolved,
    shape::filters::Centre,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "hadamard",
    aliases: &["zero_init"],
    summary: "an identity, or part of a Hadamard matrix where there are more outputs than inputs; at the centre tap",
    source: "Zhao et al. 2021, arXiv:2110.12661 (ZerO), algorithms 1 and 2",
    needs_fans: false,
    structured: true,
    parameters: &[number("gain", Kind::Finite, 1.0), CENTRE],
    examples: &["hadamard", "hadamard(gain=2)"],
    build: |v| Ok(Initializer::Hadamard { gain: v.number(0), centre: v.centre(1) }),
};

pub(super) struct Hadamard {
    pub(super) gain: f64,
    pub(super) centre: Centre,
}

impl Definition for Hadamard {
    fn values(&self) -> Values {
        Values::from([real(self.gain), Some(Value::Centre(self.centre))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let filters = request.filters("2 to 5 dimensions", 2, 5)?;
        let centre = filters.centre(self.centre);
        Ok(Structured::Hadamard { filters, centre, gain: self.gain }.into())
    }
}
