//! Recipes: parameters and rules, as a person writes them.
//!
//! The recipe itself is [`Recipe`](crate::Recipe).

pub(crate) mod blocks;
pub(crate) mod error;
pub(crate) mod expression;
pub(crate) mod location;
pub(crate) mod pattern;
pub(crate) mod reader;
#[expect(clippy::module_inception, reason = "the file of the noun `Recipe`")]
pub(crate) mod recipe;
pub(crate) mod rule;

pub use self::{
    blocks::{Blocks, BlocksError, Parts},
    error::{RecipeError, RecipeProblem},
    expression::{ExpressionError, Fields},
    location::Location,
    pattern::{Pattern, PatternError, PatternKind},
    recipe::{Parameter, Skip},
    rule::{Init, Rule},
};
