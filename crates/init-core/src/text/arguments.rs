//! The arguments of the text form: which value is for which parameter, and reading each as what its
//! parameter takes.

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    error::{ParseError, ParseErrorKind},
    parse::{Cursor, Word},
};
use crate::{
    distribution::family::Truncation,
    expression::{evaluate, is_expression},
    initializer::{
        parameter_error::ParameterError,
        spec::{DefaultValue, Kind, Parameter, Signature, Spec, Value},
        values::{MAX_PARAMETERS, Mismatch, Values},
    },
    word::{UnknownWord, look_up, nearest, quoted},
};

type Result<T, E = ParseError> = core::result::Result<T, E>;

/// The longest corrected text that a message suggests, in bytes.
const MAX_SUGGESTION: usize = 160;

/// A value as it was written, with its name if it has one.
#[derive(Clone)]
struct Argument<'a> {
    name: Option<Word<'a>>,
    value: Word<'a>,
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
        arguments.push(Argument { name, value: value.without_quotes() });
        if cursor.take(')') {
            return Ok(arguments);
        }
        if !cursor.take(',') {
            return Err(match cursor.rest().chars().next() {
                None => unclosed(cursor, spec),
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

/// The words that were given for the parameters.
pub(super) struct Given<'a> {
    spec: Signature,
    name: Word<'a>,
    words: [Option<Word<'a>>; MAX_PARAMETERS],
    arguments: Vec<Argument<'a>>,
}

impl<'a> Given<'a> {
    /// Reads what follows the name, to the end of the text.
    // Inlined, as is `build`: the words are many, and moving them takes longer than reading them.
    #[inline(always)]
    pub(super) fn read(mut cursor: Cursor<'a>, spec: Signature, name: Word<'a>) -> Result<Self> {
        let arguments = arguments(&mut cursor, spec)?;
        let rest = cursor.rest();
        if !rest.is_empty() {
            let kind = if rest.starts_with(')') { ParseErrorKind::Unbalanced } else { ParseErrorKind::Trailing };
            return Err(cursor.error(kind, |found| {
                format!("{found} was found after the end of `{}`: nothing may follow it", spec.name)
            }));
        }
        let mut words: [Option<Word<'_>>; MAX_PARAMETERS] = Default::default();
        let mut named_before = false;
        let mut position = 0;
        for argument in &arguments {
            let (i, word) = match bare(spec, argument) {
                Some(i) => (i, argument.value.clone()),
                None => {
                    let found = assign(spec, position, argument, named_before)
                        .map_err(|error| suggest(error, spec, &arguments))?;
                    named_before = argument.name.is_some();
                    position += 1;
                    found
                }
            };
            if words[i].is_some() {
                return Err(word.error(
                    ParseErrorKind::DuplicateParameter,
                    format!("`{}` of `{}` is given twice: give it once", spec.parameters[i].name, spec.name),
                ));
            }
            words[i] = Some(argument.value.clone());
        }
        Ok(Self { spec, name, words, arguments })
    }

    /// Gives a parameter a value, unless one of `others` or the parameter itself has one.
    pub(super) fn set_default(&mut self, parameter: &str, others: &[&str], text: &'static str) {
        let parameters = self.spec.parameters;
        let index = |name: &str| parameters.iter().position(|parameter| parameter.name == name);
        let given = |name: &str| index(name).is_some_and(|i| self.words[i].is_some());
        if let Some(i) = index(parameter)
            && !given(parameter)
            && !others.iter().any(|other| given(other))
        {
            self.words[i] = Some(Word { text, span: self.name.span.clone() });
        }
    }

    /// Adds the defaults to what was given, and builds the whole from it.
    #[inline(always)]
    pub(super) fn build<T>(
        &self,
        build: fn(&Values) -> Result<T, Mismatch>,
        validate: fn(&T) -> Result<(), ParameterError>,
    ) -> Result<T> {
        let Self { spec, ref name, ref words, ref arguments } = *self;
        let mut values = Values::default();
        for (parameter, word) in spec.parameters.iter().zip(words) {
            values.push(match (word, &parameter.default) {
                (Some(word), _) => Some(value(spec, parameter, word).map_err(|error| suggest(error, spec, arguments))?),
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
        let blamed = |parameter: usize| words.get(parameter).and_then(Option::as_ref).unwrap_or(name);
        let built = build(&values).map_err(|mismatch| {
            let parameter = spec.parameters.get(mismatch.parameter).map_or("", |parameter| parameter.name);
            blamed(mismatch.parameter)
                .error(ParseErrorKind::Mismatch, format!("`{parameter}` of `{}` {}", spec.name, mismatch.reason))
        })?;
        validate(&built).map_err(|error| {
            let wanted = match &error {
                ParameterError::OutOfRange { parameter, .. } => [*parameter; 2],
                ParameterError::LowAboveHigh { .. } => ["low", "high"],
                ParameterError::Mismatch { parameter, .. } => [*parameter; 2],
            };
            let kind = match error {
                ParameterError::Mismatch { .. } => ParseErrorKind::Mismatch,
                _ => ParseErrorKind::OutOfRange,
            };
            let given = wanted.into_iter().find_map(|wanted| {
                let i = spec.parameters.iter().position(|parameter| parameter.name == wanted)?;
                words[i].as_ref()
            });
            given.unwrap_or(name).error(kind, error.to_string())
        })?;
        Ok(built)
    }
}

/// Returns the parameter that a bare word sets: a flag by its name, a truncation by its value.
fn bare(spec: Signature, argument: &Argument<'_>) -> Option<usize> {
    let word = argument.value.text;
    let sets = |parameter: &Parameter| match parameter.kind {
        Kind::Flag => parameter.name == word,
        Kind::Truncation => word != Truncation::None.name() && word.parse::<Truncation>().is_ok(),
        _ => false,
    };
    if argument.name.is_some() { None } else { spec.parameters.iter().position(sets) }
}

/// Returns the parameter that an argument is for, and the word to point at if it has a value
/// already.
fn assign<'a>(
    spec: Signature,
    position: usize,
    argument: &Argument<'a>,
    named_before: bool,
) -> Result<(usize, Word<'a>)> {
    let names = || spec.parameters.iter().map(|parameter| parameter.name).collect::<Vec<_>>();
    let possible = || match spec.parameters.len() {
        0 => format!("`{}` takes no parameters", spec.name),
        _ => format!("`{}` takes {}", spec.name, names().join(", ")),
    };
    match &argument.name {
        Some(word) => match spec.parameters.iter().position(|parameter| parameter.is_named(word.text)) {
            Some(i) => Ok((i, word.clone())),
            None => {
                let guess = match nearest(word.text, &names()) {
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
        None if position < spec.parameters.len() => Ok((position, argument.value.clone())),
        None => Err(argument.value.error(
            ParseErrorKind::TooManyValues,
            format!("{} is one value too many: {}", argument.value.quoted(), possible()),
        )),
    }
}

/// Adds the text that was probably meant, if values without a name are in the wrong position:
/// `kaiming_normal(nonlinearity=relu)` for `kaiming_normal(relu)`.
#[cold]
fn suggest(mut error: ParseError, spec: Signature, arguments: &[Argument<'_>]) -> ParseError {
    if let Some(text) = corrected(spec, arguments).filter(|text| text.len() <= MAX_SUGGESTION) {
        error.message += &format!("; did you mean `{text}`?");
    }
    error
}

/// Returns the text in which each value without a name that does not fit its position has the name
/// of the first parameter that it fits. `None` if there is no such value, or one that fits nowhere.
fn corrected(spec: Signature, arguments: &[Argument<'_>]) -> Option<String> {
    let parameters = spec.parameters;
    let mut taken = alloc::vec![false; parameters.len()];
    for argument in arguments {
        let given = match &argument.name {
            Some(name) => Some(parameters.iter().position(|parameter| parameter.is_named(name.text))?),
            None => bare(spec, argument),
        };
        if let Some(i) = given {
            taken[i] = true;
        }
    }
    let mut texts = Vec::with_capacity(arguments.len());
    let (mut position, mut needs_name, mut renamed) = (0, false, false);
    for argument in arguments {
        let word = &argument.value;
        match &argument.name {
            Some(name) => {
                texts.push(format!("{}={}", name.text, word.text));
                needs_name = true;
            }
            None if bare(spec, argument).is_some() => texts.push(word.text.to_string()),
            None => {
                let fits = |&i: &usize| {
                    !taken[i] && parameters.get(i).is_some_and(|parameter| value(spec, parameter, word).is_ok())
                };
                let own = Some(position).filter(|&i| i < parameters.len()).filter(fits);
                let i = own.or_else(|| (0..parameters.len()).find(fits))?;
                position += 1;
                taken[i] = true;
                needs_name |= own.is_none();
                renamed |= needs_name;
                texts.push(if needs_name {
                    format!("{}={}", parameters[i].name, word.text)
                } else {
                    word.text.to_string()
                });
            }
        }
    }
    renamed.then(|| format!("{}({})", spec.name, texts.join(", ")))
}

/// Reads one value as what its parameter takes. Ranges are checked later, all together.
fn value(spec: Signature, parameter: &Parameter, word: &Word<'_>) -> Result<Value> {
    let unknown = |error: UnknownWord| word.error(ParseErrorKind::UnknownWord, error.to_string());
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
        Kind::Flag => look_up(parameter.name, &[("true", true), ("false", false)], &[], word.text)
            .map(Value::Flag)
            .map_err(unknown),
        Kind::OneOf(possible) => {
            let table: Vec<_> = possible.iter().map(|&word| (word, word)).collect();
            look_up(parameter.name, &table, &[], word.text).map(Value::Word).map_err(unknown)
        }
        Kind::Initializer => nested(spec, parameter, word),
        Kind::Gain if !is_number(word.text) => {
            word.text.parse().map(Value::Nonlinearity).map_err(|error: UnknownWord| {
                let message = format!("{} is not a number or a nonlinearity: {error}", word.quoted());
                word.error(ParseErrorKind::UnknownWord, message)
            })
        }
        kind @ (Kind::Finite
        | Kind::NonNegative
        | Kind::Positive
        | Kind::LowerBound
        | Kind::UpperBound
        | Kind::Gain
        | Kind::Fraction
        | Kind::Count
        | Kind::Index
        | Kind::Axis
        | Kind::Steps) => {
            let number = number(spec, parameter, word)?;
            // Whole numbers are converted to integers before the rest is checked.
            if matches!(kind, Kind::Count | Kind::Index | Kind::Axis) && !kind.allows(number) {
                let (initializer, parameter) = (spec.name, parameter.name);
                let error = ParameterError::OutOfRange { initializer, parameter, value: number, kind };
                return Err(word.error(ParseErrorKind::OutOfRange, error.to_string()));
            }
            Ok(Value::Number(number))
        }
    }
}

/// Returns whether a text is a number or looks like arithmetic.
fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() || is_expression(text)
}

/// Reads a number, or arithmetic on numbers.
fn number(spec: Signature, parameter: &Parameter, word: &Word<'_>) -> Result<f64> {
    if let Ok(number) = word.text.parse() {
        return Ok(number);
    }
    evaluate(word.text, &|_| None).map_err(|error| {
        let (name, kind) = (parameter.name, parameter.kind);
        let reason = if is_expression(word.text) { format!(" ({error})") } else { String::new() };
        let message = format!("{} is not a number{reason}: `{name}` of `{}` must be {kind}", word.quoted(), spec.name);
        word.error(ParseErrorKind::BadNumber, message)
    })
}

/// Reads an initializer inside another. It is refused before it is read if it is structured, so
/// that nothing nests deeper.
fn nested(spec: Signature, parameter: &Parameter, word: &Word<'_>) -> Result<Value> {
    let name = word.text.split('(').next().unwrap_or_default().trim_end();
    if Spec::find(name).is_some_and(|inner| inner.structured) {
        let message = format!(
            "`{}` of `{}` must resolve to a distribution, but {} does not: use `normal`, for example",
            parameter.name,
            spec.name,
            quoted(name)
        );
        return Err(word.error(ParseErrorKind::Mismatch, message));
    }
    word.text.parse().map(|init| Value::Initializer(Box::new(init))).map_err(|mut error: ParseError| {
        error.span = word.span.start + error.span.start..word.span.start + error.span.end;
        error
    })
}
