//! `xavier_normal`: normal, scaled by fan_in + fan_out.

use crate::{
    distribution::family::Truncation,
    gain::nonlinearity::Gain,
    initializer::{
        definition::{Definition, Request, truncate},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Spec, Value},
        values::{GAIN, SLOPE, TRUNCATION, Values, gain_and_slope},
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "xavier_normal",
    aliases: &["glorot_normal"],
    summary: "normal, std gain*sqrt(2/(fan_in+fan_out)); a is the slope of gain=leaky_relu",
    source: "Glorot and Bengio 2010; truncated in JAX and Keras",
    needs_fans: true,
    structured: false,
    parameters: &[GAIN, SLOPE, TRUNCATION],
    examples: &["xavier_normal", "xavier_normal(truncated)", "xavier_normal(exact(gelu))"],
    build: |v| Ok(Initializer::XavierNormal { gain: v.gain()?, truncation: v.truncation(2) }),
};

pub(super) struct XavierNormal {
    pub(super) gain: Gain,
    pub(super) truncation: Truncation,
}

impl Definition for XavierNormal {
    fn values(&self) -> Values {
        let [gain, a] = gain_and_slope(self.gain);
        Values::from([gain, a, Some(Value::Truncation(self.truncation))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(truncate(request.xavier_std(self.gain)?, self.truncation).into())
    }
}
