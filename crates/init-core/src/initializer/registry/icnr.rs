//! `icnr`: filters repeated for a sub-pixel convolution.

use alloc::boxed::Box;

use super::kaiming_normal;
use crate::{
    initializer::{
        definition::{CONVOLUTION, Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec, Value},
        values::{Values, computed, nested, required, take, whole},
    },
    resolved::Resolved,
    shape::{dims::Shape, filters::Order},
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "icnr",
    aliases: &[],
    summary: "filters repeated for a sub-pixel convolution of factor r",
    source: "Aitken et al. 2017, arXiv:1707.02937",
    needs_fans: false,
    structured: true,
    parameters: &[
        required("r", Kind::Count),
        computed("init", Kind::Initializer, "kaiming_normal"),
        computed("tiled", Kind::Flag, "the layout's"),
    ],
    examples: &["icnr(2)", "icnr(2, init=lecun_normal)"],
    build: |v| Ok(Initializer::Icnr { r: v.whole(0).unwrap_or(0), init: take!(v, 1, Initializer), tiled: v.flag(2) }),
};

pub(super) struct Icnr {
    pub(super) r: usize,
    pub(super) init: Option<Box<Initializer>>,
    pub(super) tiled: Option<bool>,
}

impl Definition for Icnr {
    fn values(&self) -> Values {
        Values::from([whole(self.r), nested(self.init.as_deref()), self.tiled.map(Value::Flag)])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let (shape, layout) = (request.shape, request.layout);
        let spatial = request.filters(CONVOLUTION, 3, 5)?.spatial().len() as u32;
        let matrix = request.matrix()?;
        let repeats = self.r.checked_pow(spatial).unwrap_or(usize::MAX);
        let rows = request.divide("r^d", repeats, matrix.rows())?;
        let order = layout.order().unwrap_or_else(|| match matrix.is_row_major() {
            true => Order::OutFirst,
            false => Order::OutLast,
        });
        let out_first = order == Order::OutFirst;
        let mut smaller = shape.dims().to_vec();
        smaller[if out_first { 0 } else { shape.ndim() - 1 }] = rows;
        let smaller = Shape::new(smaller).map_err(|_| request.dims(CONVOLUTION))?;
        let source = request.matrix_of(&smaller)?;
        let default = kaiming_normal::DEFAULT;
        let distribution = self.init.as_deref().unwrap_or(&default).distribution(&smaller, layout)?;
        let tiled = self.tiled.unwrap_or(!out_first);
        Ok(Structured::Icnr { matrix, repeats, tiled, source, distribution }.into())
    }
}
