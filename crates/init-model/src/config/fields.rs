use serde_json::{Map, Value};

use super::error::ConfigProblem;

/// The largest number of anything: as in PyTorch's own modules, and so that two of them multiply without overflow.
const MAX_SIZE: u64 = (1 << 31) - 1;

/// The most entries of a list of sizes.
const MAX_LIST: usize = 1000;

/// The fields of a configuration. A missing field and null are the same but where a method says otherwise.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Map<String, Value>) -> Self {
        Self { object }
    }

    pub(super) fn get(&self, field: &str) -> Option<&'a Value> {
        self.object.get(field).filter(|value| !value.is_null())
    }

    /// Whether the field is there and null.
    pub(super) fn is_null(&self, field: &str) -> bool {
        self.object.get(field).is_some_and(Value::is_null)
    }

    /// A number of things, at least 1.
    pub(super) fn size(&self, field: &'static str, default: usize) -> Result<usize, ConfigProblem> {
        self.get(field).map_or(Ok(default), |value| size(field, value))
    }

    /// A number of things that divides another.
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

    /// A list of numbers of things.
    pub(super) fn sizes(&self, field: &'static str, default: &[usize]) -> Result<Vec<usize>, ConfigProblem> {
        let Some(value) = self.get(field) else { return Ok(default.to_vec()) };
        match value.as_array() {
            Some(list) if (1..=MAX_LIST).contains(&list.len()) => list.iter().map(|value| size(field, value)).collect(),
            _ => Err(ConfigProblem::field(field, format!("a list of 1 to {MAX_LIST} sizes"), value)),
        }
    }

    /// Height and width: one number for both, or two.
    pub(super) fn sides(&self, field: &'static str, default: usize) -> Result<(usize, usize), ConfigProblem> {
        let Some(value) = self.get(field) else { return Ok((default, default)) };
        match value.as_array().map(Vec::as_slice) {
            None => size(field, value).map(|side| (side, side)),
            Some([height, width]) => Ok((size(field, height)?, size(field, width)?)),
            Some(_) => Err(ConfigProblem::field(field, "a size, or a list of height and width", value)),
        }
    }

    pub(super) fn flag(&self, field: &'static str, default: bool) -> Result<bool, ConfigProblem> {
        self.get(field).map_or(Ok(default), |value| {
            value.as_bool().ok_or_else(|| ConfigProblem::field(field, "true or false", value))
        })
    }

    /// One of several words.
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

    /// `initializer_range`: the standard deviation of most weights.
    pub(super) fn std(&self) -> Result<f64, ConfigProblem> {
        const FIELD: &str = "initializer_range";
        let Some(value) = self.get(FIELD) else { return Ok(0.02) };
        (value.as_f64().filter(|std| *std > 0.0 && std.is_finite()))
            .ok_or_else(|| ConfigProblem::field(FIELD, "a number above 0", value))
    }

    /// `num_labels`, or the number of names in `id2label`; 2 without either.
    pub(super) fn labels(&self) -> Result<usize, ConfigProblem> {
        const NAMES: &str = "id2label";
        match self.get(NAMES).filter(|_| self.get("num_labels").is_none()) {
            None => self.size("num_labels", 2),
            Some(value) => (value.as_object().map(Map::len).filter(|&count| count > 0))
                .ok_or_else(|| ConfigProblem::field(NAMES, "an object with a name for each label", value)),
        }
    }

    /// `pad_token_id`, whose row in the table of embeddings is zero; negative from the end, and null is none.
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

    /// The first of `architectures`; without any, the first of those known.
    pub(super) fn architecture(&self, known: &'static [&'static str]) -> Result<&'static str, ConfigProblem> {
        const FIELD: &str = "architectures";
        let Some(value) = self.get(FIELD) else { return Ok(known[0]) };
        let wrong = || ConfigProblem::field(FIELD, format!("a list such as [\"{}\"]", known[0]), value);
        let Some(first) = value.as_array().ok_or_else(wrong)?.first() else { return Ok(known[0]) };
        let found = first.as_str().ok_or_else(wrong)?;
        (known.iter().copied().find(|&architecture| architecture == found))
            .ok_or_else(|| ConfigProblem::Architecture { found: found.to_owned(), known })
    }

    /// Refuses what would add parameters that are not built here.
    pub(super) fn off(&self, field: &'static str) -> Result<(), ConfigProblem> {
        match self.get(field) {
            Some(value) if self.flag(field, false)? => {
                let reason = "its parameters are not built here; take names and shapes from a file with --like";
                Err(ConfigProblem::unsupported(field, value, reason))
            }
            _ => Ok(()),
        }
    }
}

fn size(field: &'static str, value: &Value) -> Result<usize, ConfigProblem> {
    (value.as_u64().filter(|size| (1..=MAX_SIZE).contains(size)))
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| ConfigProblem::field(field, format!("a whole number from 1 to {MAX_SIZE}"), value))
}
