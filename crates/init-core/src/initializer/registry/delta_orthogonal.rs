//! `delta_orthogonal`: a convolution that is orthogonal at its centre tap.

use crate::{
    gain::nonlinearity::Gain,
    initializer::{
        definition::{CONVOLUTION, Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Spec, Value},
        values::{CENTRE, GAIN, SLOPE, Values, gain_and_slope},
    },
    resolved::Resolved,
    shape::filters::Centre,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "delta_orthogonal",
    aliases: &[],
    summary: "a convolution that is orthogonal at its centre tap; centre=lower in JAX",
    source: "Xiao et al. 2018, arXiv:1806.05393, algorithm 2",
    needs_fans: false,
    structured: true,
    parameters: &[GAIN, SLOPE, CENTRE],
    examples: &["delta_orthogonal", "delta_orthogonal(centre=lower)"],
    build: |v| Ok(Initializer::DeltaOrthogonal { gain: v.gain()?, centre: v.centre(2) }),
};

pub(super) struct DeltaOrthogonal {
    pub(super) gain: Gain,
    pub(super) centre: Centre,
}

impl Definition for DeltaOrthogonal {
    fn values(&self) -> Values {
        let [gain, a] = gain_and_slope(self.gain);
        Values::from([gain, a, Some(Value::Centre(self.centre))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let filters = request.filters(CONVOLUTION, 3, 5)?;
        let centre = filters.centre(self.centre);
        Ok(Structured::DeltaOrthogonal { filters, centre, gain: self.gain.value() }.into())
    }
}
