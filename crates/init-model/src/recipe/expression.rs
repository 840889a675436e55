//! Formulas over the fields of a recipe.

use std::{borrow::Cow, collections::BTreeMap};

use init_core::{
    Spec,
    expression::{self, ExpressionError as Problem, is_expression},
    text::nearest,
};

use crate::excerpt::excerpt;

/// The numbers that formulas may use, by name: a recipe's `[fields]`, or the fields of a model's
/// configuration.
pub type Fields = BTreeMap<String, f64>;

/// Evaluates a formula, whose names are the fields.
///
/// The language is that of [`init_core::expression`].
pub(crate) fn evaluate(text: &str, fields: &Fields) -> Result<f64, ExpressionError> {
    expression::evaluate(text, &|name| fields.get(name).copied()).map_err(|error| {
        let reason = match error {
            Problem::UnknownName { name } if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                unknown(&name, fields)
            }
            other => other.to_string(),
        };
        ExpressionError { text: text.to_owned(), reason }
    })
}

fn unknown(name: &str, fields: &Fields) -> String {
    let names: Vec<_> = fields.keys().map(String::as_str).collect();
    let near = nearest(name, &names).map(|near| format!("did you mean `{}`? ", excerpt(near))).unwrap_or_default();
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
        if is_initializer(value.trim()) {
            let inner = expand(value, fields)?;
            changed |= matches!(inner, Cow::Owned(_));
            out.push_str(&inner);
        } else if is_formula(value.trim(), fields) {
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
/// operator or names a field.
fn is_formula(value: &str, fields: &Fields) -> bool {
    is_expression(value) || value.parse::<f64>().is_err() && fields.contains_key(value)
}

/// Whether a value is an initializer with values of its own.
fn is_initializer(value: &str) -> bool {
    value.split_once('(').is_some_and(|(name, _)| Spec::find(name.trim_end()).is_some())
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
    fn formulas_use_the_fields() {
        for (text, value) in [
            ("0.02/sqrt(2*n_layer)", 0.02 / 24f64.sqrt()),
            ("-n_layer + 2", -10.0),
            ("pow(8*n_layer, -0.25)", libm::pow(96.0, -0.25)),
            ("max(1, n_layer/24)*2", 2.0),
            ("2*pi", std::f64::consts::TAU),
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
            "icnr(2, init=kaiming_normal(a=-0.2))",
            "x)(",
            "()",
        ] {
            assert_eq!(expand(same), same);
        }
        assert_eq!(expand("normal(0, n_layer)"), "normal(0,12.0)");
        assert_eq!(expand("normal(mean=0, std=1/hidden_size)"), format!("normal(mean=0, std={:?})", 1.0 / 768.0));
        assert_eq!(expand("uniform(-1/2, max(1, 2))"), "uniform(-0.5,2.0)");
        assert_eq!(expand("icnr(2, init=normal(0, 1/2))"), "icnr(2, init=normal(0,0.5))");
    }

    #[test]
    fn invalid_formulas_are_refused_with_the_reason() {
        for (text, words) in [
            ("1/n_layers", "`n_layers` is not a field; did you mean `n_layer`? the fields are hidden_size, n_layer"),
            ("n_layer/0", "value is inf"),
            ("n_layer/", "it ends where a number"),
            ("n_layer n_layer", "`n_layer` was found where an operator"),
            ("tan(n_layer)", "`tan` is not a function; the functions are sqrt, exp"),
            (".", "`.` is not a number"),
        ] {
            let message = evaluate(text, &fields()).unwrap_err().to_string();
            assert!(message.contains(words) && message.lines().count() == 1, "{text}: {message}");
        }
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
