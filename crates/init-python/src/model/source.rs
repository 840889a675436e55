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

use crate::{dtype, error, initializer};

/// Returns the path that an argument is: a string or an `os.PathLike`.
pub(crate) fn path(argument: &Bound<'_, PyAny>, name: &str) -> PyResult<PathBuf> {
    argument.extract().map_err(|_| {
        let given = argument.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        error::type_error(format!("{name} must be a path, a string or os.PathLike, got {given}"))
    })
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
            "parameter {name:?} must have a shape such as (256, 784), a pair of a shape and a dtype, or an array, got \
             {value}"
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

/// Returns a recipe of rules alone: from a path, or a mapping from globs to initializers.
pub(crate) fn rules(
    argument: &Bound<'_, PyAny>,
    fields: fanin::model::recipe::Fields,
) -> PyResult<fanin::model::Recipe> {
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

/// Returns a recipe without parameters and rules.
pub(crate) fn empty() -> fanin::model::Recipe {
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
