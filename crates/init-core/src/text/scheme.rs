//! Parsing and printing schemes; their text form is that of initializers.

use alloc::{format, string::String, vec::Vec};
use core::{fmt, str::FromStr};

use super::{
    arguments::Given,
    error::{ParseError, ParseErrorKind},
    parse::{Word, begin, written},
};
use crate::{initializer::spec::Spec, scheme::Scheme, word::nearest};

/// Prints the [text form](crate::text), leaving out defaults.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&written(self.spec().signature(), self.values()))
    }
}

/// Parses the [text form](crate::text).
///
/// ```
/// use init_core::scheme::Scheme;
///
/// let error = "mup(role=hiden)".parse::<Scheme>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown role `hiden`: did you mean `hidden`? expected one of input, hidden, output",
/// );
/// ```
impl FromStr for Scheme {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (cursor, name) = begin(text, "a scheme", possible)?;
        let spec = Self::spec_of(name.text).ok_or_else(|| unknown(&name))?;
        Given::read(cursor, spec.signature(), name)?.build(spec.build, Self::validate)
    }
}

fn names() -> Vec<&'static str> {
    Scheme::all().iter().map(|spec| spec.name).collect()
}

fn possible() -> String {
    format!("expected one of {}", names().join(", "))
}

fn unknown(name: &Word<'_>) -> ParseError {
    if Spec::find(name.text).is_some() {
        let message = format!("{} is an initializer, not a scheme", name.quoted());
        return name.error(ParseErrorKind::InitializerNotScheme, message);
    }
    let guess = match nearest(name.text, &names()) {
        Some(near) => format!("did you mean `{near}`? "),
        None => String::new(),
    };
    let message = format!("unknown scheme {}: {guess}{}", name.quoted(), possible());
    name.error(ParseErrorKind::UnknownScheme, message)
}
