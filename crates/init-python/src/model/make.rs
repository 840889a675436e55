//! Recipes of models that are given in one of several ways, and the names of presets.

use pyo3::prelude::*;

use super::{recipe::Recipe, source};
use crate::error;

/// Returns the recipe of a model that is given in one of several ways; the command line has options of these names.
#[pyfunction]
#[pyo3(signature = (recipe, config, preset, like, parameters, rules))]
pub(crate) fn make_recipe(
    recipe: Option<&Bound<'_, PyAny>>,
    config: Option<&Bound<'_, PyAny>>,
    preset: Option<&str>,
    like: Option<&Bound<'_, PyAny>>,
    parameters: Option<&Bound<'_, PyAny>>,
    rules: Option<&Bound<'_, PyAny>>,
) -> PyResult<Recipe> {
    let given = [recipe.is_some(), config.is_some(), preset.is_some(), like.is_some(), parameters.is_some()];
    if given.iter().filter(|&&given| given).count() != 1 {
        return Err(error::type_error("give one of recipe, config, preset, like and parameters"));
    }
    let model = match (recipe, config, preset, like, parameters) {
        (Some(recipe), ..) => Recipe::read_argument(recipe)?,
        (_, Some(config), ..) => source::config(config)?.into_recipe(),
        (_, _, Some(name), ..) => fanin::model::preset(name).map_err(error::value)?,
        (.., Some(like), _) => fanin::model::Recipe { parameters: source::like(like)?, ..source::empty() },
        (.., parameters) => {
            let parameters = parameters.map(source::parameters).transpose()?;
            fanin::model::Recipe { parameters: parameters.unwrap_or_default(), ..source::empty() }
        }
    };
    let Some(rules) = rules else {
        if like.is_some() || parameters.is_some() {
            return Err(error::type_error("like and parameters have names and shapes alone; give rules too"));
        }
        return Ok(Recipe(model));
    };
    if recipe.is_some() || preset.is_some() {
        return Err(error::type_error(
            "a recipe or a preset has its own rules; give rules with config, like or parameters",
        ));
    }
    let mut rules = Recipe::rules(rules, model.fields)?;
    if !rules.parameters.is_empty() {
        return Err(error::value("the rules have parameters of their own; pass rules alone"));
    }
    rules.parameters = model.parameters;
    rules.family = model.family;
    rules.layout = rules.layout.or(model.layout);
    rules.dtype = rules.dtype.or(model.dtype);
    Ok(Recipe(rules))
}

/// Return the names of the published models that :meth:`Recipe.preset` knows.
///
/// Returns
/// -------
/// list of str
///
/// Examples
/// --------
/// >>> import fanin
/// >>> "gpt2" in fanin.presets()
/// True
#[pyfunction]
pub(crate) fn presets() -> Vec<&'static str> {
    fanin::model::PRESETS.to_vec()
}
