//! Initializers for the weights of a stack, as the command line names them.

use std::ops::Range;

use init_core::{Initializer, ParseError, text::shorten};

use crate::failure::{Failure, Outcome, with_hint};

/// The longest text that an error repeats with its mistake marked, in characters.
const LINE: usize = 200;

/// An initializer for every weight of a stack, and the text that it was given as.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scheme {
    /// The text as it was given.
    pub(crate) name: String,
    /// The equivalent initializer.
    pub(crate) initializer: Initializer,
}

/// Words that are accepted in addition to the initializers, and their meanings.
///
/// `standard` is ±1/√fan_in, which Glorot and Bengio 2010 (equation 1) call the standard
/// initialization. It is PyTorch's default for its layers, written as in PyTorch, so that the
/// bounds have the same bits.
const WORDS: [(&str, &str); 1] = [("standard", "kaiming_uniform(a=2.23606797749979)")];

impl Scheme {
    /// Reads one word or initializer.
    pub(crate) fn read(text: &str) -> Outcome<Self> {
        let name = text.trim();
        let word = WORDS.into_iter().find(|(word, _)| *word == name);
        let initializer = initializer(word.map_or(name, |(_, meaning)| meaning))?;
        Ok(Self { name: name.to_owned(), initializer })
    }

    /// Reads a list with commas in between: `standard,kaiming_normal(mode=fan_out,
    /// nonlinearity=tanh),orthogonal`.
    pub(crate) fn read_list(text: &str) -> Outcome<Vec<Self>> {
        parts(text).into_iter().map(Self::read).collect()
    }
}

/// Reads an initializer. The second line of the error marks the word that it is about.
pub(crate) fn initializer(text: &str) -> Outcome<Initializer> {
    text.parse().map_err(|error: ParseError| {
        let Range { start, end } = error.span();
        let (before, word, after) = (&text[..start], &text[start..end], &text[end..]);
        let line = format!("{before}>>{word}<<{after}");
        let line = shorten(&line, LINE);
        Failure::Input(format!("{}\n  {line}", with_hint(&error)))
    })
}

/// Splits a text at the commas that are not in parentheses.
pub(crate) fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut open) = (Vec::new(), 0, 0usize);
    for (index, sign) in text.char_indices() {
        match sign {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            ',' if open == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use init_core::layer::{self, Framework};

    use super::*;

    #[test]
    fn lists_are_split_outside_of_parentheses() {
        let names = |text| Scheme::read_list(text).unwrap().into_iter().map(|scheme| scheme.name).collect::<Vec<_>>();
        assert_eq!(names("orthogonal"), ["orthogonal"]);
        let nested = "standard, icnr(r=2, init=kaiming_normal(mode=fan_out, nonlinearity=tanh)),zeros";
        assert_eq!(names(nested)[1..], ["icnr(r=2, init=kaiming_normal(mode=fan_out, nonlinearity=tanh))", "zeros"]);
        for wrong in ["", "standard,,zeros", "zeros,", "normal(0,1", "standart"] {
            assert!(Scheme::read_list(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn standard_is_the_default_of_pytorch() {
        let torch = layer::linear(Framework::Torch, 784, 256).unwrap();
        assert_eq!(Scheme::read("standard").unwrap().initializer, torch[0].initializer);
    }
}
