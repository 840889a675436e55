use init_core::{ResolveError, Shape};
use init_kernels::FillError;

use crate::{blocks::BlocksError, place::Place, shown::shown};

/// Why a recipe comes to no plan. Every message begins with the [`Place`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// There is nothing to initialise.
    #[error("{place}: no parameters; list them under [parameters], or take them from a file with --like")]
    Empty {
        /// The recipe.
        place: Place,
    },
    /// A name that a safetensors file cannot hold.
    #[error("{place}: `{shown}` cannot name a parameter: a name is not empty, and not the file format's own `__metadata__`", shown = shown(.name))]
    Name {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
    },
    /// Two parameters of one name.
    #[error("{place}: parameter `{shown}` is given twice; remove or rename one", shown = shown(.name))]
    Duplicate {
        /// The second of them.
        place: Place,
        /// Their name.
        name: String,
    },
    /// A parameter that no rule matches.
    #[error("{place}: no rule matches parameter `{shown}`; add a [[rule]] whose `match` covers it", shown = shown(.name))]
    Unmatched {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
    },
    /// A rule that matches no parameter.
    #[error("{place}: the rule `{}` matches no parameter; correct its `match` or remove it", shown(.pattern))]
    Idle {
        /// The rule.
        place: Place,
        /// Its glob.
        pattern: String,
    },
    /// A glob of `skip` that matches no parameter.
    #[error("{place}: `skip` has `{}`, which matches no parameter or none that is left; correct or remove it", shown(.pattern))]
    IdleSkip {
        /// Where the glob stands.
        place: Place,
        /// The glob.
        pattern: String,
    },
    /// A structure that cannot be scaled.
    #[error("{place}: parameter `{shown}`: `scale` is for draws of a distribution, not for {structure}; give its own gain", shown = shown(.name))]
    Scale {
        /// The rule.
        place: Place,
        /// The parameter's name.
        name: String,
        /// What it would get.
        structure: &'static str,
    },
    /// A rule whose parameters were all taken by earlier rules.
    #[error(
        "{place}: the rule `{}` initialises nothing: the first match wins, and `{}` was taken by `{}`; \
         move it up or remove it", shown(.pattern), shown(.name), shown(.earlier)
    )]
    Shadowed {
        /// The rule.
        place: Place,
        /// Its glob.
        pattern: String,
        /// A parameter that it would match.
        name: String,
        /// The glob of the rule that took this parameter.
        earlier: String,
    },
    /// A shape without elements.
    #[error("{place}: parameter `{shown}` of shape {shape} has no elements to initialise; give every dimension at least 1", shown = shown(.name))]
    ZeroSized {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
        /// Its shape.
        shape: Shape,
    },
    /// An initializer that does not fit the shape, or whose figures come to nothing that can be filled in.
    #[error("{place}: parameter `{shown}`: {source}", shown = shown(.name))]
    Resolve {
        /// The rule.
        place: Place,
        /// The parameter's name.
        name: String,
        /// What is wrong.
        source: Box<ResolveError>,
    },
    /// A parameter that is no tensor of such blocks.
    #[error("{place}: parameter `{shown}`: {source}", shown = shown(.name))]
    Blocks {
        /// The rule or the parameter.
        place: Place,
        /// The parameter's name.
        name: String,
        /// What is wrong.
        source: Box<BlocksError>,
    },
    /// Values that the dtype cannot hold.
    #[error("{place}: parameter `{shown}`: {source}", shown = shown(.name))]
    DType {
        /// The rule.
        place: Place,
        /// The parameter's name.
        name: String,
        /// What is wrong.
        source: Box<FillError>,
    },
    /// More bytes than a file can have.
    #[error("{place}: with parameter `{shown}` the model passes 2^63 bytes; check the shapes", shown = shown(.name))]
    TooLarge {
        /// The parameter.
        place: Place,
        /// Its name.
        name: String,
    },
}
