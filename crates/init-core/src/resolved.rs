//! `Resolved`: what an initializer resolves to for a shape.

use core::fmt;

use crate::{
    distribution::independent::{Distribution, DistributionError},
    structured::{Structured, StructuredError},
};

/// A resolved initializer: independent elements of one distribution, or a structured fill.
///
/// ```
/// use init_core::{Initializer, Layout, Resolved, Shape};
///
/// let shape = Shape::new([256, 784]).unwrap();
/// let init: Initializer = "xavier_uniform".parse().unwrap();
/// let resolved = init.resolve(&shape, &Layout::Torch).unwrap();
/// assert!(matches!(resolved, Resolved::Distribution(_)));
/// assert_eq!(resolved.name(), "uniform");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// Every element is drawn independently from this distribution.
    Distribution(Distribution),
    /// The elements depend on their position or on each other.
    Structured(Structured),
}

impl Resolved {
    /// Returns the distribution, if it is one.
    #[must_use]
    pub fn distribution(&self) -> Option<&Distribution> {
        match self {
            Self::Distribution(distribution) => Some(distribution),
            Self::Structured(_) => None,
        }
    }

    /// Returns the structured fill, if it is one.
    #[must_use]
    pub fn structured(&self) -> Option<&Structured> {
        match self {
            Self::Distribution(_) => None,
            Self::Structured(structured) => Some(structured),
        }
    }

    /// Returns the name of the distribution or of the structured fill.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Distribution(distribution) => distribution.name(),
            Self::Structured(structured) => structured.name(),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::Distribution(distribution) => distribution.validate().map_err(Invalid::Distribution),
            Self::Structured(structured) => structured.validate().map_err(Invalid::Structured),
        }
    }
}

pub(crate) enum Invalid {
    Distribution(DistributionError),
    Structured(StructuredError),
}

impl From<Distribution> for Resolved {
    fn from(distribution: Distribution) -> Self {
        Self::Distribution(distribution)
    }
}

impl From<Structured> for Resolved {
    fn from(structured: Structured) -> Self {
        Self::Structured(structured)
    }
}

impl fmt::Display for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Distribution(distribution) => distribution.fmt(f),
            Self::Structured(structured) => structured.fmt(f),
        }
    }
}
