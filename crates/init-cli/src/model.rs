use std::path::PathBuf;

use clap::Args;
use init_core::DType;
use init_model::{Header, Recipe, preset};

use crate::failure::{Failure, Outcome};

/// Which model a command is about.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Source {
    /// The recipe: parameters and rules, in TOML
    #[arg(value_name = "RECIPE.toml")]
    pub(crate) recipe: Option<PathBuf>,

    /// A published model instead of a recipe: gpt2
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,

    /// Names, shapes and dtypes of an existing safetensors file instead of a recipe's [parameters]
    #[arg(long, value_name = "MODEL.safetensors", requires = "rules")]
    pub(crate) like: Option<PathBuf>,
}

impl Source {
    /// The recipe, before any option is laid over it.
    pub(crate) fn recipe(&self, rules: Option<&PathBuf>) -> Outcome<Recipe> {
        // clap drops a `requires` that would need a second member of the group.
        if rules.is_some() && self.like.is_none() {
            let message =
                "--rules goes with --like, which gives names and shapes; a recipe or a preset has its own rules";
            return Err(Failure::input(message));
        }
        match (&self.recipe, &self.preset, &self.like, rules) {
            (Some(path), ..) => Ok(Recipe::read(path)?),
            (None, Some(name), ..) => Ok(preset(name)?),
            (None, None, Some(like), Some(rules)) => {
                let mut recipe = Recipe::read(rules)?;
                if let Some(parameter) = recipe.parameters.first() {
                    return Err(Failure::input(format_args!(
                        "{}: [parameters] cannot stand beside --like, which gives names and shapes; \
                         remove the table or --like",
                        parameter.place
                    )));
                }
                recipe.parameters = Header::read(like)?.parameters(&like.display().to_string())?;
                Ok(recipe)
            }
            _ => Err(Failure::input("no model: give a recipe, --preset, or --like with --rules")),
        }
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
