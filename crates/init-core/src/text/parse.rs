//! The reader of the text form: words, and how far the text has been read.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::ops::Range;

use super::error::{ParseError, ParseErrorKind};
use crate::{
    initializer::spec::{DefaultValue, Signature, Value},
    word::quoted,
};

/// The maximum length of a text, in bytes; every initializer prints in less than a tenth of it.
const MAX_LENGTH: usize = 4096;

/// A word and its position.
#[derive(Clone)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) span: Range<usize>,
}

impl Word<'_> {
    pub(super) fn error(&self, kind: ParseErrorKind, message: String) -> ParseError {
        ParseError { kind, span: self.span.clone(), message }
    }

    pub(super) fn quoted(&self) -> String {
        quoted(self.text)
    }

    /// Returns the word without the quotes around it, as Python writes words: `'fan_out'`.
    pub(super) fn without_quotes(self) -> Self {
        let inner = ['\'', '"'].iter().find_map(|&quote| self.text.strip_prefix(quote)?.strip_suffix(quote));
        match inner {
            Some(text) if !text.is_empty() => Self { text, span: self.span.start + 1..self.span.end - 1 },
            _ => self,
        }
    }
}

/// The text and how far it has been read.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Reads up to white space or punctuation; the word is empty if that comes first.
    fn word(&mut self) -> Word<'a> {
        let rest = self.rest();
        let ends = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ' | b'(' | b')' | b',' | b'=' | 0x80..);
        let end = rest.bytes().position(ends).unwrap_or(rest.len());
        // Almost all texts are ASCII; in the others, white space has other forms too.
        let end = match rest.as_bytes().get(end) {
            Some(byte) if !byte.is_ascii() => {
                rest.find(|c: char| c.is_whitespace() || "(),=".contains(c)).unwrap_or(rest.len())
            }
            _ => end,
        };
        let text = &rest[..end];
        let span = self.at..self.at + text.len();
        self.at = span.end;
        Word { text, span }
    }

    /// Reads a value: a word, which parentheses may follow, as in `exact(tanh)` and
    /// `kaiming_normal(mode=fan_out)`, or several that operators join, as in `0.02 / sqrt(2 * 12)`.
    /// At parentheses that are never closed it ends.
    pub(super) fn value(&mut self) -> Word<'a> {
        let whole = self.text;
        self.rest();
        let start = self.at;
        let mut end = start;
        let joins = |c: char| "+-*/^".contains(c);
        loop {
            let word = self.word();
            let parentheses = if self.rest().starts_with('(') { closed(&whole[self.at..]) } else { None };
            match parentheses {
                Some(length) => {
                    self.at += length;
                    end = self.at;
                }
                None if word.text.is_empty() => break,
                None => end = word.span.end,
            }
            if !self.rest().starts_with(joins) && !whole[start..end].ends_with(joins) {
                break;
            }
        }
        self.at = end;
        Word { text: &whole[start..end], span: start..end }
    }

    /// Returns the rest of the text, without white space at its start.
    pub(super) fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        if rest.as_bytes().first().is_none_or(u8::is_ascii_graphic) {
            return rest;
        }
        let rest = rest.trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    pub(super) fn take(&mut self, punctuation: char) -> bool {
        let taken = self.rest().starts_with(punctuation);
        self.at += usize::from(taken);
        taken
    }

    /// Returns an error about the next word or sign, or about the end of the text.
    pub(super) fn error(&mut self, kind: ParseErrorKind, message: impl FnOnce(&str) -> String) -> ParseError {
        let mut word = self.word();
        if word.text.is_empty()
            && let Some(sign) = self.rest().chars().next()
        {
            let span = self.at..self.at + sign.len_utf8();
            word = Word { text: &self.text[span.clone()], span };
        }
        let found = if word.text.is_empty() { "the end of the text".to_string() } else { word.quoted() };
        word.error(kind, message(&found))
    }
}

/// Returns the length of the parentheses at the start of a text, if they are closed.
fn closed(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (i, sign) in text.char_indices() {
        match sign {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(i + 1);
        }
    }
    None
}

/// Reads the name, of `what`; `common` returns suggestions for the message.
pub(super) fn begin<'a>(
    text: &'a str,
    what: &str,
    common: fn() -> String,
) -> Result<(Cursor<'a>, Word<'a>), ParseError> {
    if text.len() > MAX_LENGTH {
        let message = format!("{what} must have at most {MAX_LENGTH} bytes, but {} were given", text.len());
        return Err(ParseError { kind: ParseErrorKind::TooLong, span: 0..0, message });
    }
    let mut cursor = Cursor { text, at: 0 };
    let name = cursor.word();
    if name.text.is_empty() {
        return Err(cursor.error(ParseErrorKind::MissingName, |found| {
            format!("{what} is needed, but {found} was found: {}", common())
        }));
    }
    Ok((cursor, name))
}

/// Returns the name, with the values that differ from their defaults.
pub(super) fn written(spec: Signature, values: Vec<Option<Value>>) -> String {
    let mut text = String::from(spec.name);
    let mut open = false;
    for (parameter, value) in spec.parameters.iter().zip(values) {
        match (value, &parameter.default) {
            (None, _) => continue,
            (Some(value), DefaultValue::Value(default)) if value.same(default) => continue,
            (Some(value), _) => {
                text += if open { ", " } else { "(" };
                text += &format!("{}={value}", parameter.name);
                open = true;
            }
        }
    }
    if open {
        text.push(')');
    }
    text
}
