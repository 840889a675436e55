//! Whole models: from a [`Recipe`] to a [`Plan`], from a plan to a safetensors file, and from a file back to figures.
//!
//! | to | use |
//! |---|---|
//! | read a recipe, or take a built-in one | [`Recipe::read`], [`Recipe::parse`], [`preset`] |
//! | build the recipe of a published model's `config.json` | [`Config::read`], [`Config::parse`], [`Config::preset`] |
//! | see what each parameter will get | [`Recipe::plan`] |
//! | write a model's initial values | [`write()`], [`Writer`] |
//! | give each rank its part | [`Plan::for_rank`] |
//! | take names and shapes from an existing file | [`Header::read`], [`Header::parameters`] |
//! | save and load the values of tensors at hand | [`save`], [`load`] |
//! | replace a file in one step | [`Replacement`] |
//! | measure a file, and compare it with a plan | [`inspect()`], [`pair`], [`compare()`] |
//! | say of each tensor whether it is as it was meant | [`judge()`] |
//! | make sure that a file is exactly what a plan gives | [`verify()`] |
//! | see how far the tensors of two files are apart | [`diff()`] |
//!
//! Every parameter draws from its own stream, `Stream::new(seed).child(name)`: its values depend on the seed, its name, its
//! initializer and its shape, and on no other parameter.
//!
//! ```
//! use init_model::Recipe;
//!
//! let recipe = Recipe::parse(
//!     r#"
//!     seed = 42
//!
//!     [parameters]
//!     "fc.weight" = [256, 784]
//!     "fc.bias" = [256]
//!
//!     [[rule]]
//!     match = "*.weight"
//!     init = "xavier_uniform"
//!
//!     [[rule]]
//!     match = "*.bias"
//!     init = "zeros"
//!     "#,
//!     "linear.toml",
//! )?;
//! let plan = recipe.plan()?;
//! assert_eq!(plan.elements(), 256 * 784 + 256);
//!
//! let (_, bound) = plan.entries()[0].distribution().unwrap().support();
//! assert!((bound - 0.0759555).abs() < 1e-7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod blocks;
mod buffers;
mod chunk;
mod compare;
mod config;
mod diff;
mod expression;
mod files;
mod format;
mod header;
mod inspect;
mod packed;
mod part;
mod partial;
mod pattern;
mod place;
mod plan;
mod position;
mod preset;
mod recipe;
mod replacement;
mod rule;
mod shown;
mod stats;
mod tensors;
mod verdict;
mod verify;
mod write;

pub use crate::{
    blocks::{Blocks, BlocksError, Parts},
    compare::{Bound, Comparison, MismatchError, ShapeMismatch, compare, pair},
    config::{Config, ConfigError, ConfigProblem, FAMILIES},
    diff::{Change, Diff, DiffError, Figures, diff},
    expression::{ExpressionError, Fields},
    files::ReadError,
    format::FormatError,
    header::{Damage, FileDamage, Header, HeaderError, IndexDamage, Tensor},
    inspect::{Histogram, InspectError, Inspection, Measured, inspect},
    packed::Packed,
    part::{Part, Split, SplitError},
    pattern::{Pattern, PatternError, PatternKind},
    place::Place,
    plan::{Entry, Plan, PlanError},
    preset::{PRESETS, PresetError, preset},
    recipe::{Parameter, Recipe, RecipeError, RecipeProblem, Skip},
    replacement::{Replacement, ReplacementError},
    rule::{Init, Rule},
    stats::Moments,
    tensors::{LoadError, NamedTensor, load, save},
    verdict::{FALSE_ALARM, Fault, Judged, Judgement, Unjudged, Verdict, judge},
    verify::{Difference, Found, Verification, VerifyError, verify},
    write::{WriteError, Writer, Written, write},
};
