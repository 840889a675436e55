//! The text form of a scheme, which is that of an initializer.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::named::Scheme;
use crate::parse::{Word, begin};
use crate::spec::Spec;
use crate::text::{ParseError, ParseErrorKind, written};
use crate::word::nearest;

/// Writes the [text form](crate::text), leaving out defaults.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&written(self.spec().signature(), self.values()))
    }
}

/// Reads the [text form](crate::text).
///
/// ```
/// use init_core::scheme::Scheme;
///
/// let error = "mup(role=hiden)".parse::<Scheme>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown role `hiden`: did you mean `hidden`? possible are input, hidden, output",
/// );
/// ```
impl FromStr for Scheme {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (cursor, name) = begin(text, "a scheme", possible)?;
        let spec = Self::spec_of(name.text).ok_or_else(|| unknown(&name))?;
        cursor.given(spec.signature(), name)?.build(spec.build, Self::validate)
    }
}

fn names() -> Vec<&'static str> {
    Scheme::all().iter().map(|spec| spec.name).collect()
}

fn possible() -> String {
    format!("possible are {}", names().join(", "))
}

fn unknown(name: &Word<'_>) -> ParseError {
    let message = if Spec::find(name.text).is_some() {
        format!("{} is an initializer and no scheme: give it as `init`", name.quoted())
    } else {
        let guess = match nearest(name.text, &names()) {
            Some(near) => format!("did you mean `{near}`? "),
            None => String::new(),
        };
        format!("unknown scheme {}: {guess}{}", name.quoted(), possible())
    };
    name.error(ParseErrorKind::UnknownScheme, message)
}
