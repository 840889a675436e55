//! `kaiming_uniform`: uniform, scaled by one fan and the gain of the activation that follows.

use crate::{
    gain::nonlinearity::Nonlinearity,
    initializer::{
        definition::{Definition, Request, uniform_with_std},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Spec, Value},
        values::{KAIMING_SLOPE, MODE, NONLINEARITY, Values, real},
    },
    resolved::Resolved,
    shape::fan::Mode,
};

pub(super) static SPEC: Spec = Spec {
    name: "kaiming_uniform",
    aliases: &["he_uniform"],
    summary: "uniform on +-gain*sqrt(3/fan); a is the slope of leaky_relu",
    source: "He et al. 2015, arXiv:1502.01852, equations 10, 14, 15",
    needs_fans: true,
    structured: false,
    parameters: &[KAIMING_SLOPE, MODE, NONLINEARITY],
    examples: &["kaiming_uniform", "kaiming_uniform(mode=fan_out, a=0.2)"],
    build: |v| {
        let (a, mode, nonlinearity) = (v.number(0), v.mode(1), v.nonlinearity(2));
        Ok(Initializer::KaimingUniform { a, mode, nonlinearity })
    },
};

pub(super) struct KaimingUniform {
    pub(super) a: f64,
    pub(super) mode: Mode,
    pub(super) nonlinearity: Nonlinearity,
}

impl Definition for KaimingUniform {
    fn values(&self) -> Values {
        Values::from([real(self.a), Some(Value::Mode(self.mode)), Some(Value::Nonlinearity(self.nonlinearity))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(uniform_with_std(request.kaiming_std(self.a, self.mode, self.nonlinearity)?).into())
    }
}
