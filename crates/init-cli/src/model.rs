use std::path::{Path, PathBuf};

use clap::Args;
use init_core::DType;
use init_model::{Config, Header, Recipe, preset};

use crate::{
    failure::{Failure, Outcome},
    layout::LayoutOptions,
};

/// Which model a command is about, the recipe first.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Source {
    /// The recipe: parameters and rules, in TOML
    #[arg(value_name = "RECIPE.toml")]
    recipe: Option<PathBuf>,

    /// A published model's config.json instead of a recipe: GPT-2, Llama, Mistral, Mixtral, Qwen 2 and 3, BERT, ViT, ResNet
    #[arg(long, value_name = "CONFIG.json")]
    config: Option<PathBuf>,

    /// A published model by its name instead of a recipe, such as gpt2; `fanin presets` lists them
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// Names, shapes and dtypes of an existing file (safetensors, .npy, .npz, .gguf) instead of a recipe's [parameters]
    #[arg(long, value_name = "MODEL.safetensors", requires = "rules")]
    like: Option<PathBuf>,
}

impl Source {
    fn model(&self) -> Model<'_> {
        let Self { recipe, config, preset, like } = self;
        Model { recipe: recipe.as_deref(), config: config.as_deref(), preset: preset.as_deref(), like: like.as_deref() }
    }
}

/// Which model made a file, as it was given to `init`.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct MadeFrom {
    /// The recipe or the rules that made it
    #[arg(long, value_name = "RECIPE.toml")]
    recipe: Option<PathBuf>,

    /// The config.json that made it
    #[arg(long, value_name = "CONFIG.json")]
    config: Option<PathBuf>,

    /// The preset that made it; `fanin presets` lists them
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// The file whose names, shapes and dtypes it has
    #[arg(long, value_name = "MODEL.safetensors", requires = "rules")]
    like: Option<PathBuf>,
}

impl MadeFrom {
    fn model(&self) -> Model<'_> {
        let Self { recipe, config, preset, like } = self;
        Model { recipe: recipe.as_deref(), config: config.as_deref(), preset: preset.as_deref(), like: like.as_deref() }
    }

    /// What a message calls it.
    pub(crate) fn name(&self) -> String {
        match self.model() {
            Model { preset: Some(name), .. } => format!("preset {name}"),
            Model { recipe, config, like, .. } => {
                recipe.or(config).or(like).map(|path| path.display().to_string()).unwrap_or_default()
            }
        }
    }

    /// The recipe, if there is one. One of rules alone is for the file's own names and shapes.
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

/// The one of the ways to name a model that was taken.
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

    /// The recipe, before any option is laid over it.
    fn recipe(&self, rules: Option<&Path>) -> Outcome<Recipe> {
        // clap drops a `requires` that would need a second member of the group.
        if rules.is_some() && self.like.is_none() && self.config.is_none() {
            let message = "--rules goes with --like or --config, which give names and shapes; a recipe or a preset has its \
                           own rules";
            return Err(Failure::input(message));
        }
        match (self.recipe, self.config, self.preset, self.like, rules) {
            (Some(path), ..) => Ok(Recipe::read(path)?),
            (_, Some(path), .., None) => Ok(Config::read(path)?.into_recipe()),
            (_, Some(path), .., Some(rules)) => {
                let model = Config::read(path)?.into_recipe();
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

/// A recipe that leaves the parameters to an option.
fn rules_alone(recipe: Recipe, option: &str) -> Outcome<Recipe> {
    match recipe.parameters.first() {
        None => Ok(recipe),
        Some(parameter) => Err(Failure::input(format_args!(
            "{}: [parameters] cannot stand beside {option}, which gives names and shapes; remove the table or {option}",
            parameter.place
        ))),
    }
}

/// What is laid over a model.
#[derive(Debug, Args)]
pub(crate) struct Overlay {
    /// The recipe whose rules are for the tensors of --like or --config, whose fields its formulas may name; it has no [parameters]
    #[arg(long, value_name = "RECIPE.toml")]
    pub(crate) rules: Option<PathBuf>,

    /// The seed of every stream [default: the recipe's, or 0; for `verify`, the file's own]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,

    /// f32, f64, bf16 or f16 [default: the recipe's or configuration's, the file's of --like, or f32]
    #[arg(long, value_name = "DTYPE", value_parser = dtype)]
    dtype: Option<DType>,

    #[command(flatten)]
    layout: LayoutOptions,
}

impl Overlay {
    /// The recipe of a model, with the options over it.
    pub(crate) fn recipe(&self, source: &Source) -> Outcome<Recipe> {
        self.over(source.model().recipe(self.rules.as_deref())?)
    }

    pub(crate) fn over(&self, mut recipe: Recipe) -> Outcome<Recipe> {
        recipe.seed = self.seed.or(recipe.seed);
        recipe.dtype = self.dtype.or(recipe.dtype);
        recipe.layout = self.layout.layout()?.or(recipe.layout);
        Ok(recipe)
    }
}

/// For clap, whose own parser of numbers does not say what would do.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("it is a whole number from 0 to {}", u64::MAX))
}

/// For clap, which knows nothing of our types.
pub(crate) fn dtype(text: &str) -> Result<DType, String> {
    text.parse().map_err(|error: <DType as std::str::FromStr>::Err| error.to_string())
}
