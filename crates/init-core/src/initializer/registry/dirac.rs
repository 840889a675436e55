//! `dirac`: a convolution that passes its input channels through unchanged.

use crate::{
    initializer::{
        definition::{CONVOLUTION, Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec, Value},
        values::{CENTRE, Values, computed, whole},
    },
    resolved::Resolved,
    shape::filters::Centre,
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
    name: "dirac",
    aliases: &[],
    summary: "a convolution that passes its input channels through unchanged",
    source: "PyTorch dirac_",
    needs_fans: false,
    structured: true,
    parameters: &[computed("groups", Kind::Count, "the layout's"), CENTRE],
    examples: &["dirac", "dirac(groups=2)"],
    build: |v| Ok(Initializer::Dirac { groups: v.whole(0), centre: v.centre(1) }),
};

pub(super) struct Dirac {
    pub(super) groups: Option<usize>,
    pub(super) centre: Centre,
}

impl Definition for Dirac {
    fn values(&self) -> Values {
        Values::from([self.groups.and_then(whole), Some(Value::Centre(self.centre))])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let filters = request.filters(CONVOLUTION, 3, 5)?;
        let centre = filters.centre(self.centre);
        let groups = self.groups.unwrap_or(request.layout.groups());
        Ok(Structured::Dirac { filters, groups, centre }.into())
    }
}
