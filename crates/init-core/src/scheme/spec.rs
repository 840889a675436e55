//! A row of the table of schemes.

use core::fmt;

use super::named::Scheme;
use crate::initializer::{
    spec::{Parameter, Signature},
    values::{Mismatch, Values},
};

/// A row of the table of schemes: the name, the parameters and where it comes from.
///
/// ```
/// use init_core::scheme::Scheme;
///
/// for spec in Scheme::all() {
///     println!("{spec}: {}", spec.summary); // siren(part, omega=30): …
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SchemeSpec {
    /// The name.
    pub name: &'static str,
    /// A one-line summary of what it gives to a parameter.
    pub summary: &'static str,
    /// The paper or the code that it comes from.
    pub source: &'static str,
    /// The parameters, in the order in which values without a name are taken.
    pub parameters: &'static [Parameter],
    pub(crate) build: fn(&Values) -> Result<Scheme, Mismatch>,
}

impl SchemeSpec {
    pub(crate) fn signature(&self) -> Signature {
        Signature { name: self.name, parameters: self.parameters }
    }
}

/// Prints the signature: `siren(part, omega=30)`.
impl fmt::Display for SchemeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.signature().fmt(f)
    }
}
