//! The fields of a configuration, with checks of their values.

use serde_json::{Map, Value};

use super::error::ConfigProblem;

/// The largest size: the limit of PyTorch's own modules, and so that the product of two does not
/// overflow.
const MAX_SIZE: u64 = (1 << 31) - 1;

/// The largest number of entries in a list of sizes.
const MAX_LIST: usize = 1000;

/// The fields of a configuration. A missing field and null are the same unless a method says
/// otherwise.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object }
    }

    /// Returns the value of a field, if it is present and not null.
    pub(super) fn get(&self, field: &str) -> Option<&'a Value> {
        self.object.get(field).filter(|value| !value.is_null())
    }

    /// Whether the field is present and null.
    pub(super) fn is_null(&self, field: &str) -> bool {
        self.object.get(field).is_some_and(Value::is_null)
    }

    /// Returns a size, at least 1.
    pub(super) fn size(&self, field: &'static str, default: usize) -> Result<usize, ConfigProblem> {
        self.get(field).map_or(Ok(default), |value| size(field, value))
    }

    /// Returns a size that divides another.
    pub(super) fn divisor(
        &self,
        field: &'static str,
        default: usize,
        of: usize,
        whole: &str,
    ) -> Result<usize, ConfigProblem> {
        let found = self.size(field, default)?;
        if of.is_multiple_of(found) {
            return Ok(found);
        }
        Err(ConfigProblem::field(field, format!("a divisor of {whole}, which is {of}"), &found.into()))
    }

    /// Returns a list of sizes.
    pub(super) fn sizes(&self, field: &'static str, default: &[usize]) -> Result<Vec<usize>, ConfigProblem> {
        let Some(value) = self.get(field) else { return Ok(default.to_vec()) };
        match value.as_array() {
            Some(list) if (1..=MAX_LIST).contains(&list.len()) => list.iter().map(|value| size(field, value)).collect(),
            _ => Err(ConfigProblem::field(field, format!("a list of 1 to {MAX_LIST} sizes"), value)),
        }
    }

    /// Returns height and width, given as one number or as two.
    pub(super) fn sides(&self, field: &'static str, default: usize) -> Result<(usize, usize), ConfigProblem> {
        let Some(value) = self.get(field) else { return Ok((default, default)) };
        match value.as_array().map(Vec::as_slice) {
            None => size(field, value).map(|side| (side, side)),
            Some([height, width]) => Ok((size(field, height)?, size(field, width)?)),
            Some(_) => Err(ConfigProblem::field(field, "a size, or a list of height and width", value)),
        }
    }

    /// Returns a flag.
    pub(super) fn flag(&self, field: &'static str, default: bool) -> Result<bool, ConfigProblem> {
        self.get(field).map_or(Ok(default), |value| {
            value.as_bool().ok_or_else(|| ConfigProblem::field(field, "true or false", value))
        })
    }

    /// Returns one of several words.
    pub(super) fn word(
        &self,
        field: &'static str,
        words: &[&'static str],
        default: &'static str,
    ) -> Result<&'static str, ConfigProblem> {
        let Some(value) = self.get(field) else { return Ok(default) };
        let found = value.as_str().and_then(|found| words.iter().copied().find(|&word| word == found));
        found.ok_or_else(|| ConfigProblem::field(field, words.join(" or "), value))
    }

    /// Returns `initializer_range`, the standard deviation of most weights.
    pub(super) fn std(&self) -> Result<f64, ConfigProblem> {
        const FIELD: &str = "initializer_range";
        let Some(value) = self.get(FIELD) else { return Ok(0.02) };
        (value.as_f64().filter(|std| *std > 0.0 && std.is_finite()))
            .ok_or_else(|| ConfigProblem::field(FIELD, "a number above 0", value))
    }

    /// Returns `num_labels`, or the number of names in `id2label`; 2 without either.
    pub(super) fn labels(&self) -> Result<usize, ConfigProblem> {
        const NAMES: &str = "id2label";
        match self.get(NAMES).filter(|_| self.get("num_labels").is_none()) {
            None => self.size("num_labels", 2),
            Some(value) => (value.as_object().map(Map::len).filter(|&count| count > 0))
                .ok_or_else(|| ConfigProblem::field(NAMES, "an object with a name for each label", value)),
        }
    }

    /// Returns `pad_token_id`, the row of the embeddings that is zero; it counts from the end if
    /// negative, and null is none.
    pub(super) fn padding(&self, default: Option<isize>, rows: usize) -> Result<Option<isize>, ConfigProblem> {
        const FIELD: &str = "pad_token_id";
        if self.is_null(FIELD) {
            return Ok(None);
        }
        let Some(value) = self.get(FIELD) else { return Ok(default.filter(|&row| (row as usize) < rows)) };
        let row = value.as_i64().and_then(|row| isize::try_from(row).ok());
        let fits = |row: isize| if row < 0 { row.unsigned_abs() <= rows } else { row.unsigned_abs() < rows };
        (row.filter(|&row| fits(row)).map(Some))
            .ok_or_else(|| ConfigProblem::field(FIELD, format!("a row of the {rows} of vocab_size, or null"), value))
    }

    /// Returns the first of `architectures`; by default, the first known one.
    pub(super) fn architecture(&self, known: &'static [&'static str]) -> Result<&'static str, ConfigProblem> {
        const FIELD: &str = "architectures";
        let Some(value) = self.get(FIELD) else { return Ok(known[0]) };
        let wrong = || ConfigProblem::field(FIELD, format!("a list such as [\"{}\"]", known[0]), value);
        let Some(first) = value.as_array().ok_or_else(wrong)?.first() else { return Ok(known[0]) };
        let found = first.as_str().ok_or_else(wrong)?;
        (known.iter().copied().find(|&architecture| architecture == found))
            .ok_or_else(|| ConfigProblem::Architecture { found: found.to_owned(), known })
    }

    /// Refuses a flag that would add parameters that are not supported.
    pub(super) fn off(&self, field: &'static str) -> Result<(), ConfigProblem> {
        match self.get(field) {
            Some(value) if self.flag(field, false)? => {
                let reason = "its parameters are not supported; take names and shapes from a file of such a model";
                Err(ConfigProblem::unsupported(field, value, reason))
            }
            _ => Ok(()),
        }
    }
}

fn size(field: &'static str, value: &Value) -> Result<usize, ConfigProblem> {
    (value.as_u64().filter(|size| (1..=MAX_SIZE).contains(size)))
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| ConfigProblem::field(field, format!("an integer from 1 to {MAX_SIZE}"), value))
}
