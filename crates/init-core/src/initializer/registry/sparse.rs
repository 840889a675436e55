//! `sparse`: normal, with a fraction of the weights of each input set to 0.

use crate::{
    initializer::{
        definition::{Definition, Request, TWO_DIMENSIONS},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, number, real, required},
    },
    resolved::Resolved,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "sparse",
    aliases: &[],
    summary: "normal, with a fraction of the weights of each input set to 0",
    source: "PyTorch sparse_; Martens 2010",
    needs_fans: false,
    structured: true,
    parameters: &[required("sparsity", Kind::Fraction), number("std", Kind::NonNegative, 0.01)],
    examples: &["sparse(0.1)", "sparse(sparsity=0.9, std=1)"],
    build: |v| Ok(Initializer::Sparse { sparsity: v.number(0), std: v.number(1) }),
};

pub(super) struct Sparse {
    pub(super) sparsity: f64,
    pub(super) std: f64,
}

impl Definition for Sparse {
    fn values(&self) -> Values {
        Values::from([real(self.sparsity), real(self.std)])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        if request.shape.ndim() != 2 {
            return Err(request.dims(TWO_DIMENSIONS));
        }
        let matrix = request.matrix()?;
        // Rounded as PyTorch does. At most the rows, since sparsity is at most 1.
        let zeros = libm::ceil(self.sparsity * matrix.rows() as f64) as usize;
        Ok(Structured::Sparse { matrix, zeros, std: self.std }.into())
    }
}
