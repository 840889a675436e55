//! The options that select a model.

use std::path::{Path, PathBuf};

use clap::Args;
use init_core::DType;
use init_model::{
    Config, Header, Recipe,
    config::{ConfigProblem, FAMILIES},
    preset,
};

use crate::{
    failure::{Failure, Outcome, excerpt},
    layout::LayoutOptions,
};

/// The remedy that a message adds for an unknown model.
const ANOTHER: &str = "for any other model, take names and shapes from a file with --like and give --rules";

/// Returns the help of `--config`, with the known families.
fn config_help() -> String {
    let mut families: Vec<&str> = FAMILIES.iter().map(|family| family.title).collect();
    let last = families.pop().unwrap_or_default();
    format!("A published model's config.json instead of a recipe: {} or {last}", families.join(", "))
}

/// The model of a command: a recipe, or one of the options.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Source {
    /// Recipe: parameters and rules, in TOML
    #[arg(value_name = "RECIPE.toml")]
    recipe: Option<PathBuf>,

    #[arg(long, value_name = "CONFIG.json", help = config_help())]
    config: Option<PathBuf>,

    /// Preset of a published model instead of a recipe, such as gpt2; `fanin presets` lists them
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// Existing file to take names, shapes and dtypes from (safetensors, .npy, .npz, .gguf),
    /// instead of a recipe's [parameters]
    #[arg(long, value_name = "MODEL.safetensors", requires = "rules")]
    like: Option<PathBuf>,
}

impl Source {
    fn model(&self) -> Model<'_> {
        let Self { recipe, config, preset, like } = self;
        Model { recipe: recipe.as_deref(), config: config.as_deref(), preset: preset.as_deref(), like: like.as_deref() }
    }
}

/// The model that a file was made from, as it was given to `init`.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct MadeFrom {
    /// Recipe that the file was made from
    #[arg(long, value_name = "RECIPE.toml")]
    recipe: Option<PathBuf>,

    /// The config.json that the file was made from
    #[arg(long, value_name = "CONFIG.json")]
    config: Option<PathBuf>,

    /// Preset that the file was made from; `fanin presets` lists them
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// File that the names, shapes and dtypes were taken from
    #[arg(long, value_name = "MODEL.safetensors", requires = "rules")]
    like: Option<PathBuf>,
}

impl MadeFrom {
    fn model(&self) -> Model<'_> {
        let Self { recipe, config, preset, like } = self;
        Model { recipe: recipe.as_deref(), config: config.as_deref(), preset: preset.as_deref(), like: like.as_deref() }
    }

    /// Returns its name in messages.
    pub(crate) fn name(&self) -> String {
        match self.model() {
            Model { preset: Some(name), .. } => format!("preset {name}"),
            Model { recipe, config, like, .. } => {
                recipe.or(config).or(like).map(|path| path.display().to_string()).unwrap_or_default()
            }
        }
    }

    /// Returns the recipe, if there is one. Rules alone apply to the file's own names and shapes.
    pub(crate) fn recipe(&self, rules: Option<&Path>, file: &Path, header: &Header) -> Outcome<Option<Recipe>> {
        let model = self.model();
        if model.is_none() && rules.is_none() {
            return Ok(None);
        }
        let mut recipe = model.recipe(rules)?;
        if recipe.parameters.is_empty() {
            recipe.parameters = header.parameters(&file.display().to_string())?;
        }
        Ok(Some(recipe))
    }
}

/// How the model was given.
struct Model<'a> {
    recipe: Option<&'a Path>,
    config: Option<&'a Path>,
    preset: Option<&'a str>,
    like: Option<&'a Path>,
}

impl Model<'_> {
    fn is_none(&self) -> bool {
        matches!(self, Self { recipe: None, config: None, preset: None, like: None })
    }

    /// Returns the recipe, before options override it.
    fn recipe(&self, rules: Option<&Path>) -> Outcome<Recipe> {
        // clap ignores a `requires` that would need a second member of the group.
        if rules.is_some() && self.like.is_none() && self.config.is_none() {
            let message = "--rules requires --like or --config, which give names and shapes; a recipe or a preset \
                           has its own rules";
            return Err(Failure::input(message));
        }
        match (self.recipe, self.config, self.preset, self.like, rules) {
            (Some(path), ..) => Ok(Recipe::read(path)?),
            (_, Some(path), .., None) => Ok(config(path)?.into_recipe()),
            (_, Some(path), .., Some(rules)) => {
                let model = config(path)?.into_recipe();
                let mut recipe = rules_alone(Recipe::read_with(rules, model.fields)?, "--config")?;
                recipe.parameters = model.parameters;
                recipe.family = model.family;
                recipe.layout = recipe.layout.or(model.layout);
                recipe.dtype = recipe.dtype.or(model.dtype);
                Ok(recipe)
            }
            (_, _, Some(name), ..) => Ok(preset(name)?),
            (.., Some(like), Some(rules)) => {
                let mut recipe = rules_alone(Recipe::read(rules)?, "--like")?;
                recipe.parameters = Header::read(like)?.parameters(&like.display().to_string())?;
                Ok(recipe)
            }
            _ => Err(Failure::input("no model: give a recipe, --config, --preset, or --like with --rules")),
        }
    }
}

/// Reads a configuration. An unknown architecture is told what works instead.
fn config(path: &Path) -> Outcome<Config> {
    Config::read(path).map_err(|error| match error.problem {
        ConfigProblem::NoType { .. } | ConfigProblem::Unknown { .. } | ConfigProblem::Architecture { .. } => {
            Failure::input(format_args!("{error}; {ANOTHER}"))
        }
        ConfigProblem::Unsupported { .. } => Failure::input(format_args!("{error}; --like takes them")),
        _ => error.into(),
    })
}

/// Returns a recipe without parameters, which an option gives.
fn rules_alone(recipe: Recipe, option: &str) -> Outcome<Recipe> {
    match recipe.parameters.first() {
        None => Ok(recipe),
        Some(parameter) => Err(Failure::input(format_args!(
            "{}: [parameters] cannot be combined with {option}, which gives names and shapes; remove one of them",
            parameter.location
        ))),
    }
}

/// The options that override the model's own.
#[derive(Debug, Args)]
pub(crate) struct Overlay {
    /// Recipe without [parameters], whose rules apply to the tensors of --like or --config; its
    /// formulas may use the fields of the config.json
    #[arg(long, value_name = "RECIPE.toml")]
    pub(crate) rules: Option<PathBuf>,

    /// Seed [default: that of the recipe, or 0; for `verify` and `inspect`, that of the file]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,

    /// Element type: f32, f64, bf16 or f16 [default: that of the recipe, the configuration or the
    /// file of --like, or f32]
    #[arg(long, value_name = "DTYPE", value_parser = dtype)]
    dtype: Option<DType>,

    #[command(flatten)]
    layout: LayoutOptions,
}

impl Overlay {
    /// Returns the recipe of a model, overridden by the options.
    pub(crate) fn recipe(&self, source: &Source) -> Outcome<Recipe> {
        self.over(source.model().recipe(self.rules.as_deref())?)
    }

    /// Takes the file's own seed if none is given, and returns where the seed is from.
    pub(crate) fn seed_of(&self, file: &Path, header: &Header, seed: &mut Option<u64>) -> Outcome<String> {
        if self.seed.is_some() {
            return Ok("as given".to_owned());
        }
        match (header.metadata().get("fanin.seed"), *seed) {
            (Some(text), earlier) => {
                let found = text.parse().map_err(|_| {
                    Failure::input(format_args!(
                        "the metadata of `{}` has the seed `{}`, which is not an integer; give --seed",
                        file.display(),
                        excerpt(text)
                    ))
                })?;
                *seed = Some(found);
                let other = earlier.filter(|&earlier| earlier != found);
                let other = other.map(|earlier| format!("; the recipe has {earlier}")).unwrap_or_default();
                Ok(format!("from the file's metadata{other}"))
            }
            (None, Some(_)) => Ok("from the recipe; the file names none".to_owned()),
            (None, None) => Ok("the default; neither the file nor the recipe names one".to_owned()),
        }
    }

    /// Overrides a recipe by the options.
    pub(crate) fn over(&self, mut recipe: Recipe) -> Outcome<Recipe> {
        recipe.seed = self.seed.or(recipe.seed);
        recipe.dtype = self.dtype.or(recipe.dtype);
        recipe.layout = self.layout.layout()?.or(recipe.layout);
        Ok(recipe)
    }
}

/// Parses a seed for clap, whose own parser of integers does not say what is required.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be an integer from 0 to {}", u64::MAX))
}

/// Parses a dtype for clap.
pub(crate) fn dtype(text: &str) -> Result<DType, String> {
    text.parse().map_err(|error: <DType as std::str::FromStr>::Err| error.to_string())
}
