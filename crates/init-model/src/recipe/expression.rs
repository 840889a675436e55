//! Formulas over the fields of a recipe.

use std::{borrow::Cow, collections::BTreeMap};

use crate::excerpt::{excerpt, nearest};

/// The numbers that formulas may use, by name: a recipe's `[fields]`, or the fields of a model's
/// configuration.
pub type Fields = BTreeMap<String, f64>;

/// The longest formula that is accepted, in bytes. It bounds how deep parentheses can nest.
const MAX_BYTES: usize = 256;

/// Evaluates a formula of `+ - * /`, `^` (right-associative, and binding tighter than a sign: −2^2
/// is −4), parentheses and the functions of [`CALLS`].
///
/// Operations are those of IEEE 754 and of `libm`, which give the same bits on every machine; a
/// system's own functions do not.
pub(crate) fn evaluate(text: &str, fields: &Fields) -> Result<f64, ExpressionError> {
    let fault = |reason: String| ExpressionError { text: text.to_owned(), reason };
    if text.len() > MAX_BYTES {
        return Err(fault(format!("it has {} bytes, and at most {MAX_BYTES} are accepted", text.len())));
    }
    let mut parser = Parser { rest: text, fields };
    let value = parser.sum().and_then(|value| match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.unexpected("an operation")),
    });
    let value = value.map_err(fault)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(fault(format!("its value is {value}, which is not a finite number")))
    }
}

#[derive(Clone, Copy)]
enum Call {
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
}

const CALLS: [(&str, Call); 6] = [
    ("sqrt", Call::One(libm::sqrt)),
    ("exp", Call::One(libm::exp)),
    ("ln", Call::One(libm::log)),
    ("pow", Call::Two(libm::pow)),
    ("min", Call::Two(libm::fmin)),
    ("max", Call::Two(libm::fmax)),
];

/// Parses and evaluates by recursive descent, whose depth [`MAX_BYTES`] bounds.
struct Parser<'a> {
    rest: &'a str,
    fields: &'a Fields,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        found
    }

    fn unexpected(&mut self, expected: &str) -> String {
        match self.peek() {
            None => format!("it ends where {expected} is expected"),
            Some(_) => format!("{expected} is expected at `{}`", excerpt(self.rest)),
        }
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value += self.product()?;
            } else if self.take('-') {
                value -= self.product()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.signed()?;
        loop {
            if self.take('*') {
                value *= self.signed()?;
            } else if self.take('/') {
                value /= self.signed()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn signed(&mut self) -> Result<f64, String> {
        if self.take('-') {
            return Ok(-self.signed()?);
        }
        if self.take('+') {
            return self.signed();
        }
        let base = self.atom()?;
        if self.take('^') { Ok(libm::pow(base, self.signed()?)) } else { Ok(base) }
    }

    fn atom(&mut self) -> Result<f64, String> {
        match self.peek() {
            Some('(') => {
                self.take('(');
                let value = self.sum()?;
                self.close(value)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.name(),
            _ => Err(self.unexpected("a number, a field or a parenthesis")),
        }
    }

    fn close(&mut self, value: f64) -> Result<f64, String> {
        if self.take(')') { Ok(value) } else { Err(self.unexpected("an operation or `)`")) }
    }

    fn number(&mut self) -> Result<f64, String> {
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let text = self.rest;
        let mut end = digits(text);
        if text[end..].starts_with('.') {
            end += 1 + digits(&text[end + 1..]);
        }
        if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let len = digits(&exponent[sign..]);
            if len > 0 {
                end += 1 + sign + len;
            }
        }
        let (number, rest) = text.split_at(end);
        self.rest = rest;
        number.parse().map_err(|_| format!("`{number}` is not a number"))
    }

    fn name(&mut self) -> Result<f64, String> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if !self.take('(') {
            return self.fields.get(name).copied().ok_or_else(|| unknown(name, self.fields));
        }
        let call = CALLS.iter().find(|(word, _)| *word == name).map(|(_, call)| *call);
        let call = call.ok_or_else(|| {
            format!(
                "`{}` is not a function; the functions are {}",
                excerpt(name),
                CALLS.map(|(word, _)| word).join(", ")
            )
        })?;
        let first = self.sum()?;
        let value = match call {
            Call::One(function) => function(first),
            Call::Two(function) if self.take(',') => function(first, self.sum()?),
            Call::Two(_) => return Err(self.unexpected("`,` and a second value")),
        };
        self.close(value)
    }
}

fn unknown(name: &str, fields: &Fields) -> String {
    let near = nearest(name, fields.keys().map(String::as_str));
    let near = near.map(|near| format!("did you mean `{}`? ", excerpt(near))).unwrap_or_default();
    format!("`{}` is not a field; {near}{}", excerpt(name), known(fields))
}

/// Lists the fields.
pub(crate) fn known(fields: &Fields) -> String {
    let known: Vec<_> = fields.keys().map(|field| excerpt(field)).collect();
    match &known[..] {
        [] => "the recipe has none: list them under [fields]".to_owned(),
        known => format!("the fields are {}", known.join(", ")),
    }
}

/// Replaces each formula in the text of an initializer, such as `normal(std=0.02/sqrt(2*n_layer))`,
/// by its value.
pub(crate) fn expand<'a>(text: &'a str, fields: &Fields) -> Result<Cow<'a, str>, ExpressionError> {
    let (Some(open), Some(close)) = (text.find('('), text.rfind(')')) else { return Ok(Cow::Borrowed(text)) };
    if close < open {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = text[..=open].to_owned();
    let mut changed = false;
    for (number, argument) in arguments(&text[open + 1..close]).enumerate() {
        if number > 0 {
            out.push(',');
        }
        let at = argument.find('=').map_or(0, |at| at + 1);
        let (name, value) = argument.split_at(at);
        out.push_str(name);
        if is_formula(value.trim(), fields) {
            changed = true;
            // The shortest digits that read back to the same number.
            out.push_str(&format!("{:?}", evaluate(value.trim(), fields)?));
        } else {
            out.push_str(value);
        }
    }
    out.push_str(&text[close..]);
    Ok(if changed { Cow::Owned(out) } else { Cow::Borrowed(text) })
}

/// Splits at commas, except for those inside parentheses and brackets.
fn arguments(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    text.split(move |c: char| {
        depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
        c == ',' && depth == 0
    })
}

/// Whether a value is a formula, and not just a number or a word of an initializer: it has an
/// operation or names a field.
fn is_formula(value: &str, fields: &Fields) -> bool {
    if value.parse::<f64>().is_ok() {
        return false;
    }
    let called = |word: &str| value.starts_with(word) && value[word.len()..].trim_start().starts_with('(');
    let operation = value.char_indices().any(|(at, c)| matches!(c, '*' | '/' | '+' | '^') || c == '-' && at > 0);
    operation || fields.contains_key(value) || CALLS.iter().any(|(word, _)| called(word))
}

/// A formula that cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the formula `{}` cannot be evaluated: {reason}", excerpt(.text))]
pub struct ExpressionError {
    /// The formula as given.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields() -> Fields {
        Fields::from([("n_layer".to_owned(), 12.0), ("hidden_size".to_owned(), 768.0)])
    }

    #[test]
    fn formulas_have_the_values_of_arithmetic() {
        for (text, value) in [
            ("0.02/sqrt(2*n_layer)", 0.02 / 24f64.sqrt()),
            ("1/2/4", 0.125),
            ("2*3/4*5", 7.5),
            ("2-3-4", -5.0),
            ("2+3*4", 14.0),
            ("-n_layer + 2", -10.0),
            ("pow(8*n_layer, -0.25)", libm::pow(96.0, -0.25)),
            ("max(1, n_layer/24)*2", 2.0),
            ("1e-3*2", 0.002),
            ("2^3^2", 512.0),
            ("-2^2", -4.0),
            ("2^-1", 0.5),
            ("2*-3", -6.0),
            (".5e1 - 1.", 4.0),
            ("exp(ln(hidden_size))", libm::exp(libm::log(768.0))),
        ] {
            assert_eq!(evaluate(text, &fields()).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn only_formulas_are_replaced() {
        let expand = |text| expand(text, &fields()).unwrap().into_owned();
        for same in [
            "xavier_uniform",
            "kaiming_normal(a=-0.2, mode=fan_out)",
            "normal(0, 1e-3)",
            "uniform(gain=exact(gelu))",
            "x)(",
            "()",
        ] {
            assert_eq!(expand(same), same);
        }
        assert_eq!(expand("normal(0, n_layer)"), "normal(0,12.0)");
        assert_eq!(expand("normal(mean=0, std=1/hidden_size)"), format!("normal(mean=0, std={:?})", 1.0 / 768.0));
        assert_eq!(expand("uniform(-1/2, max(1, 2))"), "uniform(-0.5,2.0)");
    }

    #[test]
    fn invalid_formulas_are_refused_with_the_reason() {
        for (text, words) in [
            ("1/n_layers", "`n_layers` is not a field; did you mean `n_layer`? the fields are hidden_size, n_layer"),
            ("1/0", "value is inf"),
            ("sqrt(-1)", "value is NaN"),
            ("1/", "it ends where a number"),
            ("(1", "it ends where an operation or `)`"),
            ("1)", "an operation is expected at `)`"),
            ("2 3", "an operation is expected at `3`"),
            ("", "it ends where a number"),
            ("max(1)", "`,` and a second value is expected at `)`"),
            ("tan(1)", "`tan` is not a function; the functions are sqrt, exp"),
            ("1..2", "an operation is expected at `.2`"),
            (".", "`.` is not a number"),
            ("1 & 2", "at `& 2`"),
        ] {
            let message = evaluate(text, &fields()).unwrap_err().to_string();
            assert!(message.contains(words) && message.lines().count() == 1, "{text}: {message}");
        }
        assert!(evaluate(&"(".repeat(MAX_BYTES + 1), &fields()).is_err());
        assert!(evaluate("n", &Fields::new()).unwrap_err().to_string().contains("[fields]"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-+*/a-z0-9(),=. ]{0,60}|\\PC{0,40}") {
            let _ = evaluate(&text, &fields());
            let _ = expand(&text, &fields());
        }

        #[test]
        fn nesting_does_not_overflow_the_stack(depth in 1..256usize) {
            let _ = evaluate(&format!("{}1", "(".repeat(depth)), &fields());
            let _ = evaluate(&"-".repeat(depth), &fields());
            let _ = evaluate(&format!("{}1{}", "(".repeat(depth / 2), ")".repeat(depth / 2)), &fields());
        }
    }
}
