//! Why a recipe gives no plan.

use init_core::{ResolveError, Shape};
use init_kernels::FillError;

use crate::{
    excerpt::excerpt,
    recipe::{blocks::BlocksError, location::Location},
};

/// Why a recipe gives no plan. Every message begins with the [`Location`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// There is nothing to initialise.
    #[error("{location}: no parameters; list them under [parameters]")]
    Empty {
        /// The recipe.
        location: Location,
    },
    /// A name that is not allowed in a safetensors file.
    #[error(
        "{location}: `{excerpt}` is not a valid name of a parameter: a name must not be empty, nor be \
         `__metadata__`, which safetensors reserves",
        excerpt = excerpt(.name)
    )]
    Name {
        /// The parameter.
        location: Location,
        /// Its name.
        name: String,
    },
    /// Two parameters of one name.
    #[error("{location}: parameter `{excerpt}` is given twice; remove or rename one", excerpt = excerpt(.name))]
    Duplicate {
        /// The second of them.
        location: Location,
        /// Their name.
        name: String,
    },
    /// A parameter that no rule matches.
    #[error(
        "{location}: no rule matches parameter `{excerpt}`; add a [[rule]] whose `match` covers it",
        excerpt = excerpt(.name)
    )]
    UnmatchedParameter {
        /// The parameter.
        location: Location,
        /// Its name.
        name: String,
    },
    /// A rule that matches no parameter.
    #[error("{location}: the rule `{}` matches no parameter; correct its `match` or remove it", excerpt(.pattern))]
    UnmatchedRule {
        /// The rule.
        location: Location,
        /// Its pattern.
        pattern: String,
    },
    /// A glob of `skip` that matches no parameter.
    #[error(
        "{location}: the glob `{}` of `skip` matches no parameter, or only those that earlier globs skip; \
         correct or remove it",
        excerpt(.pattern)
    )]
    UnmatchedSkip {
        /// The location of the glob.
        location: Location,
        /// The glob.
        pattern: String,
    },
    /// A structured fill, which `scale` does not apply to.
    #[error(
        "{location}: parameter `{excerpt}`: `scale` applies to a distribution, not to {structure}; set the gain \
         of the initializer instead",
        excerpt = excerpt(.name)
    )]
    Scale {
        /// The rule.
        location: Location,
        /// The parameter's name.
        name: String,
        /// The structured fill that it would get.
        structure: &'static str,
    },
    /// A rule whose parameters all match earlier rules.
    #[error(
        "{location}: the rule `{}` initialises nothing: the first matching rule applies, and `{}` already \
         matches `{}`; \
         move the rule up or remove it", excerpt(.pattern), excerpt(.name), excerpt(.earlier)
    )]
    Shadowed {
        /// The rule.
        location: Location,
        /// Its pattern.
        pattern: String,
        /// A parameter that it would match.
        name: String,
        /// The glob of the earlier rule that matches this parameter.
        earlier: String,
    },
    /// A shape without elements.
    #[error(
        "{location}: parameter `{excerpt}` of shape {shape} has no elements to initialise; give every dimension \
         at least 1",
        excerpt = excerpt(.name)
    )]
    ZeroSized {
        /// The parameter.
        location: Location,
        /// Its name.
        name: String,
        /// Its shape.
        shape: Shape,
    },
    /// An initializer that does not fit the shape, or whose parameters are invalid.
    #[error("{location}: parameter `{excerpt}`: {source}", excerpt = excerpt(.name))]
    Resolve {
        /// The rule.
        location: Location,
        /// The parameter's name.
        name: String,
        /// The error of the initializer.
        source: Box<ResolveError>,
    },
    /// A parameter that does not consist of such blocks.
    #[error("{location}: parameter `{excerpt}`: {source}", excerpt = excerpt(.name))]
    Blocks {
        /// The rule or the parameter.
        location: Location,
        /// The parameter's name.
        name: String,
        /// The error of the blocks.
        source: Box<BlocksError>,
    },
    /// Values that the dtype cannot represent.
    #[error("{location}: parameter `{excerpt}`: {source}", excerpt = excerpt(.name))]
    DType {
        /// The rule.
        location: Location,
        /// The parameter's name.
        name: String,
        /// The error of the fill.
        source: Box<FillError>,
    },
    /// More bytes than a file can have.
    #[error(
        "{location}: with parameter `{excerpt}` the model exceeds 2^63 bytes; check the shapes",
        excerpt = excerpt(.name)
    )]
    TooLarge {
        /// The parameter.
        location: Location,
        /// Its name.
        name: String,
    },
}
