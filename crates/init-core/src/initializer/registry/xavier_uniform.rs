//! `xavier_uniform`: uniform, scaled by fan_in + fan_out.

use crate::{
    gain::nonlinearity::Gain,
    initializer::{
        definition::{Definition, Request, uniform_with_std},
        registry::Initializer,
        resolve::ResolveError,
        spec::Spec,
        values::{GAIN, SLOPE, Values, gain_and_slope},
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "xavier_uniform",
    aliases: &["glorot_uniform"],
    summary: "uniform on +-gain*sqrt(6/(fan_in+fan_out)); a is the slope of gain=leaky_relu",
    source: "Glorot and Bengio 2010, equation 16",
    needs_fans: true,
    structured: false,
    parameters: &[GAIN, SLOPE],
    examples: &["xavier_uniform", "xavier_uniform(gain=relu)"],
    build: |v| Ok(Initializer::XavierUniform { gain: v.gain()? }),
};

pub(super) struct XavierUniform {
    pub(super) gain: Gain,
}

impl Definition for XavierUniform {
    fn values(&self) -> Values {
        Values::from(gain_and_slope(self.gain))
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(uniform_with_std(request.xavier_std(self.gain)?).into())
    }
}
