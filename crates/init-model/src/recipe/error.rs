//! The errors of a recipe.

use std::io;

use init_core::{DType, Layout, ParseError, ShapeError};

use super::{expression::ExpressionError, location::Location, pattern::PatternError};
use crate::excerpt::excerpt;

/// The error of a recipe: the problem and its location. Prints as `mlp.toml:12: …`.
#[derive(Debug, thiserror::Error)]
#[error("{location}: {problem}")]
pub struct RecipeError {
    /// The file and the line.
    pub location: Location,
    /// The problem.
    #[source]
    pub problem: RecipeProblem,
}

/// The problem with a recipe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeProblem {
    /// The file cannot be read.
    #[error("the recipe cannot be read: {0}; check the path")]
    Read(io::Error),
    /// The file cannot be a recipe.
    #[error("this is {found}; name a recipe, which is a TOML file")]
    NotText {
        /// A description of what was found.
        found: &'static str,
    },
    /// The text is not TOML.
    #[error("this line is not valid TOML{}: {message}", at(.word))]
    Syntax {
        /// The message of the TOML parser.
        message: String,
        /// The text where it stopped; empty if something is missing.
        word: String,
    },
    /// A key or a parameter that is given twice.
    #[error("{} is given twice; remove or rename one", excerpt(.key))]
    Duplicate {
        /// The key, as it is written.
        key: String,
    },
    /// A table `[rule]` in place of `[[rule]]`.
    #[error("write `[[rule]]` instead of `[rule]`: a recipe has a list of rules")]
    SingleRule,
    /// A key that is not known.
    #[error("unknown key `{}`{}; the keys of a {within} are {}", excerpt(.key), suggestion(*.near), .known.join(", "))]
    UnknownKey {
        /// The key as given.
        key: String,
        /// The key that was probably intended.
        near: Option<&'static str>,
        /// The table that it is in.
        within: &'static str,
        /// The keys of that table.
        known: &'static [&'static str],
    },
    /// A rule without a key that it must have.
    #[error(
        "this [[rule]] has no `{key}`; a rule needs `match` (or `regex`) and `init` (or `scheme`), such as \
         match = \"*.weight\", \
         init = \"xavier_uniform\""
    )]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong type.
    #[error("`{}` must be {expected}, got {found}", excerpt(.key))]
    Kind {
        /// Its key.
        key: String,
        /// The kind of value required.
        expected: &'static str,
        /// A description of what was found.
        found: String,
    },
    /// A name with a dot that is not quoted.
    #[error("a name with a dot needs quotes: \"{}\" = [256, 784]", excerpt(.name))]
    Dotted {
        /// The name.
        name: String,
    },
    /// A dimension that is not a positive integer.
    #[error(
        "parameter `{excerpt}` has the dimension {found}; a dimension must be an integer of at least 1",
        excerpt = excerpt(.name)
    )]
    Dim {
        /// The parameter.
        name: String,
        /// The dimension as given.
        found: String,
    },
    /// A shape that is too large.
    #[error("parameter `{excerpt}`: {source}", excerpt = excerpt(.name))]
    Shape {
        /// The parameter.
        name: String,
        /// The error of its shape.
        source: ShapeError,
    },
    /// An initializer or a scheme that is invalid.
    #[error("{0}")]
    Init(ParseError),
    /// A word in place of a number that is not the name of a field either.
    #[error("{error}; it is not a field either: {known}")]
    NotAField {
        /// Why it is not a number.
        error: ParseError,
        /// The fields.
        known: String,
    },
    /// A dtype that is not known.
    #[error("{0}")]
    DType(<DType as std::str::FromStr>::Err),
    /// A layout that is not known.
    #[error("{0}")]
    Layout(<Layout as std::str::FromStr>::Err),
    /// An invalid pattern.
    #[error("{0}")]
    Pattern(PatternError),
    /// A formula that cannot be evaluated.
    #[error("{0}")]
    Expression(ExpressionError),
}

fn at(word: &str) -> String {
    if word.is_empty() { String::new() } else { format!(" at `{}`", excerpt(word)) }
}

fn suggestion(near: Option<&str>) -> String {
    near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default()
}
