//! Reading recipes: from TOML to the nouns of a recipe, with the line of each mistake.

use std::{borrow::Cow, fs, io, ops::Range, path::Path, str::FromStr};

use init_core::{
    DType, Initializer, Layout, ParseError, Shape,
    scheme::Scheme,
    text::{ParseErrorKind, nearest, shorten},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    blocks::{Blocks, Parts},
    error::{RecipeError, RecipeProblem},
    expression::{Fields, evaluate, expand, known},
    location::Location,
    pattern::{Pattern, PatternError},
    recipe::{Parameter, Recipe, Skip},
    rule::{Init, Rule},
};

/// The keys of a recipe and of a rule.
const KEYS: [&str; 8] = ["seed", "dtype", "layout", "skip", "[fields]", "[multipliers]", "[parameters]", "[[rule]]"];
const RULE_KEYS: [&str; 10] =
    ["match", "regex", "init", "scheme", "layout", "dtype", "scale", "optional", "blocks", "axis"];

/// The longest value that a message repeats, in characters.
const MAX_VALUE: usize = 40;

impl Recipe {
    /// Reads a recipe from a file.
    ///
    /// # Errors
    ///
    /// Returns [`RecipeError`] if the file cannot be read or is not a recipe.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, RecipeError> {
        Self::read_with(path, Fields::new())
    }

    /// Reads a recipe from a file, with fields in addition to those of the file, which take
    /// precedence.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`read`](Self::read).
    pub fn read_with(path: impl AsRef<Path>, fields: Fields) -> Result<Self, RecipeError> {
        let origin = path.as_ref().display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            let problem = match error.kind() {
                io::ErrorKind::InvalidData => RecipeProblem::NotText { found: "not text in UTF-8" },
                io::ErrorKind::IsADirectory => RecipeProblem::NotText { found: "a folder" },
                _ => RecipeProblem::Read(error),
            };
            RecipeError { location: Location::of(&origin), problem }
        })?;
        recipe(&text, &origin, fields)
    }

    /// Reads a recipe from its text; `origin` is its name in error messages.
    ///
    /// # Errors
    ///
    /// Returns [`RecipeError`], which names the line, if the text is not TOML, a key is unknown, a
    /// value has the wrong type, or an initializer, dtype, layout, pattern or shape is invalid.
    pub fn parse(text: &str, origin: &str) -> Result<Self, RecipeError> {
        Self::parse_with(text, origin, Fields::new())
    }

    /// Reads a recipe from its text, with fields in addition to its own, which take precedence.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`parse`](Self::parse).
    pub fn parse_with(text: &str, origin: &str, fields: Fields) -> Result<Self, RecipeError> {
        recipe(text, origin, fields)
    }
}

/// Reads a recipe from its text, with `fields` in addition to its own.
fn recipe(text: &str, origin: &str, fields: Fields) -> Result<Recipe, RecipeError> {
    let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at).collect();
    let mut reader = Reader { text, newlines, location: Location::of(origin), fields };
    let document = DeTable::parse(text).map_err(|error| reader.syntax(&error))?;
    // Read first, since formulas above the table use it too.
    if let Some((_, value)) = document.get_ref().iter().find(|(key, _)| key.get_ref() == "fields") {
        reader.add_fields(value)?;
    }
    let mut recipe = Recipe {
        seed: None,
        dtype: None,
        layout: None,
        parameters: Vec::new(),
        rules: Vec::new(),
        skip: Vec::new(),
        multipliers: Fields::new(),
        fields: reader.fields.clone(),
        family: None,
        location: reader.location.clone(),
    };
    for (key, value) in document.get_ref() {
        match key.get_ref().as_ref() {
            "seed" => recipe.seed = Some(reader.seed(value)?),
            "dtype" => recipe.dtype = Some(reader.dtype(value)?),
            "layout" => recipe.layout = Some(reader.layout(value)?),
            "parameters" => recipe.parameters = reader.parameters(value)?,
            "rule" => recipe.rules = reader.rules(value)?,
            "skip" => recipe.skip = reader.skip(value)?,
            "multipliers" => recipe.multipliers = reader.multipliers(value)?,
            "fields" => {}
            _ => return Err(reader.unknown_key(key, "recipe", &KEYS)),
        }
    }
    Ok(recipe)
}

/// Turns TOML values into the nouns of a recipe, and spans into lines.
struct Reader<'a> {
    text: &'a str,
    /// The offsets of line ends. Every parameter looks up its line, so that counting each time
    /// would be quadratic.
    newlines: Vec<usize>,
    location: Location,
    fields: Fields,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    fn add_fields(&mut self, value: &Value<'_>) -> Result<(), RecipeError> {
        let table = (value.get_ref().as_table()).ok_or_else(|| self.wrong("fields", "a table [fields]", value))?;
        for (key, value) in table {
            let name = key.get_ref().clone().into_owned();
            let number = number(value).ok_or_else(|| self.wrong(&name, "a number", value))?;
            self.fields.insert(name, number);
        }
        Ok(())
    }

    fn skip(&self, value: &Value<'_>) -> Result<Vec<Skip>, RecipeError> {
        let kind = "a list of globs such as [\"*.inv_freq\"]";
        let globs = value.get_ref().as_array().ok_or_else(|| self.wrong("skip", kind, value))?;
        let glob = |glob: &Value<'_>| {
            let text = glob.get_ref().as_str().ok_or_else(|| self.wrong("skip", kind, glob))?;
            let pattern = Pattern::glob(text).map_err(|error| self.fail(glob.span(), RecipeProblem::Pattern(error)))?;
            Ok(Skip { pattern, location: self.location_of(glob.span()) })
        };
        globs.iter().map(glob).collect()
    }

    fn multipliers(&self, value: &Value<'_>) -> Result<Fields, RecipeError> {
        let table =
            (value.get_ref().as_table()).ok_or_else(|| self.wrong("multipliers", "a table [multipliers]", value))?;
        let kind = "a number or a formula such as \"sqrt(64)/head_dim\"";
        let multiplier = |(key, value): (&Spanned<Cow<'_, str>>, &Value<'_>)| {
            let name = key.get_ref().clone().into_owned();
            let multiplier = self.number_or_formula(value)?.ok_or_else(|| self.wrong(&name, kind, value))?;
            Ok((name, multiplier))
        };
        table.iter().map(multiplier).collect()
    }

    /// Reads a number or evaluates a formula; `None` for anything else.
    fn number_or_formula(&self, value: &Value<'_>) -> Result<Option<f64>, RecipeError> {
        match value.get_ref().as_str() {
            None => Ok(number(value)),
            Some(text) => {
                let evaluated = evaluate(text, &self.fields);
                evaluated.map(Some).map_err(|error| self.fail(value.span(), RecipeProblem::Expression(error)))
            }
        }
    }

    fn scale(&self, value: &Value<'_>) -> Result<f64, RecipeError> {
        let scale = self.number_or_formula(value)?;
        let kind = "a number above 0 or a formula such as \"1/sqrt(n_layer)\"";
        scale.filter(|&scale| scale > 0.0 && scale.is_finite()).ok_or_else(|| self.wrong("scale", kind, value))
    }

    fn optional(&self, value: &Value<'_>) -> Result<bool, RecipeError> {
        value.get_ref().as_bool().ok_or_else(|| self.wrong("optional", "true or false", value))
    }

    fn seed(&self, value: &Value<'_>) -> Result<u64, RecipeError> {
        value
            .get_ref()
            .as_integer()
            .and_then(|seed| u64::from_str_radix(seed.as_str(), seed.radix()).ok())
            .ok_or_else(|| self.wrong("seed", "an integer from 0 to 18446744073709551615", value))
    }

    fn dtype(&self, value: &Value<'_>) -> Result<DType, RecipeError> {
        self.string("dtype", value)?.parse().map_err(|error| self.fail(value.span(), RecipeProblem::DType(error)))
    }

    fn layout(&self, value: &Value<'_>) -> Result<Layout, RecipeError> {
        self.string("layout", value)?.parse().map_err(|error| self.fail(value.span(), RecipeProblem::Layout(error)))
    }

    /// Reads the value of `init` or `scheme`.
    fn init<T: FromStr<Err = ParseError> + Into<Init>>(
        &self,
        key: &str,
        value: &Value<'_>,
    ) -> Result<Init, RecipeError> {
        let text = expand(self.string(key, value)?, &self.fields)
            .map_err(|error| self.fail(value.span(), RecipeProblem::Expression(error)))?;
        let parsed: Result<T, _> = text.parse();
        parsed.map(Into::into).map_err(|error| {
            let word = text.get(error.span()).unwrap_or_default();
            let is_name = error.kind() == ParseErrorKind::BadNumber && word.starts_with(char::is_alphabetic);
            let problem = if is_name {
                RecipeProblem::NotAField { error, known: known(&self.fields) }
            } else {
                RecipeProblem::Init(error)
            };
            self.fail(value.span(), problem)
        })
    }

    fn parameters(&self, value: &Value<'_>) -> Result<Vec<Parameter>, RecipeError> {
        let table =
            (value.get_ref().as_table()).ok_or_else(|| self.wrong("parameters", "a table [parameters]", value))?;
        table
            .iter()
            .map(|(key, value)| {
                let name = key.get_ref().clone().into_owned();
                let shape = self.shape(&name, key, value)?;
                let location = self.location_of(key.span());
                Ok(Parameter { name, shape, dtype: None, location })
            })
            .collect()
    }

    fn shape(&self, name: &str, key: &Spanned<impl Sized>, value: &Value<'_>) -> Result<Shape, RecipeError> {
        if let Some(inner) = value.get_ref().as_table() {
            let rest = inner.keys().next().map_or("weight", |key| key.get_ref().as_ref());
            let full = format!("{name}.{rest}");
            return Err(self.fail(key.span(), RecipeProblem::Dotted { name: full }));
        }
        let dims = (value.get_ref().as_array()).ok_or_else(|| self.wrong(name, "a shape such as [256, 784]", value))?;
        let dims = dims
            .iter()
            .map(|dim| {
                let problem = || RecipeProblem::Dim { name: name.to_owned(), found: self.source(dim) };
                dim.get_ref()
                    .as_integer()
                    .and_then(|n| usize::from_str_radix(n.as_str(), n.radix()).ok())
                    .ok_or_else(|| self.fail(dim.span(), problem()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Shape::new(dims).map_err(|source| self.fail(key.span(), RecipeProblem::Shape { name: name.to_owned(), source }))
    }

    fn rules(&self, value: &Value<'_>) -> Result<Vec<Rule>, RecipeError> {
        let kind = "a list of tables, each headed [[rule]]";
        if value.get_ref().as_table().is_some() {
            return Err(self.fail(value.span(), RecipeProblem::SingleRule));
        }
        let rules = value.get_ref().as_array().ok_or_else(|| self.wrong("rule", kind, value))?;
        rules
            .iter()
            .map(|rule| {
                let table = rule.get_ref().as_table().ok_or_else(|| self.wrong("rule", kind, rule))?;
                self.rule(table, rule.span())
            })
            .collect()
    }

    fn rule(&self, table: &DeTable<'_>, span: Range<usize>) -> Result<Rule, RecipeError> {
        let mut pattern: Option<Pattern> = None;
        let (mut init, mut layout, mut dtype) = (None, None, None);
        let (mut parts, mut axis) = (None, None);
        let (mut scale, mut optional) = (1.0, false);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "match" | "regex" if pattern.is_some() => {
                    return Err(self.wrong(name, "one of two: a rule has `match` or `regex`", value));
                }
                "match" => pattern = Some(self.pattern(name, value, Pattern::glob)?),
                "regex" => pattern = Some(self.pattern(name, value, Pattern::regex)?),
                "init" | "scheme" if init.is_some() => {
                    return Err(self.wrong(name, "one of two: a rule has `init` or `scheme`", value));
                }
                "init" => init = Some(self.init::<Initializer>(name, value)?),
                "scheme" => init = Some(self.init::<Scheme>(name, value)?),
                "layout" => layout = Some(self.layout(value)?),
                "dtype" => dtype = Some(self.dtype(value)?),
                "scale" => scale = self.scale(value)?,
                "optional" => optional = self.optional(value)?,
                "blocks" => parts = Some(self.parts(value)?),
                "axis" => axis = Some((self.axis(value)?, value)),
                _ => return Err(self.unknown_key(key, "rule", &RULE_KEYS)),
            }
        }
        let missing = |key| self.fail(span.clone(), RecipeProblem::Missing { key });
        let pattern = pattern.ok_or_else(|| missing("match"))?;
        let init = init.ok_or_else(|| missing("init"))?;
        let blocks = match (parts, axis) {
            (None, Some((_, value))) => {
                return Err(self.wrong("axis", "the axis of `blocks`, which is missing", value));
            }
            (parts, axis) => parts.map(|parts| Blocks { parts, axis: axis.map(|(axis, _)| axis) }),
        };
        let mut rule = Rule::of(pattern, init, layout, self.location_of(span));
        (rule.blocks, rule.dtype, rule.scale, rule.optional) = (blocks, dtype, scale, optional);
        Ok(rule)
    }

    fn pattern(
        &self,
        key: &str,
        value: &Value<'_>,
        read: impl Fn(&str) -> Result<Pattern, PatternError>,
    ) -> Result<Pattern, RecipeError> {
        read(self.string(key, value)?).map_err(|error| self.fail(value.span(), RecipeProblem::Pattern(error)))
    }

    /// `3`, or `{ in_proj = ["q_proj", "k_proj", "v_proj"] }`.
    fn parts(&self, value: &Value<'_>) -> Result<Parts, RecipeError> {
        let kind = "a number such as 3, or { in_proj = [\"q_proj\", \"k_proj\", \"v_proj\"] } with different names";
        let parts = match value.get_ref() {
            DeValue::Integer(count) => {
                usize::from_str_radix(count.as_str(), count.radix()).ok().filter(|&count| count > 0).map(Parts::Count)
            }
            DeValue::Table(table) => (table.iter().next().filter(|_| table.len() == 1)).and_then(|(part, names)| {
                let part = part.get_ref().clone().into_owned();
                let names = names.get_ref().as_array()?.iter();
                let names = names.map(|name| name.get_ref().as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
                let distinct = names.iter().enumerate().all(|(i, name)| !names[..i].contains(name));
                (!part.is_empty() && !names.is_empty() && distinct).then_some(Parts::Named { part, names })
            }),
            _ => None,
        };
        parts.ok_or_else(|| self.wrong("blocks", kind, value))
    }

    fn axis(&self, value: &Value<'_>) -> Result<isize, RecipeError> {
        (value.get_ref().as_integer())
            .and_then(|axis| isize::from_str_radix(axis.as_str(), axis.radix()).ok())
            .ok_or_else(|| self.wrong("axis", "an integer, negative from the end", value))
    }

    fn string<'v>(&self, key: &str, value: &'v Value<'_>) -> Result<&'v str, RecipeError> {
        value.get_ref().as_str().ok_or_else(|| self.wrong(key, "a string in quotes", value))
    }

    fn wrong(&self, key: &str, expected: &'static str, value: &Value<'_>) -> RecipeError {
        let found = self.source(value);
        self.fail(value.span(), RecipeProblem::Kind { key: key.to_owned(), expected, found })
    }

    fn unknown_key(
        &self,
        key: &Spanned<impl ToString>,
        within: &'static str,
        known: &'static [&'static str],
    ) -> RecipeError {
        let key_text = key.get_ref().to_string();
        let names: Vec<_> = known.iter().map(|key| key.trim_matches(['[', ']'])).collect();
        let near = nearest(&key_text, &names).and_then(|near| names.iter().position(|&name| name == near));
        let near = near.map(|index| known[index]);
        let problem = RecipeProblem::UnknownKey { key: key_text, near, within, known };
        self.fail(key.span(), problem)
    }

    fn syntax(&self, error: &toml::de::Error) -> RecipeError {
        let span = error.span().unwrap_or(0..0);
        let word = self.text.get(span.clone()).unwrap_or_default().trim().to_owned();
        let is_rule = word == "rule" || self.text.lines().filter(|line| line.trim() == "[rule]").count() > 1;
        let problem = if error.message() == "duplicate key" && is_rule {
            RecipeProblem::SingleRule
        } else if error.message() == "duplicate key" {
            RecipeProblem::Duplicate { key: word }
        } else {
            RecipeProblem::Syntax { message: error.message().to_owned(), word }
        };
        self.fail(span, problem)
    }

    fn fail(&self, span: Range<usize>, problem: RecipeProblem) -> RecipeError {
        RecipeError { location: self.location_of(span), problem }
    }

    fn location_of(&self, span: Range<usize>) -> Location {
        self.location.at(1 + self.newlines.partition_point(|&at| at < span.start))
    }

    /// Returns the value as the recipe spells it, cut to what fits into an error message.
    fn source(&self, value: &Value<'_>) -> String {
        let text = self.text.get(value.span()).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        shorten(line, MAX_VALUE)
    }
}

/// Returns the value of an integer or a floating-point number.
fn number(value: &Value<'_>) -> Option<f64> {
    let float = || value.get_ref().as_float().and_then(|float| float.as_str().parse().ok());
    let integer = || {
        let integer = value.get_ref().as_integer()?;
        i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|integer| integer as f64)
    };
    integer().or_else(float).filter(|number| number.is_finite())
}
