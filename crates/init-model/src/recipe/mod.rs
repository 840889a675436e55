mod error;
mod reader;

use std::{fs, io, path::Path};

use init_core::{DType, Layout, Shape};

pub use self::error::{RecipeError, RecipeProblem};
use crate::{expression::Fields, pattern::Pattern, place::Place, rule::Rule};

/// A recipe: parameters and rules, as a person wrote them.
///
/// ```toml
/// seed = 42            # 0 if absent
/// dtype = "f32"        # f32 (default), f64, bf16, f16
/// layout = "torch"     # torch (default): (out, in, *kernel); jax, keras: (*kernel, in, out); or as init_core has it
///
/// [parameters]         # name = shape; values are written in this order
/// "fc.weight" = [256, 784]
/// "fc.bias" = [256]
///
/// [[rule]]             # the first rule whose glob matches the whole name wins
/// match = "*.weight"
/// init = "xavier_uniform"
///
/// [[rule]]
/// match = "*.bias"
/// init = "zeros"       # `layout = "jax"` here would hold for this rule alone
/// ```
///
/// A rule may also have `regex`, a regular expression for the whole name, in the place of `match`; a `dtype` of its own; a `scale`, which
/// multiplies the values; and `optional = true`, if it may match nothing. Numbers may be formulas over `[fields]`:
///
/// ```toml
/// skip = ["*.inv_freq"]   # parameters that are not written; each glob must match some
///
/// [fields]
/// n_layer = 12
///
/// [[rule]]
/// regex = 'h\.\d+\.(attn|mlp)\.c_proj\.weight'
/// init = "normal(std=0.02/sqrt(2*n_layer))"
/// dtype = "bf16"
/// ```
///
/// A rule for packed weights has `blocks` and, where they do not lie along the outputs, `axis`: see [`Blocks`](crate::Blocks).
///
/// In the place of `init` a rule may have a [`Scheme`](init_core::scheme::Scheme), which beside first values gives multipliers for
/// training; those of the model as a whole, such as a factor on the logits of its attention, are numbers or formulas under `[multipliers]`. A
/// [plan](crate::Plan) keeps both:
///
/// ```toml
/// [multipliers]
/// attention = "sqrt(64)*n_head/n_embd"
///
/// [[rule]]
/// match = "h.*.mlp.*.weight"
/// scheme = "mup(role=hidden, base_fan_in=256, std=0.02)"
/// ```
///
/// The fields are public so that a caller can lay options over the file: `recipe.seed = Some(7)`.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The seed of every stream.
    pub seed: Option<u64>,
    /// The element type of every parameter.
    pub dtype: Option<DType>,
    /// How shapes are read where a rule says nothing else.
    pub layout: Option<Layout>,
    /// The parameters, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// The rules, first match first.
    pub rules: Vec<Rule>,
    /// Parameters that get nothing and are not written.
    pub skip: Vec<Skip>,
    /// What a training loop multiplies by in the model as a whole; no initial value depends on it.
    pub multipliers: Fields,
    /// What formulas were evaluated with.
    pub fields: Fields,
    /// The family of a published model, as its configuration's `model_type` names it. No value depends on it.
    pub family: Option<String>,
    /// Where the recipe was written.
    pub place: Place,
}

/// Parameters that get nothing and are not written.
#[derive(Clone, Debug)]
pub struct Skip {
    /// What their whole names match.
    pub pattern: Pattern,
    /// Where it was written.
    pub place: Place,
}

/// A parameter that waits for a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name in the model file, which also names its stream.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Its element type where the recipe names none.
    pub dtype: Option<DType>,
    /// Where it was written.
    pub place: Place,
}

impl Recipe {
    /// Reads a recipe from a file.
    ///
    /// # Errors
    ///
    /// [`RecipeError`] if the file cannot be read or is no recipe.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, RecipeError> {
        Self::read_with(path, Fields::new())
    }

    /// The same with fields beside those of the file, which count where both have one.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn read_with(path: impl AsRef<Path>, fields: Fields) -> Result<Self, RecipeError> {
        let origin = path.as_ref().display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            let problem = match error.kind() {
                io::ErrorKind::InvalidData => RecipeProblem::NoText { found: "no text in UTF-8" },
                io::ErrorKind::IsADirectory => RecipeProblem::NoText { found: "a folder" },
                _ => RecipeProblem::Read(error),
            };
            RecipeError { place: Place::of(&origin), problem }
        })?;
        reader::recipe(&text, &origin, fields)
    }

    /// Reads a recipe from its text; `origin` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`RecipeError`], which names the line: no TOML, a key that recipes do not know, a value of the wrong kind, an
    /// initializer, dtype, layout, glob or shape that does not parse.
    pub fn parse(text: &str, origin: &str) -> Result<Self, RecipeError> {
        reader::recipe(text, origin, Fields::new())
    }
}
