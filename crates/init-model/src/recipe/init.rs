//! What a rule gives to its parameters: an initializer or a scheme, whose numbers may depend on the
//! parameter's layer and on the variables of its row.

use std::sync::Arc;

use init_core::{Initializer, ParseError, scheme::Scheme, text::ParseErrorKind};

use super::{
    error::RecipeProblem,
    expression::{Fields, expand, known},
};

/// The values that a rule gives to its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Init {
    /// Initial values.
    Initializer(Initializer),
    /// Initial values and multipliers for training, by a scheme for whole models.
    Scheme(Scheme),
    /// An initializer or a scheme with numbers that depend on the parameter, such as its layer.
    Formula(InitFormula),
}

impl From<Initializer> for Init {
    fn from(initializer: Initializer) -> Self {
        Self::Initializer(initializer)
    }
}

impl From<Scheme> for Init {
    fn from(scheme: Scheme) -> Self {
        Self::Scheme(scheme)
    }
}

/// The variable that every parameter has if its name has a number: `layer` is 3 in
/// `h.3.mlp.c_fc.weight`.
pub(crate) const LAYER: &str = "layer";

/// The text of an initializer or a scheme with formulas over the variables of a parameter:
/// `normal(std=0.02/sqrt(2*(layer+1)))`.
#[derive(Clone, Debug, PartialEq)]
pub struct InitFormula {
    text: String,
    is_scheme: bool,
    fields: Arc<Fields>,
}

impl InitFormula {
    pub(crate) fn new(text: &str, is_scheme: bool, fields: &Arc<Fields>) -> Self {
        Self { text: text.to_owned(), is_scheme, fields: Arc::clone(fields) }
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Evaluates the formulas for the parameter of a name, with the variables of its row.
    pub(crate) fn of(&self, name: &str, variables: &Fields) -> Result<Init, RecipeProblem> {
        let mut fields = Fields::clone(&self.fields);
        let layer = name.split('.').find_map(|part| part.parse::<u32>().ok());
        fields.extend(layer.map(|layer| (LAYER.to_owned(), layer.into())));
        fields.extend(variables.iter().map(|(name, &value)| (name.clone(), value)));
        read(&self.text, self.is_scheme, &fields)
    }

    /// Checks the text before there is a parameter, with small values of its variables.
    pub(crate) fn check(&self, variables: &[String]) -> Result<(), RecipeProblem> {
        let with = |value: f64| {
            let mut fields = Fields::clone(&self.fields);
            fields.extend(variables.iter().map(|name| (name.clone(), value)));
            read(&self.text, self.is_scheme, &fields)
        };
        let first = with(1.0);
        if first.is_err() && with(2.0).is_err() && with(3.0).is_err() { first.map(drop) } else { Ok(()) }
    }
}

/// Reads an initializer or a scheme, whose formulas may use the fields.
pub(crate) fn read(text: &str, is_scheme: bool, fields: &Fields) -> Result<Init, RecipeProblem> {
    let text = expand(text, fields).map_err(RecipeProblem::Expression)?;
    let parsed: Result<Init, ParseError> =
        if is_scheme { text.parse::<Scheme>().map(Into::into) } else { text.parse::<Initializer>().map(Into::into) };
    parsed.map_err(|error| {
        let word = text.get(error.span()).unwrap_or_default();
        if error.kind() == ParseErrorKind::BadNumber && word.starts_with(char::is_alphabetic) {
            RecipeProblem::NotAField { error, known: known(fields) }
        } else {
            RecipeProblem::Init(error)
        }
    })
}

/// Whether a text mentions one of these names.
pub(crate) fn mentions(text: &str, names: &[String]) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    text.split(|c| !is_part(c)).any(|word| names.iter().any(|name| name == word))
}
