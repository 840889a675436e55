//! The fields of a family: their kinds and defaults, and the checks of a configuration's values.

use minijinja::Value as Computed;
use serde_json::{Map, Value as Json};

use super::error::ConfigProblem;
use crate::recipe::{
    error::{RecipeError, RecipeProblem},
    formula::{Formula, Scope, Template},
    reader::{Reader, Value},
};

/// The largest size: the limit of PyTorch's own modules, and so that the product of two does not
/// overflow.
const MAX_SIZE: i64 = (1 << 31) - 1;

/// The largest number of entries in a list.
const MAX_LIST: usize = 1000;

/// The keys of a declaration.
const KEYS: [&str; 13] = [
    "type", "default", "formula", "null", "aliases", "of", "divides", "rows", "minimum", "check", "expected", "reason",
    "required",
];

const KINDS: [&str; 11] =
    ["size", "count", "number", "flag", "word", "sizes", "list", "sides", "row", "labels", "unsupported"];

/// The kind of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An integer of at least 1.
    Size,
    /// An integer of at least 0.
    Count,
    /// A number of at least 0.
    Number,
    Flag,
    Word,
    /// A list of sizes.
    Sizes,
    /// A list of anything plain.
    List,
    /// Height and width, as one size or two.
    Sides,
    /// The index of a row, or null.
    Row,
    /// The number of labels, by the field or by the names of `id2label`.
    Labels,
    /// A flag that must not be set.
    Unsupported,
}

const ALL: [Kind; 11] = {
    use Kind::{Count, Flag, Labels, List, Number, Row, Sides, Size, Sizes, Unsupported, Word};
    [Size, Count, Number, Flag, Word, Sizes, List, Sides, Row, Labels, Unsupported]
};

/// The declaration of a field.
pub(super) struct Declaration {
    pub(super) name: String,
    kind: Kind,
    pub(super) aliases: Vec<String>,
    default: Option<Computed>,
    formula: Option<Formula>,
    /// The value of null, if it differs from that of a missing field.
    null: Option<Formula>,
    words: Vec<String>,
    divides: Option<String>,
    rows: Option<String>,
    minimum: Option<Formula>,
    check: Option<(Formula, Template)>,
    reason: Option<String>,
    required: bool,
}

impl Declaration {
    /// Reads the declaration of a field: a table, or its default alone.
    pub(super) fn read(reader: &Reader<'_>, name: &str, value: &Value<'_>) -> Result<Self, RecipeError> {
        let mut declaration = Self {
            name: name.to_owned(),
            kind: Kind::Word,
            aliases: Vec::new(),
            default: None,
            formula: None,
            null: None,
            words: Vec::new(),
            divides: None,
            rows: None,
            minimum: None,
            check: None,
            reason: None,
            required: false,
        };
        let Some(table) = value.get_ref().as_table() else {
            declaration.default = Some(reader.plain(name, value)?);
            declaration.kind = kind_of(value);
            return Ok(declaration);
        };
        let (mut kind, mut check, mut expected) = (None, None, None);
        for (key, value) in table {
            let word = key.get_ref().as_ref();
            match word {
                "type" => {
                    let text = reader.string(word, value)?;
                    let index = KINDS.iter().position(|known| *known == text);
                    let unknown = || {
                        let key = || text.to_owned();
                        let problem = RecipeProblem::UnknownKey {
                            key: key(),
                            near: None,
                            within: "type of a field",
                            known: &KINDS,
                        };
                        reader.fail(value.span(), problem)
                    };
                    kind = Some(ALL[index.ok_or_else(unknown)?]);
                }
                "default" => {
                    kind = kind.or(Some(kind_of(value)));
                    declaration.default = Some(reader.plain(word, value)?);
                }
                "formula" => declaration.formula = Some(reader.formula(word, value)?),
                "null" => declaration.null = Some(reader.formula(word, value)?),
                "aliases" => declaration.aliases = words(reader, word, value)?,
                "of" => declaration.words = words(reader, word, value)?,
                "divides" => declaration.divides = Some(reader.string(word, value)?.to_owned()),
                "rows" => declaration.rows = Some(reader.string(word, value)?.to_owned()),
                "minimum" => declaration.minimum = Some(reader.formula(word, value)?),
                "check" => check = Some(reader.formula(word, value)?),
                "expected" => {
                    let text = reader.string(word, value)?;
                    expected = Some(Template::new(text).map_err(|error| reader.invalid(word, value, error))?);
                }
                "reason" => declaration.reason = Some(reader.string(word, value)?.to_owned()),
                "required" => declaration.required = reader.flag(word, value)?,
                _ => return Err(reader.unknown_key(key, "field", &KEYS)),
            }
        }
        declaration.kind = kind.unwrap_or(Kind::Size);
        declaration.check = match (check, expected) {
            (Some(check), Some(expected)) => Some((check, expected)),
            (None, None) => None,
            _ => return Err(reader.wrong(name, "given both `check` and `expected`, or neither", value)),
        };
        Ok(declaration)
    }

    /// Whether the field is a size with a default of its own, which no other field implies.
    pub(super) fn is_size(&self) -> bool {
        self.kind == Kind::Size && self.formula.is_none()
    }

    /// Returns the value of a configuration, and its name there.
    fn find<'a>(&'a self, object: &'a Map<String, Json>) -> Option<(&'a str, &'a Json)> {
        let names = std::iter::once(&self.name).chain(&self.aliases);
        names.map(String::as_str).find_map(|name| Some((name, at(object, name)?)))
    }

    /// Whether the configuration has the field, under any of its names.
    pub(super) fn is_in(&self, object: &Map<String, Json>) -> bool {
        self.find(object).is_some_and(|(_, value)| !value.is_null())
    }

    /// Returns the value of the field in a configuration, checked, or its default.
    pub(super) fn value(&self, object: &Map<String, Json>, scope: &Scope) -> Result<Computed, DeclarationError> {
        let (name, json) = self.find(object).unwrap_or((&self.name, &Json::Null));
        if self.kind == Kind::Labels {
            return labels(object, name, json, self.default.clone()).map_err(Into::into);
        }
        if self.kind == Kind::Unsupported && is_set(json) {
            let reason =
                "its parameters are not supported; take names and shapes from a file of such a model".to_owned();
            let reason = self.reason.clone().unwrap_or(reason);
            return Err(ConfigProblem::unsupported(name, json, reason).into());
        }
        let is_null = self.find(object).is_some() && json.is_null();
        if is_null && self.kind == Kind::Row {
            return Ok(Computed::from(()));
        }
        let value = if !json.is_null() {
            self.given(name, json)?
        } else if let Some(null) = self.null.as_ref().filter(|_| is_null) {
            null.evaluate(scope).map_err(|error| ("null", error))?
        } else if self.required {
            let expected = format!("{}, which cannot be omitted", self.kind.expected());
            return Err(ConfigProblem::field(name, expected, json).into());
        } else if let Some(formula) = &self.formula {
            formula.evaluate(scope).map_err(|error| ("formula", error))?
        } else {
            let default = self.default.clone().unwrap_or(Computed::from(()));
            return if self.kind == Kind::Sides && !default.is_none() {
                Ok(if default.is_integer() { Computed::from(vec![default.clone(), default]) } else { default })
            } else {
                self.checked(name, default, None, scope)
            };
        };
        self.checked(name, value, Some(json).filter(|json| !json.is_null()), scope)
    }

    /// Returns a value of the configuration, of this kind.
    fn given(&self, name: &str, json: &Json) -> Result<Computed, ConfigProblem> {
        let wrong = || ConfigProblem::field(name, self.expected(), json);
        let size = |json: &Json, minimum: i64| {
            let size = json.as_i64().filter(|size| (minimum..=MAX_SIZE).contains(size));
            let expected = || format!("an integer from {minimum} to {MAX_SIZE}");
            size.map(Computed::from).ok_or_else(|| ConfigProblem::field(name, expected(), json))
        };
        let list = |json: &Json, fewest: usize| {
            let list = json.as_array().filter(|list| (fewest..=MAX_LIST).contains(&list.len()));
            list.cloned().ok_or_else(wrong)
        };
        Ok(match self.kind {
            Kind::Size | Kind::Labels => size(json, 1)?,
            Kind::Count => size(json, 0)?,
            Kind::Number => {
                let number = json.as_f64().filter(|number| *number >= 0.0 && number.is_finite());
                Computed::from(number.ok_or_else(wrong)?)
            }
            Kind::Flag | Kind::Unsupported => Computed::from(json.as_bool().ok_or_else(wrong)?),
            Kind::Word => {
                let word = json.as_str().filter(|word| self.words.is_empty() || self.words.iter().any(|w| w == word));
                Computed::from(word.ok_or_else(wrong)?)
            }
            Kind::Sizes => {
                let sizes: Result<Vec<_>, _> = list(json, 1)?.iter().map(|json| size(json, 1)).collect();
                Computed::from(sizes?)
            }
            Kind::List => Computed::from_serialize(list(json, 0)?),
            Kind::Sides => match json.as_array().map(Vec::as_slice) {
                None => Computed::from(vec![size(json, 1)?; 2]),
                Some([height, width]) => Computed::from(vec![size(height, 1)?, size(width, 1)?]),
                Some(_) => return Err(wrong()),
            },
            Kind::Row => Computed::from(json.as_i64().ok_or_else(wrong)?),
        })
    }

    /// Checks a value against the other fields.
    fn checked(
        &self,
        name: &str,
        value: Computed,
        json: Option<&Json>,
        scope: &Scope,
    ) -> Result<Computed, DeclarationError> {
        let shown = || json.cloned().unwrap_or_else(|| serde_json::to_value(&value).unwrap_or_default());
        if let Some(rows) = &self.rows
            && !value.is_none()
        {
            let count = scope.get(rows).and_then(|rows| rows.as_i64()).unwrap_or(0);
            if !value.as_i64().is_some_and(|row| (-count..count).contains(&row)) {
                if json.is_none() {
                    return Ok(Computed::from(()));
                }
                let expected = format!("a row of the {count} of {rows}, or null");
                return Err(ConfigProblem::field(name, expected, &shown()).into());
            }
        }
        if let Some(whole) = &self.divides
            && let (Some(of), Some(part)) = (scope.get(whole).and_then(|of| of.as_i64()), value.as_i64())
            && (part == 0 || of % part != 0)
        {
            let expected = format!("a divisor of {whole}, which is {of}");
            return Err(ConfigProblem::field(name, expected, &shown()).into());
        }
        if let Some(minimum) = &self.minimum {
            let least = minimum.evaluate(scope).map_err(|error| ("minimum", error))?;
            let small = |value: &Computed| *value < least;
            let found = if value.kind() == minijinja::value::ValueKind::Seq {
                value.try_iter().ok().and_then(|mut values| values.find(small))
            } else {
                Some(value.clone()).filter(small)
            };
            if let Some(found) = found {
                let found = serde_json::to_value(&found).unwrap_or_default();
                return Err(ConfigProblem::field(name, format!("a size of at least {least}"), &found).into());
            }
        }
        if let Some((check, expected)) = &self.check {
            let mut inner = scope.inner();
            inner.set(&self.name, value.clone());
            if !check.holds(&inner).map_err(|error| ("check", error))? {
                let mut text = String::new();
                expected.write(&inner, &mut text).map_err(|error| ("expected", error))?;
                return Err(ConfigProblem::field(name, text, &shown()).into());
            }
        }
        Ok(value)
    }

    fn expected(&self) -> String {
        if self.kind == Kind::Word && !self.words.is_empty() {
            self.words.join(" or ")
        } else {
            self.kind.expected().to_owned()
        }
    }
}

impl Kind {
    fn expected(self) -> &'static str {
        match self {
            Self::Size | Self::Labels => "an integer of at least 1",
            Self::Count => "an integer of at least 0",
            Self::Number => "a number of at least 0",
            Self::Flag | Self::Unsupported => "true or false",
            Self::Word => "a word in quotes",
            Self::Sizes => "a list of 1 to 1000 sizes",
            Self::List => "a list of at most 1000 values",
            Self::Sides => "a size, or a list of height and width",
            Self::Row => "the index of a row, or null",
        }
    }
}

/// The error of a declaration: of the configuration, or of a formula of the family with its key.
pub(super) enum DeclarationError {
    Config(ConfigProblem),
    Formula(&'static str, crate::recipe::ExpressionError),
}

impl From<ConfigProblem> for DeclarationError {
    fn from(problem: ConfigProblem) -> Self {
        Self::Config(problem)
    }
}

impl From<(&'static str, crate::recipe::ExpressionError)> for DeclarationError {
    fn from((key, error): (&'static str, crate::recipe::ExpressionError)) -> Self {
        Self::Formula(key, error)
    }
}

/// Returns the kind that a default has.
fn kind_of(value: &Value<'_>) -> Kind {
    use toml::de::DeValue;
    match value.get_ref() {
        DeValue::Integer(integer) if integer.as_str() == "0" => Kind::Count,
        DeValue::Integer(_) => Kind::Size,
        DeValue::Float(_) => Kind::Number,
        DeValue::Boolean(_) => Kind::Flag,
        DeValue::Array(_) => Kind::Sizes,
        _ => Kind::Word,
    }
}

fn words(reader: &Reader<'_>, key: &str, value: &Value<'_>) -> Result<Vec<String>, RecipeError> {
    let list = value.get_ref().as_array().ok_or_else(|| reader.wrong(key, "a list of words", value))?;
    list.iter().map(|word| reader.string(key, word).map(str::to_owned)).collect()
}

/// Returns the value of a field, whose name may have dots for the objects that it is in.
fn at<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    match name.split_once('.') {
        None => object.get(name),
        Some((outer, rest)) => at(object.get(outer)?.as_object()?, rest),
    }
}

/// Whether a flag is set, or a list or an object has entries.
fn is_set(json: &Json) -> bool {
    match json {
        Json::Null | Json::Bool(false) => false,
        Json::Array(list) => !list.is_empty(),
        Json::Object(object) => !object.is_empty(),
        _ => true,
    }
}

fn labels(
    object: &Map<String, Json>,
    name: &str,
    json: &Json,
    default: Option<Computed>,
) -> Result<Computed, ConfigProblem> {
    const NAMES: &str = "id2label";
    if !json.is_null() {
        let size = json.as_i64().filter(|size| (1..=MAX_SIZE).contains(size));
        let expected = || format!("an integer from 1 to {MAX_SIZE}");
        return size.map(Computed::from).ok_or_else(|| ConfigProblem::field(name, expected(), json));
    }
    match object.get(NAMES).filter(|names| !names.is_null()) {
        None => Ok(default.unwrap_or(Computed::from(2))),
        Some(names) => (names.as_object().map(Map::len).filter(|&count| count > 0).map(Computed::from))
            .ok_or_else(|| ConfigProblem::field(NAMES, "an object with a name for each label", names)),
    }
}

/// Returns the first of `architectures`; by default, the first known one.
pub(super) fn architecture(object: &Map<String, Json>, known: &[String]) -> Result<String, ConfigProblem> {
    const FIELD: &str = "architectures";
    let default = known.first().cloned().unwrap_or_default();
    let Some(value) = object.get(FIELD).filter(|value| !value.is_null()) else { return Ok(default) };
    let wrong = || ConfigProblem::field(FIELD, format!("a list such as [\"{default}\"]"), value);
    let Some(first) = value.as_array().ok_or_else(wrong)?.first() else { return Ok(default) };
    let found = first.as_str().ok_or_else(wrong)?;
    if known.is_empty() || known.iter().any(|known| known == found) {
        return Ok(found.to_owned());
    }
    Err(ConfigProblem::Architecture { found: found.to_owned(), known: known.to_vec() })
}
