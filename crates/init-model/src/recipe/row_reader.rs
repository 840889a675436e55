//! Reading rows of parameters, and the values that their formulas may use.

use minijinja::Value as Computed;
use toml::de::{DeTable, DeValue};

use super::{
    error::{RecipeError, RecipeProblem},
    expression::ExpressionError,
    formula::{Formula, Template},
    init::{Init, LAYER},
    reader::{Reader, Value},
    rows::{Content, Dims, Row, Tensor},
};

/// The keys of a row.
const ROW_KEYS: [&str; 13] = [
    "name",
    "shape",
    "bias",
    "init",
    "bias_init",
    "scheme",
    "layout",
    "dtype",
    "buffer",
    "when",
    "repeat",
    "let",
    "parameters",
];

impl Reader<'_> {
    /// Reads rows of parameters.
    pub(crate) fn rows(&self, value: &Value<'_>) -> Result<Vec<Row>, RecipeError> {
        let kind = "a table [parameters] of names and shapes, or a list of rows";
        let rows = value.get_ref().as_array().ok_or_else(|| self.wrong("parameters", kind, value))?;
        let row = |row: &Value<'_>| {
            let table = row.get_ref().as_table().ok_or_else(|| self.wrong("parameters", kind, row))?;
            self.row(table, row)
        };
        rows.iter().map(row).collect()
    }

    fn row(&self, table: &DeTable<'_>, whole: &Value<'_>) -> Result<Row, RecipeError> {
        let (mut name, mut when, mut repeat, mut lets) = (None, None, Vec::new(), Vec::new());
        let (mut shape, mut inner, mut bias, mut init, mut bias_init) = (None, None, None, None, None);
        let (mut layout, mut dtype, mut buffer) = (None, None, false);
        for (key, value) in table {
            let word = key.get_ref().as_ref();
            match word {
                "name" => {
                    let text = self.string(word, value)?;
                    name = Some(Template::new(text).map_err(|error| self.invalid(word, value, error))?);
                }
                "shape" => shape = Some(self.dims(value)?),
                "bias" => bias = Some(self.formula(word, value)?),
                "init" | "scheme" if init.is_some() => {
                    return Err(self.wrong(word, "one of two: a row has `init` or `scheme`", value));
                }
                "init" => init = Some(self.init(word, value, false)?),
                "scheme" => init = Some(self.init(word, value, true)?),
                "bias_init" => bias_init = Some(self.init(word, value, false)?),
                "layout" => layout = Some(self.layout(value)?),
                "dtype" => dtype = Some(self.dtype(value)?),
                "buffer" => buffer = self.flag(word, value)?,
                "when" => when = Some(self.formula(word, value)?),
                "repeat" => repeat = self.formulas(word, value)?,
                "let" => lets = self.formulas(word, value)?,
                "parameters" => inner = Some(self.rows(value)?),
                _ => return Err(self.unknown_key(key, "row of parameters", &ROW_KEYS)),
            }
        }
        let missing = |key| self.fail(whole.span(), RecipeProblem::Row { key });
        let content = match (inner, shape) {
            (Some(rows), None) => Content::Rows(rows),
            (None, Some(shape)) => {
                Content::Tensor(Box::new(Tensor { shape, bias, init, bias_init, layout, dtype, buffer }))
            }
            (None, None) => return Err(missing("shape")),
            (Some(_), Some(_)) => {
                let kind = "one of two: a row has a `shape` or inner `parameters`";
                return Err(self.wrong("parameters", kind, whole));
            }
        };
        let location = self.location_of(whole.span());
        Ok(Row { name: name.ok_or_else(|| missing("name"))?, when, repeat, lets, content, location })
    }

    fn dims(&self, value: &Value<'_>) -> Result<Dims, RecipeError> {
        let Some(list) = value.get_ref().as_array() else {
            if value.get_ref().as_str().is_none() {
                return Err(self.wrong("shape", "a shape such as [256, \"hidden_size\"]", value));
            }
            return Ok(Dims::List(self.formula("shape", value)?));
        };
        list.iter().map(|dim| self.formula("shape", dim)).collect::<Result<_, _>>().map(Dims::Each)
    }

    /// Reads a table of formulas.
    pub(crate) fn formulas(&self, key: &str, value: &Value<'_>) -> Result<Vec<(String, Formula)>, RecipeError> {
        let kind = "a table of names and formulas such as { layer = \"num_hidden_layers\" }";
        let table = value.get_ref().as_table().ok_or_else(|| self.wrong(key, kind, value))?;
        let formula = |(name, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &Value<'_>)| {
            let name = name.get_ref().clone().into_owned();
            self.formula(&name, value).map(|formula| (name, formula))
        };
        table.iter().map(formula).collect()
    }

    /// Reads a formula: a text, or a plain number or flag.
    pub(crate) fn formula(&self, key: &str, value: &Value<'_>) -> Result<Formula, RecipeError> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                self.text.get(value.span()).unwrap_or_default().to_owned()
            }
            _ => return Err(self.wrong(key, "a formula such as \"4*hidden_size\", a number, true or false", value)),
        };
        Formula::new(&text).map_err(|error| self.invalid(key, value, error))
    }

    /// Reads the initializer of a row or a rule.
    pub(crate) fn init(&self, key: &str, value: &Value<'_>, is_scheme: bool) -> Result<Init, RecipeError> {
        let text = self.string(key, value)?;
        self.init_of(text, is_scheme).map_err(|problem| self.fail(value.span(), problem))
    }

    /// Adds the variables that rows give to the parameters: those of `repeat` and `let`.
    pub(crate) fn add_variables(&mut self, value: &Value<'_>) {
        for row in value.get_ref().as_array().into_iter().flatten() {
            let Some(table) = row.get_ref().as_table() else { continue };
            for (key, value) in table {
                match key.get_ref().as_ref() {
                    "repeat" | "let" => {
                        let names = value.get_ref().as_table().into_iter().flat_map(DeTable::keys);
                        self.variables.extend(names.map(|name| name.get_ref().clone().into_owned()));
                    }
                    "parameters" => self.add_variables(value),
                    _ => {}
                }
            }
        }
        if !self.variables.iter().any(|name| name == LAYER) {
            self.variables.push(LAYER.to_owned());
        }
    }

    /// Returns the value of a TOML number, text, flag or list.
    pub(crate) fn plain(&self, key: &str, value: &Value<'_>) -> Result<Computed, RecipeError> {
        let kind = "a number, a text, true, false, or a list of them";
        Ok(match value.get_ref() {
            DeValue::String(text) => Computed::from(text.as_ref()),
            DeValue::Boolean(flag) => Computed::from(*flag),
            DeValue::Integer(integer) => {
                let integer = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
                Computed::from(integer.ok_or_else(|| self.wrong(key, kind, value))?)
            }
            DeValue::Float(_) => {
                let float = super::reader::number(value).ok_or_else(|| self.wrong(key, "a finite number", value))?;
                Computed::from(float)
            }
            DeValue::Array(list) => {
                let list: Result<Vec<_>, _> = list.iter().map(|value| self.plain(key, value)).collect();
                Computed::from(list?)
            }
            _ => return Err(self.wrong(key, kind, value)),
        })
    }

    /// Returns the value of a derived field: that of its formula, or the plain value.
    pub(crate) fn derived(&self, key: &str, value: &Value<'_>) -> Result<Computed, RecipeError> {
        if value.get_ref().as_str().is_none() {
            return self.plain(key, value);
        }
        let formula = self.formula(key, value)?;
        formula.evaluate(&self.scope).map_err(|error| self.invalid(key, value, error))
    }

    pub(crate) fn invalid(&self, key: &str, value: &Value<'_>, error: ExpressionError) -> RecipeError {
        self.fail(value.span(), RecipeProblem::Formula { key: key.to_owned(), error })
    }
}
