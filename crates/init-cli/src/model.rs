//! The options that select a model.

use std::path::{Path, PathBuf};

use clap::Args;
use init_core::DType;
use init_model::{
    Config, Header, Recipe,
    config::{ConfigProblem, Family},
    preset,
};

use crate::{
    failure::{Failure, Outcome, excerpt},
    layout::LayoutOptions,
};

/// The remedy that a message adds for an unknown model.
const ANOTHER: &str = "for any other model, take names and shapes from a file with --like and give --rules";

/// The model of a command: a recipe, or one of the options.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Source {
    /// Recipe: parameters and rules, in TOML
    #[arg(value_name = "RECIPE.toml")]
    recipe: Option<PathBuf>,

    /// A published model's config.json instead of a recipe; `fanin list --families` names the known
    /// families
    #[arg(long, value_name = "CONFIG.json")]
    config: Option<PathBuf>,

    /// Preset of a published model instead of a recipe, such as gpt2; `fanin presets` lists them
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// Existing file to take names, shapes and dtypes from (safetensors, .npy, .npz, .gguf),
    /// instead of a recipe's [parameters]
    #[arg(long, value_name = "MODEL.safetensors")]
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
    #[arg(long, value_name = "MODEL.safetensors")]
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
    pub(crate) fn recipe(&self, overlay: &Overlay, file: &Path, header: &Header) -> Outcome<Option<Recipe>> {
        let model = self.model();
        if model.is_none() && !overlay.has_rules() {
            return Ok(None);
        }
        let mut recipe = model.recipe(overlay)?;
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
    fn recipe(&self, overlay: &Overlay) -> Outcome<Recipe> {
        let rules = overlay.rules.as_deref().or(overlay.rules_only.as_deref());
        if overlay.family.is_some() && self.config.is_none() {
            return Err(Failure::input("--family requires --config, whose fields the family's formulas use"));
        }
        // clap ignores a `requires` that would need a second member of the group.
        if rules.is_some() && self.like.is_none() && self.config.is_none() && self.preset.is_none() {
            let message = "--rules requires --like, --config or --preset, which give names and shapes; a recipe has \
                           its own rules";
            return Err(Failure::input(message));
        }
        let (model, option) = match (self.recipe, self.config, self.preset, self.like) {
            (Some(path), ..) => return Ok(Recipe::read(path)?),
            (_, Some(path), ..) => (config(path, overlay.family.as_deref())?.into_recipe(), "--config"),
            (_, _, Some(name), _) => (preset(name)?, "--preset"),
            (.., Some(like)) => {
                let Some(rules) = rules else {
                    return Err(Failure::input("--like requires --rules, which initialise the tensors of its file"));
                };
                let rules = rules_alone(Recipe::read(rules)?, "--like")?;
                let parameters = Header::read(like)?.parameters(&like.display().to_string())?;
                return Ok(Recipe { parameters, ..rules });
            }
            _ => return Err(Failure::input("no model: give a recipe, --config, --preset, or --like with --rules")),
        };
        let Some(path) = rules else { return Ok(model) };
        let rules = rules_alone(Recipe::read_with(path, model.fields.clone())?, option)?;
        Ok(if overlay.rules_only.is_some() { model.with_rules_of(rules) } else { model.laid_over(rules) })
    }
}

/// Reads a configuration. An unknown architecture is told what works instead.
fn config(path: &Path, family: Option<&Path>) -> Outcome<Config> {
    let read = match family {
        None => Config::read(path),
        Some(family) => Config::read_as(&Family::read(family)?, path),
    };
    read.map_err(|error| match error.problem {
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
    /// Recipe without [parameters]: its rules come before those of --config or --preset, and apply to
    /// the tensors of --like; its formulas may use the fields of the config.json and `layer`
    #[arg(long, value_name = "RECIPE.toml")]
    pub(crate) rules: Option<PathBuf>,

    /// Like --rules, but the model's own rules do not apply
    #[arg(long, value_name = "RECIPE.toml", conflicts_with = "rules")]
    rules_only: Option<PathBuf>,

    /// Family of the model of --config, in place of the one that its `model_type` names
    #[arg(long, value_name = "FAMILY.toml")]
    family: Option<PathBuf>,

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
        self.over(source.model().recipe(self)?)
    }

    fn has_rules(&self) -> bool {
        self.rules.is_some() || self.rules_only.is_some()
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
