//! What an initializer comes to for a shape.

use core::fmt;

use crate::distribution::{Distribution, DistributionError};
use crate::structured::{Structured, StructuredError};

/// What is filled in: independent draws of one law, or something with structure.
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
#[non_exhaustive]
pub enum Resolved {
    /// Every element is drawn from this law, independently.
    Distribution(Distribution),
    /// The elements depend on their place or on each other.
    Structured(Structured),
}

impl Resolved {
    /// The law, if that is what it is.
    #[must_use]
    pub fn distribution(&self) -> Option<&Distribution> {
        match self {
            Self::Distribution(law) => Some(law),
            Self::Structured(_) => None,
        }
    }

    /// The structure, if that is what it is.
    #[must_use]
    pub fn structured(&self) -> Option<&Structured> {
        match self {
            Self::Distribution(_) => None,
            Self::Structured(structured) => Some(structured),
        }
    }

    /// The name of the law or of the structure.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Distribution(law) => law.name(),
            Self::Structured(structured) => structured.name(),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::Distribution(law) => law.validate().map_err(Invalid::Distribution),
            Self::Structured(structured) => structured.validate().map_err(Invalid::Structured),
        }
    }
}

pub(crate) enum Invalid {
    Distribution(DistributionError),
    Structured(StructuredError),
}

impl From<Distribution> for Resolved {
    fn from(law: Distribution) -> Self {
        Self::Distribution(law)
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
            Self::Distribution(law) => law.fmt(f),
            Self::Structured(structured) => structured.fmt(f),
        }
    }
}
