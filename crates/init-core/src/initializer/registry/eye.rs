//! `eye`: the identity, stacked along the leading axes.

use crate::{
    initializer::{
        definition::{Definition, Request, TWO_DIMENSIONS},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{Values, number, real},
    },
    resolved::Resolved,
    shape::matrix::Matrix,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "eye",
    aliases: &["identity"],
    summary: "gain on the diagonal of the last two axes",
    source: "PyTorch eye_, Keras Identity; Le et al. 2015, arXiv:1504.00941",
    needs_fans: false,
    structured: true,
    parameters: &[number("gain", Kind::Finite, 1.0)],
    examples: &["eye", "eye(gain=0.5)"],
    build: |v| Ok(Initializer::Eye { gain: v.number(0) }),
};

pub(super) struct Eye {
    pub(super) gain: f64,
}

impl Definition for Eye {
    fn values(&self) -> Values {
        Values::from([real(self.gain)])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let &[ref stack @ .., rows, cols] = request.shape.dims() else {
            return Err(request.dims("at least 2 dimensions"));
        };
        let matrix = Matrix::stacked(stack.iter().product(), 1, rows, cols);
        let matrix = matrix.ok_or_else(|| request.dims(TWO_DIMENSIONS))?;
        Ok(Structured::Eye { matrix, gain: self.gain }.into())
    }
}
