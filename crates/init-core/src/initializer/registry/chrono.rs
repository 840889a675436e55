//! `chrono`: an LSTM's bias for memories of up to a given number of steps.

use crate::{
    initializer::{
        definition::{Definition, Request},
        parameter_error::ParameterError,
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, number, real, required, whole},
    },
    resolved::Resolved,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "chrono",
    aliases: &[],
    summary: "an LSTM's bias for memories of up to longest steps",
    source: "Tallec and Ollivier 2018, arXiv:1804.11188, equation 16",
    needs_fans: false,
    structured: true,
    parameters: &[
        required("longest", Kind::Steps),
        number("forget", Kind::Index, 1.0),
        number("input", Kind::Index, 0.0),
        number("gates", Kind::Count, 4.0),
    ],
    examples: &["chrono(100)", "chrono(longest=20, gates=3, forget=2)"],
    build: |v| {
        let (forget, input) = (v.whole(1).unwrap_or(0), v.whole(2).unwrap_or(0));
        Ok(Initializer::Chrono { longest: v.number(0), forget, input, gates: v.whole(3).unwrap_or(0) })
    },
};

pub(super) struct Chrono {
    pub(super) longest: f64,
    pub(super) forget: usize,
    pub(super) input: usize,
    pub(super) gates: usize,
}

impl Definition for Chrono {
    fn values(&self) -> Values {
        Values::from([real(self.longest), whole(self.forget), whole(self.input), whole(self.gates)])
    }

    fn check(&self) -> Result<(), ParameterError> {
        let mismatch = |parameter, reason| Err(ParameterError::Mismatch { initializer: SPEC.name, parameter, reason });
        if self.forget >= self.gates {
            return mismatch("forget", "must be below `gates`: gates are counted from 0");
        }
        if self.input >= self.gates {
            return mismatch("input", "must be below `gates`: gates are counted from 0");
        }
        if self.forget == self.input {
            return mismatch("input", "must be another gate than `forget`");
        }
        Ok(())
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let &Self { longest, forget, input, gates } = self;
        Ok(Structured::Chrono { hidden: request.hidden(gates)?, gates, forget, input, longest }.into())
    }
}
