//! `gate_bias`: a recurrent layer's bias with one gate open.

use crate::{
    initializer::{
        definition::{Definition, Request},
        parameter_error::ParameterError,
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, number, real, whole},
    },
    resolved::Resolved,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "gate_bias",
    aliases: &["forget_bias"],
    summary: "a recurrent layer's bias: value in one gate, 0 in the others",
    source: "Gers et al. 2000; Jozefowicz et al. 2015",
    needs_fans: false,
    structured: true,
    parameters: &[
        number("value", Kind::Finite, 1.0),
        number("gate", Kind::Index, 1.0),
        number("gates", Kind::Count, 4.0),
    ],
    examples: &["gate_bias", "gate_bias(value=2, gate=0, gates=3)"],
    build: |v| {
        Ok(Initializer::GateBias { value: v.number(0), gate: v.whole(1).unwrap_or(0), gates: v.whole(2).unwrap_or(0) })
    },
};

pub(super) struct GateBias {
    pub(super) value: f64,
    pub(super) gate: usize,
    pub(super) gates: usize,
}

impl Definition for GateBias {
    fn values(&self) -> Values {
        Values::from([real(self.value), whole(self.gate), whole(self.gates)])
    }

    fn check(&self) -> Result<(), ParameterError> {
        let reason = "must be below `gates`: gates are counted from 0";
        match self.gate < self.gates {
            true => Ok(()),
            false => Err(ParameterError::Mismatch { initializer: SPEC.name, parameter: "gate", reason }),
        }
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let &Self { value, gate, gates } = self;
        Ok(Structured::GateBias { hidden: request.hidden(gates)?, gates, gate, value }.into())
    }
}
