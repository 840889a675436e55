use std::io;

use init_core::{DType, Layout, ParseError, ShapeError};

use crate::{expression::ExpressionError, pattern::PatternError, place::Place, shown::shown};

/// What is wrong with a recipe, and where. Prints as `mlp.toml:12: …`.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct RecipeError {
    /// The file and the line.
    pub place: Place,
    /// What is wrong there.
    #[source]
    pub problem: RecipeProblem,
}

/// What can be wrong with a recipe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeProblem {
    /// The file cannot be read.
    #[error("the recipe cannot be read: {0}; check the path")]
    Read(io::Error),
    /// What is there can be no recipe.
    #[error("this is {found}; name a recipe, which is a TOML file")]
    NoText {
        /// What it is.
        found: &'static str,
    },
    /// The text is no TOML.
    #[error("this line is no TOML{}: {message}", near(.word))]
    Syntax {
        /// What the TOML parser says.
        message: String,
        /// The text it stopped at; empty where something is missing.
        word: String,
    },
    /// A key or a parameter that is there already.
    #[error("{} is given twice; remove or rename one", shown(.key))]
    Duplicate {
        /// The key, as it is written.
        key: String,
    },
    /// A key that recipes do not have.
    #[error("unknown key `{}`; a {within} has {known}", shown(.key))]
    UnknownKey {
        /// The key as given.
        key: String,
        /// Where it stands.
        within: &'static str,
        /// What may stand there.
        known: &'static str,
    },
    /// A key that a rule must have.
    #[error(
        "this [[rule]] has no `{key}`; a rule is match = \"*.weight\", init = \"xavier_uniform\", or has a `scheme` in the place of `init`"
    )]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong kind.
    #[error("`{}` is {expected}, not {found}", shown(.key))]
    Kind {
        /// Its key.
        key: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A parameter's name without the quotes that its dot asks for.
    #[error("a name with a dot needs quotes: \"{}\" = [256, 784]", shown(.name))]
    Dotted {
        /// The name.
        name: String,
    },
    /// A dimension that is no size.
    #[error("parameter `{shown}` has the dimension {found}; a dimension is a whole number of at least 1", shown = shown(.name))]
    Dim {
        /// The parameter.
        name: String,
        /// The dimension as given.
        found: String,
    },
    /// A shape that is too large.
    #[error("parameter `{shown}`: {source}", shown = shown(.name))]
    Shape {
        /// The parameter.
        name: String,
        /// What is wrong with its shape.
        source: ShapeError,
    },
    /// An initializer or a scheme that does not parse.
    #[error("{0}")]
    Init(ParseError),
    /// A word where a number or the name of a field should be.
    #[error("{error}; it is no field either: {known}")]
    NoField {
        /// What is wrong with it as a number.
        error: ParseError,
        /// Which fields there are.
        known: String,
    },
    /// A dtype that does not exist.
    #[error("{0}")]
    DType(<DType as std::str::FromStr>::Err),
    /// A layout that does not exist.
    #[error("{0}")]
    Layout(<Layout as std::str::FromStr>::Err),
    /// A pattern that cannot be read.
    #[error("{0}")]
    Pattern(PatternError),
    /// A formula that has no value.
    #[error("{0}")]
    Expression(ExpressionError),
}

fn near(word: &str) -> String {
    if word.is_empty() { String::new() } else { format!(" at `{}`", shown(word)) }
}
