//! Formulas over values of any kind: sizes, conditions, lists and words.
//!
//! Two languages share a recipe, and they agree where they overlap. The numbers inside an
//! initializer are those of [`init_core::expression`], which every interface reads, which needs no
//! allocator and whose every operation has the same bits on every machine. Everything around them
//! (shapes, conditions, repetition, names, defaults) is an expression of the crate `minijinja`:
//! integers with checked arithmetic, comparisons, lists, `in`, `a if b else c`, and its filters and
//! tests. The functions are bound to those of `libm`, and `**`, whose bits would depend on the
//! machine, is refused in favour of `pow`.

use std::{collections::BTreeMap, fmt, sync::Arc, sync::LazyLock};

use init_core::text::nearest;
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior, Value, value::Object};

use super::expression::{ExpressionError, Fields};
use crate::excerpt::excerpt;

/// The longest formula, in bytes.
const MAX_LENGTH: usize = 1024;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_function("sqrt", libm::sqrt);
    environment.add_function("exp", libm::exp);
    environment.add_function("ln", libm::log);
    environment.add_function("pow", libm::pow);
    environment.add_function("ceil", |x: f64| libm::ceil(x) as i64);
    environment.add_function("floor", |x: f64| libm::floor(x) as i64);
    environment.add_function("min", |a: Value, b: Value| if b < a { b } else { a });
    environment.add_function("max", |a: Value, b: Value| if b > a { b } else { a });
    environment.add_function("round", round);
    environment.add_global("pi", std::f64::consts::PI);
    environment
});

/// The names that every formula may use.
const BUILT_IN: [&str; 11] = ["sqrt", "exp", "ln", "pow", "ceil", "floor", "min", "max", "round", "pi", "range"];

/// Rounds to the nearest integer, halves to the even one, as Python does.
fn round(x: f64) -> Result<i64, Error> {
    let rounded = libm::rint(x);
    if rounded.abs() < 9e15 {
        Ok(rounded as i64)
    } else {
        Err(Error::new(ErrorKind::InvalidOperation, format!("unable to round {x}")))
    }
}

/// The values that formulas may use, by name; a scope of a repetition stands in that of its
/// surroundings.
#[derive(Clone, Default)]
pub(crate) struct Scope(Arc<Names>);

#[derive(Clone, Default)]
struct Names {
    values: BTreeMap<Arc<str>, Value>,
    outer: Option<Arc<Names>>,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.values).finish()
    }
}

impl Object for Names {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }
}

impl Names {
    fn find(&self, name: &str) -> Option<Value> {
        let mut names = self;
        loop {
            if let Some(value) = names.values.get(name) {
                return Some(value.clone());
            }
            names = names.outer.as_deref()?;
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Scope {
    /// Returns the scope of these numbers.
    pub(crate) fn of(fields: &Fields) -> Self {
        let mut scope = Self::default();
        for (name, &number) in fields {
            scope.set(name, plain(number));
        }
        scope
    }

    /// Sets the value of a name. A name with dots sets the attribute of an object.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        let names = Arc::make_mut(&mut self.0);
        match name.split_once('.') {
            None => drop(names.values.insert(name.into(), value)),
            Some((object, rest)) => {
                let inner = names.values.get(object).and_then(|value| value.downcast_object_ref::<Names>());
                let mut inner = Self(Arc::new(inner.cloned().unwrap_or_default()));
                inner.set(rest, value);
                names.values.insert(object.into(), Value::from_dyn_object(inner.0));
            }
        }
    }

    /// Returns the value of a name, which may have dots.
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let mut parts = name.split('.');
        let mut value = self.0.find(parts.next()?)?;
        for part in parts {
            value = value.get_attr(part).ok().filter(|value| !value.is_undefined())?;
        }
        Some(value)
    }

    /// Returns an empty scope inside this one.
    pub(crate) fn inner(&self) -> Self {
        Self(Arc::new(Names { values: BTreeMap::new(), outer: Some(Arc::clone(&self.0)) }))
    }

    /// Returns the numbers of this scope alone, which the formulas of initializers may use.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.values.iter().filter_map(|(name, value)| Some((&**name, number(value)?)))
    }

    fn all_names(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut names = Some(&self.0);
        while let Some(here) = names {
            all.extend(here.values.keys().map(ToString::to_string));
            names = here.outer.as_ref();
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Returns a number as formulas see it: an integer where it is one.
pub(crate) fn plain(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { Value::from(number as i64) } else { Value::from(number) }
}

/// Returns the number of a value, if it is one.
pub(crate) fn number(value: &Value) -> Option<f64> {
    if value.is_number() { f64::try_from(value.clone()).ok().filter(|number| number.is_finite()) } else { None }
}

/// A formula that has been read.
pub(crate) struct Formula {
    text: String,
    names: Vec<String>,
    expression: Expression<'static, 'static>,
}

impl Formula {
    /// Reads a formula.
    pub(crate) fn new(text: &str) -> Result<Self, ExpressionError> {
        let fail = |reason: String| ExpressionError { text: text.to_owned(), reason };
        if text.len() > MAX_LENGTH {
            return Err(fail(format!("it has {} bytes, but at most {MAX_LENGTH} are allowed", text.len())));
        }
        if text.contains("**") {
            return Err(fail("write `pow(a, b)` instead of `a ** b`".to_owned()));
        }
        let expression = ENVIRONMENT.compile_expression_owned(text.to_owned()).map_err(|error| fail(reason(&error)))?;
        let mut names: Vec<_> = expression.undeclared_variables(false).into_iter().collect();
        names.sort_unstable();
        Ok(Self { text: text.to_owned(), names, expression })
    }

    /// Evaluates the formula.
    pub(crate) fn evaluate(&self, scope: &Scope) -> Result<Value, ExpressionError> {
        if let Some(unknown) = self.names.iter().find(|name| !is_known(name, scope)) {
            let names = scope.all_names();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let near = nearest(unknown, &names).map(|near| format!("did you mean `{}`? ", excerpt(near)));
            let known = match &names[..] {
                [] => "there are none: list them under [fields]".to_owned(),
                names => format!("the fields are {}", names.join(", ")),
            };
            let near = near.unwrap_or_default();
            return Err(self.fail(&format!("`{}` is not a field; {near}{known}", excerpt(unknown))));
        }
        let value = self.expression.eval(Value::from_dyn_object(Arc::clone(&scope.0)));
        let value = value.map_err(|error| self.fail(&reason(&error)))?;
        if value.is_undefined() {
            return Err(self.fail("there is no value of this name or index"));
        }
        Ok(value)
    }

    /// Evaluates the formula of a condition.
    pub(crate) fn holds(&self, scope: &Scope) -> Result<bool, ExpressionError> {
        Ok(self.evaluate(scope)?.is_true())
    }

    /// Returns the error of this formula for a reason.
    pub(crate) fn fail(&self, reason: &str) -> ExpressionError {
        ExpressionError { text: self.text.clone(), reason: reason.to_owned() }
    }
}

fn is_known(name: &str, scope: &Scope) -> bool {
    BUILT_IN.contains(&name) || scope.0.find(name).is_some()
}

/// Returns the reason of an error of `minijinja`, on one line.
fn reason(error: &Error) -> String {
    let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    excerpt(&reason)
}

/// A name with formulas in braces: `model.layers.{layer}.mlp`.
pub(crate) struct Template {
    text: String,
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Formula(Formula),
}

impl Template {
    /// Reads a name.
    pub(crate) fn new(text: &str) -> Result<Self, ExpressionError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let close = rest[open..]
                .find('}')
                .map(|close| open + close)
                .ok_or_else(|| ExpressionError { text: text.to_owned(), reason: "a `{` has no `}`".to_owned() })?;
            parts.push(Part::Text(rest[..open].to_owned()));
            parts.push(Part::Formula(Formula::new(rest[open + 1..close].trim())?));
            rest = &rest[close + 1..];
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { text: text.to_owned(), parts })
    }

    /// Returns the name as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Appends the name to another.
    pub(crate) fn write(&self, scope: &Scope, name: &mut String) -> Result<(), ExpressionError> {
        for part in &self.parts {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Formula(formula) => name.push_str(&formula.evaluate(scope)?.to_string()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::of(&Fields::from([("n_layer".to_owned(), 12.0), ("rate".to_owned(), 0.5)]));
        scope.set("layer_types", Value::from_serialize(["full", "sliding"]));
        scope.set("text.hidden", Value::from(64));
        scope.set("text.layers", Value::from(2));
        scope.set("none", Value::from(()));
        scope
    }

    #[test]
    fn formulas_have_sizes_conditions_lists_and_words() {
        for (text, value) in [
            ("3 * n_layer // 5", "7"),
            ("4 if rate < 1 and n_layer == 12 else 8", "4"),
            ("layer_types[1] == 'sliding'", "True"),
            ("'full' in layer_types", "True"),
            ("layer_types|length", "2"),
            ("text.hidden * text.layers", "128"),
            ("max(ceil(text.hidden / 48), 1)", "2"),
            ("round(2.5)", "2"),
            ("none is none", "True"),
        ] {
            let value_of = Formula::new(text).unwrap().evaluate(&scope()).unwrap();
            assert_eq!(value_of.to_string(), value, "{text}");
        }
        let inner = {
            let mut inner = scope().inner();
            inner.set("layer", Value::from(3));
            inner
        };
        let mut name = "h.".to_owned();
        Template::new("{layer}.{layer * 2}.w").unwrap().write(&inner, &mut name).unwrap();
        assert_eq!(name, "h.3.6.w");
    }

    #[test]
    fn the_functions_have_the_bits_of_libm() {
        for (text, value) in
            [("pow(2.5, 0.3)", libm::pow(2.5, 0.3)), ("ln(10.0)", libm::log(10.0)), ("exp(0.7)", libm::exp(0.7))]
        {
            assert_eq!(number(&Formula::new(text).unwrap().evaluate(&scope()).unwrap()), Some(value), "{text}");
        }
    }

    #[test]
    fn invalid_formulas_are_refused_with_the_reason() {
        for (text, words) in [
            ("n_layers + 1", "`n_layers` is not a field; did you mean `n_layer`?"),
            ("n_layer +", "unexpected end of input"),
            ("n_layer // 0", "unable to calculate 12 // 0"),
            ("layer_types[7]", "no value of this name or index"),
            ("text.width", "no value of this name or index"),
            ("2 ** 3", "pow(a, b)"),
            ("n_layer + layer_types[0]", "unsupported types"),
        ] {
            let result = Formula::new(text).and_then(|formula| formula.evaluate(&scope()));
            let message = result.unwrap_err().to_string();
            assert!(message.contains(words) && message.lines().count() == 1, "{text}: {message}");
        }
        assert!(Template::new("a{b").err().unwrap().to_string().contains("no `}`"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-+*/a-z0-9(),=.\\[\\]{}'~|<> ]{0,60}|\\PC{0,40}") {
            let _ = Formula::new(&text).and_then(|formula| formula.evaluate(&scope()));
            let _ = Template::new(&text).and_then(|name| name.write(&scope(), &mut String::new()));
        }

        #[test]
        fn nesting_does_not_overflow_the_stack(depth in 1..1024usize) {
            let _ = Formula::new(&format!("{}1", "(".repeat(depth)));
            let _ = Formula::new(&format!("{}1", "-".repeat(depth)));
            let _ = Formula::new(&format!("{}1{}", "[".repeat(depth / 2), "]".repeat(depth / 2)));
        }
    }
}
