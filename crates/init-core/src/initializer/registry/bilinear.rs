//! `bilinear`: linear interpolation, for a transposed convolution that upsamples.

use crate::{
    initializer::{
        definition::{CONVOLUTION, Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Spec, Value},
        values::{Values, flag},
    },
    resolved::Resolved,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "bilinear",
    aliases: &[],
    summary: "linear interpolation, for transposed convolutions that upsample",
    source: "Caffe, MXNet, Paddle; diagonal: Long et al. 2015, arXiv:1411.4038",
    needs_fans: false,
    structured: true,
    parameters: &[flag("diagonal")],
    examples: &["bilinear", "bilinear(diagonal)"],
    build: |v| Ok(Initializer::Bilinear { diagonal: v.flag(0).unwrap_or(false) }),
};

pub(super) struct Bilinear {
    pub(super) diagonal: bool,
}

impl Definition for Bilinear {
    fn values(&self) -> Values {
        Values::from([Some(Value::Flag(self.diagonal))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        Ok(Structured::Bilinear { filters: request.filters(CONVOLUTION, 3, 5)?, diagonal: self.diagonal }.into())
    }
}
