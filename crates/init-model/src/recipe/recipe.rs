//! The recipe of a model: its parameters and rules.

use init_core::{DType, Layout, Shape};

use super::{expression::Fields, location::Location, pattern::Pattern, rule::Rule};

/// A recipe: the parameters of a model, and the rules that initialise them.
///
/// ```toml
/// seed = 42            # 0 if absent
/// dtype = "f32"        # f32 (default), f64, bf16, f16
/// layout = "torch"     # torch (default): (out, in, *kernel); jax, keras: (*kernel, in, out); or any other layout
///
/// [parameters]         # name = shape; values are written in this order
/// "fc.weight" = [256, 784]
/// "fc.bias" = [256]
///
/// [[rule]]             # the first rule whose glob matches the whole name applies
/// match = "*.weight"
/// init = "xavier_uniform"
///
/// [[rule]]
/// match = "*.bias"
/// init = "zeros"       # `layout = "jax"` here would apply to this rule only
/// ```
///
/// A rule may also have `regex`, a regular expression for the whole name, instead of `match`; a
/// separate `dtype`; a `scale`, which multiplies the values; and `optional = true`, if it may
/// match nothing. Numbers may be formulas over `[fields]`:
///
/// ```toml
/// skip = ["*.inv_freq"]   # parameters that are not written; each glob must match one
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
/// A rule for packed weights has `blocks` and, unless they are packed along the outputs, `axis`:
/// see [`Blocks`](super::blocks::Blocks).
///
/// In place of `init` a rule may have a [`Scheme`](init_core::scheme::Scheme), which gives initial
/// values and multipliers for training. Multipliers of the model as a whole, such as a factor on
/// its attention logits, are numbers or formulas under `[multipliers]`. A [plan](crate::Plan) has
/// both:
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
/// The fields are public so that a caller can override those of the file: `recipe.seed = Some(7)`.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The seed of every stream.
    pub seed: Option<u64>,
    /// The element type of every parameter.
    pub dtype: Option<DType>,
    /// The layout of shapes, for rules without a layout.
    pub layout: Option<Layout>,
    /// The parameters, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// The rules, of which the first that matches applies.
    pub rules: Vec<Rule>,
    /// Parameters that are not initialised or written.
    pub skip: Vec<Skip>,
    /// The multipliers of the model as a whole, for training; no initial value depends on them.
    pub multipliers: Fields,
    /// The numbers that formulas were evaluated with.
    pub fields: Fields,
    /// The family of a published model, as its configuration's `model_type` names it. No value
    /// depends on it.
    pub family: Option<String>,
    /// The location of the recipe.
    pub location: Location,
}

/// Parameters that are not initialised or written.
#[derive(Clone, Debug)]
pub struct Skip {
    /// The pattern of their whole names.
    pub pattern: Pattern,
    /// Its location.
    pub location: Location,
}

/// A parameter before a rule is applied to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name in the model file, which also names its stream.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// Its element type, if the recipe names none.
    pub dtype: Option<DType>,
    /// Its location.
    pub location: Location,
}
