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
    initializer::{
        registry::Initializer,
        spec::{DefaultValue, Spec},
        values::Values,
    },
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
        let (mut cursor, name) = begin(text, "an initializer", common)?;
        let spec = Spec::find(name.text).ok_or_else(|| unknown(&name))?;
        let has_absolute_bounds = name.text.ends_with("trunc_normal_");
        // A name alone is what most texts are. Defaults are valid, as a test shows.
        if cursor.rest().is_empty()
            && !has_absolute_bounds
            && let Some(built) = spec.with_defaults()
        {
            return Ok(built);
        }
        let mut given = Given::read(cursor, spec.signature(), name.clone())?;
        if has_absolute_bounds {
            // PyTorch's default bounds are absolute.
            given.set_default("low", &["lower", "upper"], "-2");
            given.set_default("high", &["lower", "upper"], "2");
        }
        given.build(spec.build, Self::validate)
    }
}

impl Spec {
    /// Returns the initializer with the defaults of all parameters, if they have one.
    #[inline]
    fn with_defaults(&self) -> Option<Initializer> {
        let mut values = Values::default();
        for parameter in self.parameters {
            values.push(match &parameter.default {
                DefaultValue::Value(value) => Some(value.clone()),
                DefaultValue::Computed(_) => None,
                DefaultValue::Required => return None,
            });
        }
        (self.build)(&values).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_has_the_defaults_and_they_are_valid() {
        for spec in Spec::all() {
            let alone = spec.name.parse::<Initializer>();
            let empty = format!("{}()", spec.name).parse::<Initializer>();
            assert_eq!(alone.is_ok(), spec.with_defaults().is_some(), "{spec}");
            if let Ok(alone) = alone {
                assert_eq!(alone.validate(), Ok(()), "{spec}");
                assert_eq!(Ok(alone), empty, "{spec}");
            }
        }
    }
}
