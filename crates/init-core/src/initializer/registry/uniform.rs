//! `uniform`: uniform on [low, high).

use crate::{
    distribution::independent::Distribution,
    initializer::{
        definition::{Definition, Request},
        parameter_error::ParameterError,
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, number, real},
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "uniform",
    aliases: &[],
    summary: "uniform on [low, high)",
    source: "PyTorch uniform_; JAX's is [0, scale), Keras's +-0.05",
    needs_fans: false,
    structured: false,
    parameters: &[number("low", Kind::Finite, 0.0).alias(&["a"]), number("high", Kind::Finite, 1.0).alias(&["b"])],
    examples: &["uniform", "uniform(-0.3, 0.1)"],
    build: |v| Ok(Initializer::Uniform { low: v.number(0), high: v.number(1) }),
};

pub(super) struct Uniform {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Definition for Uniform {
    fn values(&self) -> Values {
        Values::from([real(self.low), real(self.high)])
    }

    fn check(&self) -> Result<(), ParameterError> {
        let &Self { low, high } = self;
        match low > high {
            true => Err(ParameterError::LowAboveHigh { initializer: SPEC.name, low, high }),
            false => Ok(()),
        }
    }

    fn resolve(&self, _: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(Distribution::Uniform { low: self.low, high: self.high }.into())
    }
}
