//! What a buffer can be filled with.

use init_core::{Distribution, Resolved, Structured};

/// A [`Distribution`], a [`Structured`] or a [`Resolved`], which is one of the two: what
/// [`Initializer::resolve`](init_core::Initializer::resolve) gives can be filled in as it is.
#[allow(private_bounds, reason = "sealed: what can be filled in is what the kernels know")]
pub trait Fillable: sealed::Fillable {}

impl Fillable for Distribution {}
impl Fillable for Structured {}
impl Fillable for Resolved {}

pub(crate) mod sealed {
    pub(crate) trait Fillable {
        /// Which of the two it is; nothing, if this version knows neither.
        fn kind(&self) -> Option<super::Kind<'_>>;
    }
}

/// The two kinds of fills.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'a> {
    /// Independent draws.
    Distribution(&'a Distribution),
    /// Elements that depend on their place or on each other.
    Structured(&'a Structured),
}

impl sealed::Fillable for Distribution {
    fn kind(&self) -> Option<Kind<'_>> {
        Some(Kind::Distribution(self))
    }
}

impl sealed::Fillable for Structured {
    fn kind(&self) -> Option<Kind<'_>> {
        Some(Kind::Structured(self))
    }
}

impl sealed::Fillable for Resolved {
    fn kind(&self) -> Option<Kind<'_>> {
        match self {
            Self::Distribution(distribution) => Some(Kind::Distribution(distribution)),
            Self::Structured(structured) => Some(Kind::Structured(structured)),
            _ => None,
        }
    }
}
