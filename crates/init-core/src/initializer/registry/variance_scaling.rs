//! `variance_scaling`: any family of distributions with the variance scale / fan.

use crate::{
    distribution::family::{Family, Truncation},
    initializer::{
        definition::{Definition, Request, symmetric_uniform, truncate},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec, Value},
        values::{MODE, Values, number, real, take, value},
    },
    resolved::Resolved,
    shape::fan::Mode,
};

pub(super) static SPEC: Spec = Spec {
    name: "variance_scaling",
    aliases: &[],
    summary: "any family of distributions with variance scale/fan, as in JAX",
    source: "JAX and Keras VarianceScaling",
    needs_fans: true,
    structured: false,
    parameters: &[
        number("scale", Kind::Positive, 1.0),
        MODE,
        value("distribution", Kind::Family, Value::Family(Family::TruncatedNormal)),
    ],
    examples: &["variance_scaling", "variance_scaling(2, fan_out, uniform)", "variance_scaling(3, fan_avg, normal)"],
    build: |v| {
        let (scale, mode) = (v.number(0), v.mode(1));
        let distribution = take!(v, 2, Family).unwrap_or_default();
        Ok(Initializer::VarianceScaling { scale, mode, distribution })
    },
};

pub(super) struct VarianceScaling {
    pub(super) scale: f64,
    pub(super) mode: Mode,
    pub(super) distribution: Family,
}

impl Definition for VarianceScaling {
    fn values(&self) -> Values {
        Values::from([real(self.scale), Some(Value::Mode(self.mode)), Some(Value::Family(self.distribution))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let variance = self.scale / self.mode.fan(request.fans()?);
        let std = libm::sqrt(variance);
        let distribution = match self.distribution {
            Family::Uniform => symmetric_uniform(libm::sqrt(3.0 * variance)),
            Family::Normal => truncate(std, Truncation::None),
            Family::TruncatedNormal => truncate(std, Truncation::Corrected),
            Family::UncorrectedTruncatedNormal => truncate(std, Truncation::Uncorrected),
        };
        Ok(distribution.into())
    }
}
