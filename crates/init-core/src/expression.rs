//! Arithmetic in number values: `sqrt(5)`, `0.02/sqrt(2*12)`, `2^-0.5`.
//!
//! ```text
//! sum     = product (("+" | "-") product)*
//! product = signed (("*" | "/") signed)*
//! signed  = ("+" | "-") signed | atom ("^" signed)?
//! atom    = number | name | function "(" sum ("," sum)? ")" | "(" sum ")"
//! ```
//!
//! `^` groups from the right and binds more tightly than a sign, so −2^2 is −4. The functions are
//! `sqrt`, `exp`, `ln`, `pow`, `min` and `max`, also as `math.sqrt`; `pi` is a number. Each operation
//! is IEEE 754's own or `libm`'s, so the value is the same on every machine.

use alloc::string::{String, ToString};

use crate::word::{Number, quoted};

/// The maximum length of an expression, in bytes: it bounds how deep parentheses can nest.
const MAX_LENGTH: usize = 256;

type Function1 = fn(f64) -> f64;
type Function2 = fn(f64, f64) -> f64;

const FUNCTIONS_1: [(&str, Function1); 3] = [("sqrt", libm::sqrt), ("exp", libm::exp), ("ln", libm::log)];
const FUNCTIONS_2: [(&str, Function2); 3] = [("pow", libm::pow), ("min", libm::fmin), ("max", libm::fmax)];

/// Evaluates an expression; `variable` returns the value of a name, if it has one.
///
/// # Errors
///
/// [`ExpressionError`] for what is not an expression, an unknown name or function, and a value that
/// is not finite.
///
/// ```
/// use init_core::expression::evaluate;
///
/// let fields = |name: &str| (name == "n_layer").then_some(12.0);
/// assert_eq!(evaluate("0.02/sqrt(2*n_layer)", &fields), Ok(0.02 / 24_f64.sqrt()));
/// let error = evaluate("1/n_layers", &fields).unwrap_err();
/// assert_eq!(error.to_string(), "`n_layers` is not a number");
/// ```
pub fn evaluate(text: &str, variable: &dyn Fn(&str) -> Option<f64>) -> Result<f64, ExpressionError> {
    if text.len() > MAX_LENGTH {
        return Err(ExpressionError::TooLong { length: text.len() });
    }
    let mut parser = Parser { rest: text, variable };
    let value = parser.sum()?;
    match parser.peek() {
        Some(_) => Err(parser.unexpected("an operator")),
        None if value.is_finite() => Ok(value),
        None => Err(ExpressionError::NotFinite { value }),
    }
}

/// Returns whether a text is an expression rather than a plain number or word: it contains
/// an operator, a parenthesis at its start, or a call of a function.
///
/// ```
/// use init_core::expression::is_expression;
///
/// assert!(is_expression("sqrt(5)") && is_expression("1/3") && is_expression("(2)"));
/// assert!(!is_expression("-1e-3") && !is_expression("exact(tanh)") && !is_expression("relu"));
/// ```
#[must_use]
pub fn is_expression(text: &str) -> bool {
    if text.parse::<f64>().is_ok() {
        return false;
    }
    let operator = text.char_indices().any(|(at, c)| matches!(c, '*' | '/' | '+' | '^') || c == '-' && at > 0);
    let call = text.split_once('(').is_some_and(|(name, _)| {
        let name = name.trim_end();
        name.is_empty() || function_1(name).is_some() || function_2(name).is_some()
    });
    operator || call
}

fn constant(name: &str) -> Option<f64> {
    matches!(name, "pi" | "math.pi").then_some(core::f64::consts::PI)
}

fn function_1(name: &str) -> Option<Function1> {
    let name = name.strip_prefix("math.").unwrap_or(name);
    FUNCTIONS_1.iter().find(|(word, _)| *word == name).map(|&(_, function)| function)
}

fn function_2(name: &str) -> Option<Function2> {
    let name = name.strip_prefix("math.").unwrap_or(name);
    FUNCTIONS_2.iter().find(|(word, _)| *word == name).map(|&(_, function)| function)
}

/// A recursive-descent parser that evaluates as it reads; its depth is bounded by [`MAX_LENGTH`].
struct Parser<'a> {
    rest: &'a str,
    variable: &'a dyn Fn(&str) -> Option<f64>,
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

    fn unexpected(&mut self, expected: &'static str) -> ExpressionError {
        match self.peek() {
            None => ExpressionError::Incomplete { expected },
            Some(_) => ExpressionError::Unexpected { found: self.rest.to_string(), expected },
        }
    }

    fn sum(&mut self) -> Result<f64, ExpressionError> {
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

    fn product(&mut self) -> Result<f64, ExpressionError> {
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

    fn signed(&mut self) -> Result<f64, ExpressionError> {
        if self.take('-') {
            return Ok(-self.signed()?);
        }
        if self.take('+') {
            return self.signed();
        }
        let base = self.atom()?;
        if self.take('^') { Ok(libm::pow(base, self.signed()?)) } else { Ok(base) }
    }

    fn atom(&mut self) -> Result<f64, ExpressionError> {
        match self.peek() {
            Some('(') => {
                self.take('(');
                let value = self.sum()?;
                self.close(value)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.name(),
            _ => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    fn close(&mut self, value: f64) -> Result<f64, ExpressionError> {
        if self.take(')') { Ok(value) } else { Err(self.unexpected("an operator or `)`")) }
    }

    fn number(&mut self) -> Result<f64, ExpressionError> {
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
        number.parse().map_err(|_| ExpressionError::UnknownName { name: number.to_string() })
    }

    fn name(&mut self) -> Result<f64, ExpressionError> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if !self.take('(') {
            let value = (self.variable)(name).or_else(|| constant(name));
            return value.ok_or_else(|| ExpressionError::UnknownName { name: name.to_string() });
        }
        let value = if let Some(function) = function_1(name) {
            function(self.sum()?)
        } else if let Some(function) = function_2(name) {
            let first = self.sum()?;
            if !self.take(',') {
                return Err(self.unexpected("`,` and a second value"));
            }
            function(first, self.sum()?)
        } else {
            return Err(ExpressionError::UnknownFunction { name: name.to_string() });
        };
        self.close(value)
    }
}

/// The error for a text that is not an expression with a finite value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// The text is too long.
    #[error("it has {length} bytes, but at most {MAX_LENGTH} are allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The text ends too early.
    #[error("it ends where {expected} is expected")]
    Incomplete {
        /// The kind of token expected there.
        expected: &'static str,
    },
    /// Something else was expected here.
    #[error("{} was found where {expected} is expected", quoted(.found))]
    Unexpected {
        /// The rest of the text.
        found: String,
        /// The kind of token expected there.
        expected: &'static str,
    },
    /// A name without a value.
    #[error("{} is not a number", quoted(.name))]
    UnknownName {
        /// The name.
        name: String,
    },
    /// A name that is not a function, before a parenthesis.
    #[error("{} is not a function; the functions are sqrt, exp, ln, pow, min, max", quoted(.name))]
    UnknownFunction {
        /// The name.
        name: String,
    },
    /// The value is infinite or not a number.
    #[error("its value is {}, but must be finite", Number(*.value))]
    NotFinite {
        /// The value.
        value: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(name: &str) -> Option<f64> {
        [("n_layer", 12.0), ("hidden_size", 768.0)].iter().find(|field| field.0 == name).map(|field| field.1)
    }

    #[test]
    fn expressions_have_the_values_of_arithmetic() {
        for (text, value) in [
            ("0.02/sqrt(2*n_layer)", 0.02 / libm::sqrt(24.0)),
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
            ("(1 + 2) * 3", 9.0),
            ("math.sqrt(5)", libm::sqrt(5.0)),
            ("2*pi", core::f64::consts::TAU),
            ("exp(ln(hidden_size))", libm::exp(libm::log(768.0))),
        ] {
            assert_eq!(evaluate(text, &fields), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_is_refused_with_its_reason() {
        for (text, words) in [
            ("1/n_layers", "`n_layers` is not a number"),
            ("1/0", "its value is inf"),
            ("sqrt(-1)", "its value is NaN"),
            ("1/", "it ends where a number"),
            ("(1", "it ends where an operator or `)`"),
            ("1)", "`)` was found where an operator"),
            ("2 3", "`3` was found where an operator"),
            ("", "it ends where a number"),
            ("max(1)", "`)` was found where `,`"),
            ("tan(1)", "`tan` is not a function; the functions are sqrt, exp"),
            ("1..2", "`.2` was found where an operator"),
            (".", "`.` is not a number"),
            ("1 & 2", "`& 2` was found"),
        ] {
            let message = evaluate(text, &fields).unwrap_err().to_string();
            assert!(message.contains(words) && message.lines().count() == 1, "{text}: {message}");
        }
        assert!(evaluate(&"(".repeat(MAX_LENGTH + 1), &fields).is_err());
        assert!(evaluate(&"-".repeat(MAX_LENGTH), &fields).is_err());
        assert!(evaluate(&"(".repeat(MAX_LENGTH), &fields).is_err());
    }
}
