//! `orthogonal`: orthonormal rows or columns.

use crate::{
    gain::nonlinearity::Gain,
    initializer::{
        definition::{Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec},
        values::{GAIN, SLOPE, Values, computed, gain_and_slope, signed},
    },
    resolved::Resolved,
    shape::{axes::index, location::matrix_around},
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "orthogonal",
    aliases: &[],
    summary: "gain times orthonormal rows or columns, uniformly distributed (Haar); a is the slope of gain=leaky_relu",
    source: "Saxe et al. 2014, arXiv:1312.6120; Mezzadri 2007, arXiv:math-ph/0609050",
    needs_fans: false,
    structured: true,
    parameters: &[GAIN, SLOPE, computed("column_axis", Kind::Axis, "the outputs")],
    examples: &["orthogonal", "orthogonal(gain=relu)"],
    build: |v| Ok(Initializer::Orthogonal { gain: v.gain()?, column_axis: v.axis(2) }),
};

pub(super) struct Orthogonal {
    pub(super) gain: Gain,
    pub(super) column_axis: Option<isize>,
}

impl Definition for Orthogonal {
    fn values(&self) -> Values {
        let [gain, a] = gain_and_slope(self.gain);
        Values::from([gain, a, self.column_axis.and_then(signed)])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let shape = request.shape;
        let matrix = match self.column_axis {
            _ if shape.ndim() < 2 => return Err(request.dims("at least 2 dimensions")),
            None => request.matrix()?,
            Some(axis) => {
                let axis = index(axis, shape).map_err(|error| request.axes(error.into()))?;
                matrix_around(shape, axis, shape.dims()[axis]).map_err(|error| request.axes(error))?
            }
        };
        Ok(Structured::Orthogonal { matrix, gain: self.gain.value() }.into())
    }
}
