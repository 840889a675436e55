//! The model of a function: a recipe, a configuration, a preset, a file's names and shapes, or a mapping.

use std::path::PathBuf;

use fanin::{
    Layout, Shape,
    model::{
        Config, Header,
        recipe::{Location, Parameter, Pattern, Rule},
    },
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyMapping, PyTuple},
};

use super::recipe::Recipe;
use crate::{dtype, error, initializer};

/// Returns the path that an argument is: a string or an `os.PathLike`.
pub(crate) fn path(argument: &Bound<'_, PyAny>, name: &str) -> PyResult<PathBuf> {
    argument.extract().map_err(|_| {
        let given = argument.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        error::type_error(format!("{name} must be a path, a string or os.PathLike, got {given}"))
    })
}

/// Returns the recipe that an argument is: a `Recipe`, or the path of a recipe in TOML.
pub(crate) fn recipe(argument: &Bound<'_, PyAny>) -> PyResult<fanin::model::Recipe> {
    if let Ok(recipe) = argument.cast::<Recipe>() {
        return Ok(recipe.get().0.clone());
    }
    fanin::model::Recipe::read(path(argument, "recipe")?).map_err(error::of_file)
}

/// Returns the configuration that an argument is: a `dict`, or the path of a `config.json`.
pub(crate) fn config(argument: &Bound<'_, PyAny>) -> PyResult<Config> {
    if argument.is_instance_of::<PyDict>() {
        let json = argument.py().import("json")?;
        let text: String = json.call_method1("dumps", (argument,))?.extract()?;
        return Config::parse(&text, "config").map_err(error::value);
    }
    Config::read(path(argument, "config")?).map_err(error::of_file)
}

/// Returns the names, shapes and dtypes of a model file, as parameters of a recipe.
pub(crate) fn like(argument: &Bound<'_, PyAny>) -> PyResult<Vec<Parameter>> {
    let path = path(argument, "like")?;
    Header::read(&path).map_err(error::of_file)?.parameters(&path.display().to_string()).map_err(error::value)
}

/// Returns the parameters of a mapping from names to shapes, `(shape, dtype)` pairs or arrays.
pub(crate) fn parameters(argument: &Bound<'_, PyAny>) -> PyResult<Vec<Parameter>> {
    let mapping = argument.cast::<PyMapping>().map_err(|_| {
        error::type_error("parameters must be a mapping from names to shapes, (shape, dtype) pairs or arrays")
    })?;
    mapping
        .items()?
        .iter()
        .map(|item| {
            let (name, value): (String, Bound<'_, PyAny>) = item.extract()?;
            parameter(name, &value)
        })
        .collect()
}

fn parameter(name: String, value: &Bound<'_, PyAny>) -> PyResult<Parameter> {
    let wrong = || {
        let message = format!(
            "parameter {name:?} must have a shape such as (256, 784), a pair of a shape and a dtype, or an array, got {value}"
        );
        error::type_error(message)
    };
    let (shape, dtype) = if let (Some(shape), Some(dtype)) = (value.getattr_opt("shape")?, value.getattr_opt("dtype")?)
    {
        (shape.try_iter()?.map(|size| size?.extract()).collect::<PyResult<Vec<usize>>>()?, Some(dtype::read(&dtype)?))
    } else if let Ok(shape) = value.extract::<Vec<usize>>() {
        (shape, None)
    } else if let Ok((shape, dtype)) = value.extract::<(Vec<usize>, Bound<'_, PyAny>)>() {
        (shape, Some(dtype::read(&dtype)?))
    } else {
        return Err(wrong());
    };
    let shape = Shape::new(shape).map_err(error::value)?;
    Ok(Parameter { name, shape, dtype, location: Location::of("parameters") })
}

/// Returns a recipe of rules alone: a `Recipe`, a path, or a mapping from globs to initializers.
pub(crate) fn rules(
    argument: &Bound<'_, PyAny>,
    fields: fanin::model::recipe::Fields,
) -> PyResult<fanin::model::Recipe> {
    if let Ok(recipe) = argument.cast::<Recipe>() {
        return Ok(recipe.get().0.clone());
    }
    let Ok(mapping) = argument.cast::<PyMapping>() else {
        return fanin::model::Recipe::read_with(path(argument, "rules")?, fields).map_err(error::of_file);
    };
    let rules = mapping.items()?.iter().map(|item| {
        let (glob, value): (String, Bound<'_, PyAny>) = item.extract()?;
        rule(&glob, &value)
    });
    Ok(fanin::model::Recipe { rules: rules.collect::<PyResult<_>>()?, fields, ..empty() })
}

/// A rule of a mapping: its value is an initializer, or a pair of an initializer and a layout.
fn rule(glob: &str, value: &Bound<'_, PyAny>) -> PyResult<Rule> {
    let (initializer, layout) = match value.cast::<PyTuple>() {
        Ok(pair) => {
            let (initializer, layout): (Bound<'_, PyAny>, String) = pair.extract()?;
            (initializer, Some(layout.parse::<Layout>().map_err(error::value)?))
        }
        Err(_) => (value.clone(), None),
    };
    let pattern = Pattern::glob(glob).map_err(error::value)?;
    Ok(Rule::of(pattern, initializer::read(&initializer)?, layout, Location::of(&format!("rule {glob:?}"))))
}

fn empty() -> fanin::model::Recipe {
    fanin::model::Recipe {
        seed: None,
        dtype: None,
        layout: None,
        parameters: Vec::new(),
        rules: Vec::new(),
        skip: Vec::new(),
        multipliers: Default::default(),
        fields: Default::default(),
        family: None,
        location: Location::of("rules"),
    }
}

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
        (Some(recipe), ..) => self::recipe(recipe)?,
        (_, Some(config), ..) => self::config(config)?.into_recipe(),
        (_, _, Some(name), ..) => fanin::model::preset(name).map_err(error::value)?,
        (.., Some(like), _) => fanin::model::Recipe { parameters: self::like(like)?, ..empty() },
        (.., parameters) => {
            let parameters = parameters.map(self::parameters).transpose()?;
            fanin::model::Recipe { parameters: parameters.unwrap_or_default(), ..empty() }
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
    let mut rules = self::rules(rules, model.fields)?;
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
