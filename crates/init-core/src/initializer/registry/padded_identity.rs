//! `padded_identity`: an identity that is repeated where the matrix is not square.

use crate::{
    initializer::{
        definition::{Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, number, real},
    },
    resolved::Resolved,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "padded_identity",
    aliases: &["idinit"],
    summary: "an identity that is repeated where the matrix is not square",
    source: "Pan et al. 2025, arXiv:2503.04626 (IDInit)",
    needs_fans: false,
    structured: true,
    parameters: &[number("gain", Kind::Finite, 1.0)],
    examples: &["padded_identity", "padded_identity(gain=1e-6)"],
    build: |v| Ok(Initializer::PaddedIdentity { gain: v.number(0) }),
};

pub(super) struct PaddedIdentity {
    pub(super) gain: f64,
}

impl Definition for PaddedIdentity {
    fn values(&self) -> Values {
        Values::from([real(self.gain)])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(Structured::PaddedIdentity { matrix: request.matrix()?, gain: self.gain }.into())
    }
}
