//! `lecun_uniform`: uniform, scaled by fan_in.

use crate::{
    initializer::{
        definition::{Definition, Request, symmetric_uniform},
        registry::Initializer,
        resolve::ResolveError,
        spec::Spec,
        values::Values,
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "lecun_uniform",
    aliases: &[],
    summary: "uniform on +-sqrt(3/fan_in)",
    source: "LeCun et al. 1998, Efficient BackProp, section 4.6",
    needs_fans: true,
    structured: false,
    parameters: &[],
    examples: &["lecun_uniform"],
    build: |_| Ok(Initializer::LecunUniform),
};

pub(super) struct LecunUniform {}

impl Definition for LecunUniform {
    fn values(&self) -> Values {
        Values::default()
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(symmetric_uniform(libm::sqrt(3.0 / request.fans()?.fan_in)).into())
    }
}
