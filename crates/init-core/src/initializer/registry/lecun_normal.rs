//! `lecun_normal`: normal, scaled by fan_in.

use crate::{
    distribution::family::Truncation,
    initializer::{
        definition::{Definition, Request, truncate},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Spec, Value},
        values::{TRUNCATION, Values},
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "lecun_normal",
    aliases: &[],
    summary: "normal, std sqrt(1/fan_in)",
    source: "LeCun et al. 1998, Efficient BackProp, section 4.6; truncated in JAX and Keras",
    needs_fans: true,
    structured: false,
    parameters: &[TRUNCATION],
    examples: &["lecun_normal", "lecun_normal(truncation=uncorrected)"],
    build: |v| Ok(Initializer::LecunNormal { truncation: v.truncation(0) }),
};

pub(super) struct LecunNormal {
    pub(super) truncation: Truncation,
}

impl Definition for LecunNormal {
    fn values(&self) -> Values {
        Values::from([Some(Value::Truncation(self.truncation))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(truncate(libm::sqrt(1.0 / request.fans()?.fan_in), self.truncation).into())
    }
}
