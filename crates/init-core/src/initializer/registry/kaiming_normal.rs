//! `kaiming_normal`: normal, scaled by one fan and the gain of the activation that follows.

use crate::{
    distribution::family::Truncation,
    gain::nonlinearity::Nonlinearity,
    initializer::{
        definition::{Definition, Request, truncate},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Spec, Value},
        values::{KAIMING_SLOPE, MODE, NONLINEARITY, TRUNCATION, Values, real},
    },
    resolved::Resolved,
    shape::fan::Mode,
};

pub(super) static SPEC: Spec = Spec {
    name: "kaiming_normal",
    aliases: &["he_normal"],
    summary: "normal, std gain/sqrt(fan); a is the slope of leaky_relu",
    source: "He et al. 2015, arXiv:1502.01852, equations 10, 14, 15; truncated in JAX and Keras",
    needs_fans: true,
    structured: false,
    parameters: &[KAIMING_SLOPE, MODE, NONLINEARITY, TRUNCATION],
    examples: &["kaiming_normal", "kaiming_normal(truncated)", "kaiming_normal(mode=fan_geo_avg)"],
    build: |v| {
        let (a, mode, nonlinearity) = (v.number(0), v.mode(1), v.nonlinearity(2));
        Ok(Initializer::KaimingNormal { a, mode, nonlinearity, truncation: v.truncation(3) })
    },
};

/// `kaiming_normal` with its defaults.
pub(super) const DEFAULT: Initializer = Initializer::KaimingNormal {
    a: 0.0,
    mode: Mode::FanIn,
    nonlinearity: Nonlinearity::LeakyRelu,
    truncation: Truncation::None,
};

pub(super) struct KaimingNormal {
    pub(super) a: f64,
    pub(super) mode: Mode,
    pub(super) nonlinearity: Nonlinearity,
    pub(super) truncation: Truncation,
}

impl Definition for KaimingNormal {
    fn values(&self) -> Values {
        Values::from([
            real(self.a),
            Some(Value::Mode(self.mode)),
            Some(Value::Nonlinearity(self.nonlinearity)),
            Some(Value::Truncation(self.truncation)),
        ])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(truncate(request.kaiming_std(self.a, self.mode, self.nonlinearity)?, self.truncation).into())
    }
}
