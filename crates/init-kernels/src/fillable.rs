//! The kinds of values that a buffer can be filled with.

use init_core::{Distribution, Resolved, Structured};

/// A type that a buffer can be filled from: a [`Distribution`], a [`Structured`] fill, or a
/// [`Resolved`], which is one of the two.
///
/// The result of [`Initializer::resolve`](init_core::Initializer::resolve) can be passed directly.
#[allow(private_bounds, reason = "sealed: the kernels know these kinds and no others")]
pub trait Fillable: Sealed {}

impl Fillable for Distribution {}
impl Fillable for Structured {}
impl Fillable for Resolved {}

/// The sealed part of [`Fillable`].
pub(crate) trait Sealed {
    /// Returns which of the two kinds it is.
    fn kind(&self) -> Kind<'_>;
}

/// The two kinds of fills.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'a> {
    /// Independent values.
    Distribution(&'a Distribution),
    /// Values that depend on their index or on each other.
    Structured(&'a Structured),
}

impl Sealed for Distribution {
    fn kind(&self) -> Kind<'_> {
        Kind::Distribution(self)
    }
}

impl Sealed for Structured {
    fn kind(&self) -> Kind<'_> {
        Kind::Structured(self)
    }
}

impl Sealed for Resolved {
    fn kind(&self) -> Kind<'_> {
        match self {
            Self::Distribution(distribution) => Kind::Distribution(distribution),
            Self::Structured(structured) => Kind::Structured(structured),
        }
    }
}
