//! Parsing and printing initializers.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, str::FromStr};

use super::{
    arguments::Given,
    error::{ParseError, ParseErrorKind},
    parse::{Word, begin, written},
};
use crate::{
    initializer::{registry::Initializer, spec::Spec},
    scheme::Scheme,
    word::nearest_few,
};

/// Prints the [text form](crate::text), leaving out defaults.
impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&written(self.spec().signature(), self.values()))
    }
}

/// Parses the [text form](crate::text).
impl FromStr for Initializer {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (cursor, name) = begin(text, "an initializer", common)?;
        let spec = Spec::find(name.text).ok_or_else(|| unknown(&name))?;
        let mut given = Given::read(cursor, spec.signature(), name.clone())?;
        if name.text.ends_with("trunc_normal_") {
            // PyTorch's default bounds are absolute.
            given.set_default("low", &["lower", "upper"], "-2");
            given.set_default("high", &["lower", "upper"], "2");
        }
        given.build(spec.build, Self::validate)
    }
}

/// Returns what most users want, for a message.
fn common() -> String {
    "common ones are xavier_uniform, kaiming_normal, orthogonal and normal".to_string()
}

fn unknown(name: &Word<'_>) -> ParseError {
    if Scheme::spec_of(name.text).is_some() {
        let message = format!("{} is a scheme, not an initializer", name.quoted());
        return name.error(ParseErrorKind::SchemeNotInitializer, message);
    }
    let word = name.text.strip_suffix('_').unwrap_or(name.text);
    let near: Vec<_> = nearest_few(word, &Spec::words()).into_iter().map(|word| format!("`{word}`")).collect();
    let remedy = match &near[..] {
        [] => common(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    name.error(ParseErrorKind::UnknownInitializer, format!("unknown initializer {}: {remedy}", name.quoted()))
}
