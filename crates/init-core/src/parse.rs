//! The reader of the text form.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use core::str::FromStr;

use crate::family::Truncation;
use crate::initializer::Initializer;
use crate::parameter_error::ParameterError;
use crate::scheme::Scheme;
use crate::spec::{DefaultValue, Kind, Parameter, Signature, Spec, Value};
use crate::table::{Misfit, Values};
use crate::text::{ParseError, ParseErrorKind};
use crate::word::{UnknownWord, look_up, nearest, nearest_few, quoted};

/// The longest text that is read, in bytes; every initializer prints in less than a tenth of it.
const LONGEST: usize = 4096;

type Result<T, E = ParseError> = core::result::Result<T, E>;

/// A word and where it stands.
#[derive(Clone)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    span: Range<usize>,
}

impl Word<'_> {
    pub(crate) fn error(&self, kind: ParseErrorKind, message: String) -> ParseError {
        ParseError { kind, span: self.span.clone(), message }
    }

    pub(crate) fn quoted(&self) -> String {
        quoted(self.text)
    }
}

/// The text and how far it has been read.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Reads up to white space or punctuation; the word is empty if that comes first.
    fn word(&mut self) -> Word<'a> {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || "(),=".contains(c));
        let text = &rest[..end.unwrap_or(rest.len())];
        let span = self.at..self.at + text.len();
        self.at = span.end;
        Word { text, span }
    }

    /// Reads a value: a word, which may have parentheses of its own behind it, as in `exact(tanh)`
    /// and `kaiming_normal(mode=fan_out)`. If they are never closed, it is the word alone.
    fn value(&mut self) -> Word<'a> {
        let word = self.word();
        if word.text.is_empty() || !self.rest().starts_with('(') {
            return word;
        }
        let mut open = 0_usize;
        for (i, sign) in self.text[self.at..].char_indices() {
            match sign {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                self.at += i + 1;
                let span = word.span.start..self.at;
                return Word { text: &self.text[span.clone()], span };
            }
        }
        word
    }

    /// What is left, without white space at its start.
    fn rest(&mut self) -> &'a str {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    fn take(&mut self, punctuation: char) -> bool {
        let taken = self.rest().starts_with(punctuation);
        self.at += usize::from(taken);
        taken
    }

    /// An error about the next word or sign, or about the end of the text.
    fn error(&mut self, kind: ParseErrorKind, message: impl FnOnce(&str) -> String) -> ParseError {
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

/// A value as it was written, with its name if it has one.
struct Argument<'a> {
    name: Option<Word<'a>>,
    value: Word<'a>,
}

impl FromStr for Initializer {
    type Err = ParseError;

    /// Reads the [text form](crate::text).
    fn from_str(text: &str) -> Result<Self> {
        let (cursor, name) = begin(text, "an initializer", common)?;
        let spec = Spec::find(name.text).ok_or_else(|| unknown_initializer(&name))?;
        cursor.given(spec.signature(), name)?.build(spec.build, Self::validate)
    }
}

/// Reads the name, of `what`; `common` says which there are.
pub(crate) fn begin<'a>(text: &'a str, what: &str, common: fn() -> String) -> Result<(Cursor<'a>, Word<'a>)> {
    if text.len() > LONGEST {
        let message = format!("{what} of {} bytes was given: at most {LONGEST} are read", text.len());
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

/// What most people want, and where the others are.
fn common() -> String {
    let count = Spec::all().len();
    format!("xavier_uniform, kaiming_normal, orthogonal and normal are common, and `fanin list` names all {count}")
}

fn unknown_initializer(name: &Word<'_>) -> ParseError {
    if Scheme::spec_of(name.text).is_some() {
        let message = format!(
            "{} is a scheme and no initializer: a rule of a recipe has `scheme = …` in the place of `init`",
            name.quoted()
        );
        return name.error(ParseErrorKind::UnknownInitializer, message);
    }
    let near: Vec<_> = nearest_few(name.text, &Spec::words()).into_iter().map(|word| format!("`{word}`")).collect();
    let remedy = match &near[..] {
        [] => common(),
        near => format!("did you mean {}? `fanin list` names all {}", near.join(" or "), Spec::all().len()),
    };
    let message = format!("unknown initializer {}: {remedy}", name.quoted());
    name.error(ParseErrorKind::UnknownInitializer, message)
}

/// Reads `(…)`, or nothing.
fn arguments<'a>(cursor: &mut Cursor<'a>, spec: Signature) -> Result<Vec<Argument<'a>>> {
    let mut arguments = Vec::new();
    if !cursor.take('(') || cursor.take(')') {
        return Ok(arguments);
    }
    loop {
        let mut name = None;
        let mut value = cursor.value();
        if !value.text.is_empty() && cursor.take('=') {
            name = Some(value);
            value = cursor.value();
        }
        if value.text.is_empty() {
            let owner = name.map_or("the next value".to_string(), |name| name.quoted());
            return Err(match cursor.rest().chars().next() {
                None => unclosed(cursor, spec),
                Some(_) => cursor.error(ParseErrorKind::MissingValue, |found| {
                    format!("a value is missing for {owner} of `{}`: {found} was found", spec.name)
                }),
            });
        }
        let last = value.text;
        arguments.push(Argument { name, value });
        if cursor.take(')') {
            return Ok(arguments);
        }
        if !cursor.take(',') {
            return Err(match cursor.rest().chars().next() {
                None => unclosed(cursor, spec),
                Some('(') => cursor.error(ParseErrorKind::Unbalanced, |_| {
                    format!("`(` was found after {}: values have no parentheses of their own", quoted(last))
                }),
                Some(_) => cursor.error(ParseErrorKind::Trailing, |found| {
                    format!("{found} was found after {}: a comma or `)` is needed there", quoted(last))
                }),
            });
        }
    }
}

fn unclosed(cursor: &mut Cursor<'_>, spec: Signature) -> ParseError {
    cursor.error(ParseErrorKind::Unbalanced, |_| {
        format!("the parenthesis of `{}` is never closed: `)` is needed at the end", spec.name)
    })
}

/// What was given for each parameter.
pub(crate) struct Given<'a> {
    spec: Signature,
    name: Word<'a>,
    words: Vec<Option<Word<'a>>>,
}

impl<'a> Cursor<'a> {
    /// Reads what follows the name, to the end of the text.
    pub(crate) fn given(mut self, spec: Signature, name: Word<'a>) -> Result<Given<'a>> {
        let arguments = arguments(&mut self, spec)?;
        let rest = self.rest();
        if !rest.is_empty() {
            let kind = if rest.starts_with(')') { ParseErrorKind::Unbalanced } else { ParseErrorKind::Trailing };
            return Err(self.error(kind, |found| {
                format!("{found} was found after the end of `{}`: nothing may follow it", spec.name)
            }));
        }
        let mut words: Vec<Option<Word<'_>>> = vec![None; spec.parameters.len()];
        let mut named_before = false;
        let mut position = 0;
        for argument in arguments {
            let (i, word) = match bare(spec, &argument) {
                Some(i) => (i, argument.value.clone()),
                None => {
                    let placed = place(spec, position, &argument, named_before)?;
                    named_before = argument.name.is_some();
                    position += 1;
                    placed
                }
            };
            if words[i].is_some() {
                return Err(word.error(
                    ParseErrorKind::DuplicateParameter,
                    format!("`{}` of `{}` is given twice: give it once", spec.parameters[i].name, spec.name),
                ));
            }
            words[i] = Some(argument.value);
        }
        Ok(Given { spec, name, words })
    }
}

impl Given<'_> {
    /// Puts the defaults beside what was given, and all of it together.
    pub(crate) fn build<T>(
        self,
        build: fn(&Values) -> Result<T, Misfit>,
        validate: fn(&T) -> Result<(), ParameterError>,
    ) -> Result<T> {
        let Self { spec, name, words } = self;
        let mut values = Vec::with_capacity(words.len());
        for (parameter, word) in spec.parameters.iter().zip(&words) {
            values.push(match (word, &parameter.default) {
                (Some(word), _) => Some(value(spec, parameter, word)?),
                (None, DefaultValue::Value(value)) => Some(value.clone()),
                (None, DefaultValue::Computed(_)) => None,
                (None, DefaultValue::Required) => {
                    return Err(name.error(
                        ParseErrorKind::MissingValue,
                        format!("`{}` needs its `{}`: write `{spec}`", spec.name, parameter.name),
                    ));
                }
            });
        }
        let blamed = |parameter: usize| words.get(parameter).and_then(Option::as_ref).unwrap_or(&name);
        let built = build(&Values(values)).map_err(|misfit| {
            let parameter = spec.parameters.get(misfit.parameter).map_or("", |parameter| parameter.name);
            blamed(misfit.parameter)
                .error(ParseErrorKind::Misfit, format!("`{parameter}` of `{}` {}", spec.name, misfit.reason))
        })?;
        validate(&built).map_err(|error| {
            let wanted = match &error {
                ParameterError::OutOfRange { parameter, .. } => [*parameter; 2],
                ParameterError::LowAboveHigh { .. } => ["low", "high"],
                ParameterError::Misfit { parameter, .. } => [*parameter; 2],
            };
            let kind = match error {
                ParameterError::Misfit { .. } => ParseErrorKind::Misfit,
                _ => ParseErrorKind::OutOfRange,
            };
            let given = wanted.into_iter().find_map(|wanted| {
                let i = spec.parameters.iter().position(|parameter| parameter.name == wanted)?;
                words[i].as_ref()
            });
            given.unwrap_or(&name).error(kind, error.to_string())
        })?;
        Ok(built)
    }
}

/// The parameter that a word alone sets: a flag by its name, a truncation by its value.
fn bare(spec: Signature, argument: &Argument<'_>) -> Option<usize> {
    let word = argument.value.text;
    let sets = |parameter: &Parameter| match parameter.kind {
        Kind::Flag => parameter.name == word,
        Kind::Truncation => word != Truncation::None.name() && word.parse::<Truncation>().is_ok(),
        _ => false,
    };
    if argument.name.is_some() { None } else { spec.parameters.iter().position(sets) }
}

/// Finds the parameter that an argument is for, and the word to blame if it is taken already.
fn place<'a>(
    spec: Signature,
    position: usize,
    argument: &Argument<'a>,
    named_before: bool,
) -> Result<(usize, Word<'a>)> {
    let names: Vec<_> = spec.parameters.iter().map(|parameter| parameter.name).collect();
    let possible = || match names.len() {
        0 => format!("`{}` takes no parameters", spec.name),
        _ => format!("`{}` takes {}", spec.name, names.join(", ")),
    };
    match &argument.name {
        Some(word) => match names.iter().position(|name| *name == word.text) {
            Some(i) => Ok((i, word.clone())),
            None => {
                let guess = match nearest(word.text, &names) {
                    Some(near) => format!("did you mean `{near}`? "),
                    None => String::new(),
                };
                let message = format!("unknown parameter {}: {guess}{}", word.quoted(), possible());
                Err(word.error(ParseErrorKind::UnknownParameter, message))
            }
        },
        None if named_before => Err(argument.value.error(
            ParseErrorKind::PositionalAfterNamed,
            format!("{} follows a named value, so it needs a name too: {}", argument.value.quoted(), possible()),
        )),
        None if position < names.len() => Ok((position, argument.value.clone())),
        None => Err(argument.value.error(
            ParseErrorKind::TooManyValues,
            format!("{} is one value too many: {}", argument.value.quoted(), possible()),
        )),
    }
}

/// Reads one value as what its parameter takes. Ranges are checked later, all in one place.
fn value(spec: Signature, parameter: &Parameter, word: &Word<'_>) -> Result<Value> {
    let unknown = |error: UnknownWord| word.error(ParseErrorKind::UnknownWord, error.to_string());
    let takes_parentheses = matches!(parameter.kind, Kind::Gain | Kind::Nonlinearity | Kind::Initializer);
    if !takes_parentheses && let Some(i) = word.text.find('(') {
        let at = word.span.start + i;
        let message = format!(
            "`(` was found after {}: values have no parentheses of their own",
            quoted(word.text[..i].trim_end())
        );
        return Err(ParseError { kind: ParseErrorKind::Unbalanced, span: at..at + 1, message });
    }
    match parameter.kind {
        Kind::Mode => word.text.parse().map(Value::Mode).map_err(unknown),
        Kind::Nonlinearity => word.text.parse().map(Value::Nonlinearity).map_err(unknown),
        Kind::Family => word.text.parse().map(Value::Family).map_err(unknown),
        Kind::Truncation => word.text.parse().map(Value::Truncation).map_err(unknown),
        Kind::Centre => word.text.parse().map(Value::Centre).map_err(unknown),
        Kind::Side => word.text.parse().map(Value::Side).map_err(unknown),
        Kind::Window => word.text.parse().map(Value::Window).map_err(unknown),
        Kind::Scaling => word.text.parse().map(Value::Scaling).map_err(unknown),
        Kind::Flag if word.text == parameter.name => Ok(Value::Flag(true)),
        Kind::Flag => {
            look_up(parameter.name, &[("true", true), ("false", false)], word.text).map(Value::Flag).map_err(unknown)
        }
        Kind::OneOf(possible) => {
            let table: Vec<_> = possible.iter().map(|&word| (word, word)).collect();
            look_up(parameter.name, &table, word.text).map(Value::Word).map_err(unknown)
        }
        Kind::Initializer => nested(spec, parameter, word),
        Kind::Gain => match word.text.parse() {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => word.text.parse().map(Value::Nonlinearity).map_err(|error: UnknownWord| {
                let message = format!("{} is no number and no nonlinearity: {error}", word.quoted());
                word.error(ParseErrorKind::UnknownWord, message)
            }),
        },
        kind => {
            let number = word.text.parse().map_err(|_| {
                word.error(
                    ParseErrorKind::BadNumber,
                    format!("{} is no number: `{}` of `{}` must be {kind}", word.quoted(), parameter.name, spec.name),
                )
            })?;
            // Whole numbers are made integers before the rest is checked.
            if matches!(kind, Kind::Count | Kind::Index | Kind::Axis) && !kind.allows(number) {
                let (initializer, parameter) = (spec.name, parameter.name);
                let error = ParameterError::OutOfRange { initializer, parameter, value: number, kind };
                return Err(word.error(ParseErrorKind::OutOfRange, error.to_string()));
            }
            Ok(Value::Number(number))
        }
    }
}

/// Reads an initializer inside another. It is checked to take none itself before it is read, so that nothing nests
/// deeper.
fn nested(spec: Signature, parameter: &Parameter, word: &Word<'_>) -> Result<Value> {
    let name = word.text.split('(').next().unwrap_or_default().trim_end();
    if Spec::find(name).is_some_and(|inner| inner.structured) {
        let message = format!(
            "`{}` of `{}` must come to a distribution, but {} does not: use `normal`, `kaiming_uniform` or the like",
            parameter.name,
            spec.name,
            quoted(name)
        );
        return Err(word.error(ParseErrorKind::Misfit, message));
    }
    word.text.parse().map(|init| Value::Initializer(Box::new(init))).map_err(|mut error: ParseError| {
        error.span = word.span.start + error.span.start..word.span.start + error.span.end;
        error
    })
}
