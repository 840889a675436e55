//! `embedding`: any distribution, with one row of zeros.

use alloc::boxed::Box;

use crate::{
    distribution::independent::Distribution,
    initializer::{
        definition::{Definition, Request, TWO_DIMENSIONS},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, computed, nested, required, signed, take},
    },
    resolved::Resolved,
    shape::matrix::Matrix,
    structured::{Structured, StructuredError},
};

pub(super) static SPEC: Spec = Spec {
    name: "embedding",
    aliases: &[],
    summary: "any distribution, with one row of zeros",
    source: "PyTorch nn.Embedding(padding_idx)",
    needs_fans: false,
    structured: true,
    parameters: &[required("padding_idx", Kind::Axis), computed("init", Kind::Initializer, "normal")],
    examples: &["embedding(0)", "embedding(-1, init=uniform(-0.05, 0.05))"],
    build: |v| Ok(Initializer::Embedding { padding_idx: v.axis(0).unwrap_or(0), init: take!(v, 1, Initializer) }),
};

pub(super) struct Embedding {
    pub(super) padding_idx: isize,
    pub(super) init: Option<Box<Initializer>>,
}

impl Definition for Embedding {
    fn values(&self) -> Values {
        Values::from([signed(self.padding_idx), nested(self.init.as_deref())])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let &[rows, cols] = request.shape.dims() else { return Err(request.dims(TWO_DIMENSIONS)) };
        let matrix = Matrix::row_major(rows, cols).ok_or_else(|| request.dims(TWO_DIMENSIONS))?;
        let from_end = if self.padding_idx < 0 { rows } else { 0 };
        let row = from_end.checked_add_signed(self.padding_idx).filter(|&row| row < rows);
        let row = row.ok_or_else(|| request.structured(StructuredError::Row { row: self.padding_idx, rows }))?;
        let distribution = match &self.init {
            Some(init) => init.distribution(request.shape, request.layout)?,
            None => Distribution::Normal { mean: 0.0, std: 1.0 },
        };
        Ok(Structured::ZeroRow { matrix, row, distribution }.into())
    }
}
