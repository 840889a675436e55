//! `Recipe`: the parameters of a model, and the rules that initialise them.

use fanin::model::preset;
use pyo3::{prelude::*, types::PyTuple};

use super::{overrides::overridden, plan::Plan, source};
use crate::error;

/// A recipe: the parameters of a model, and the rules that initialise them.
///
/// Made by :meth:`read`, :meth:`parse`, :meth:`of_config`, :meth:`preset` or :meth:`of`; immutable.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> text = '''
/// ... [parameters]
/// ... "fc.weight" = [256, 784]
/// ... [[rule]]
/// ... match = "*.weight"
/// ... init = "xavier_uniform"
/// ... '''
/// >>> plan = fanin.Recipe.parse(text).plan(seed=42)
/// >>> plan["fc.weight"].shape
/// (256, 784)
#[pyclass(frozen, module = "fanin")]
#[derive(Debug)]
pub(crate) struct Recipe(pub(crate) fanin::model::Recipe);

#[pymethods]
impl Recipe {
    /// Read a recipe from a TOML file.
    ///
    /// Parameters
    /// ----------
    /// path : str or os.PathLike
    ///
    /// Returns
    /// -------
    /// Recipe
    ///
    /// Raises
    /// ------
    /// OSError
    ///     If the file cannot be read.
    /// ValueError
    ///     If it is not a recipe; the message names the line.
    #[staticmethod]
    fn read(path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let recipe = fanin::model::Recipe::read(source::path(path, "path")?);
        Ok(Self(recipe.map_err(error::of_file)?))
    }

    /// Read a recipe from its text.
    ///
    /// Parameters
    /// ----------
    /// text : str
    /// origin : str, default "recipe"
    ///     The name of the text in messages.
    ///
    /// Returns
    /// -------
    /// Recipe
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     If the text is not a recipe; the message names the line.
    #[staticmethod]
    #[pyo3(signature = (text, origin="recipe"))]
    fn parse(text: &str, origin: &str) -> PyResult<Self> {
        Ok(Self(fanin::model::Recipe::parse(text, origin).map_err(error::value)?))
    }

    /// Return the recipe of a published model, from its ``config.json``.
    ///
    /// Parameters
    /// ----------
    /// config : str, os.PathLike or dict
    ///     The path of the file, or its contents.
    ///
    /// Returns
    /// -------
    /// Recipe
    ///     Names and shapes of the checkpoint, with the published initialisation.
    ///
    /// Raises
    /// ------
    /// OSError
    ///     If the file cannot be read.
    /// ValueError
    ///     If the family of the model is unknown, or a field is invalid.
    ///
    /// Examples
    /// --------
    /// >>> import fanin
    /// >>> config = {"model_type": "mlp", "sizes": [784, 300, 10], "bias": True}
    /// >>> list(fanin.Recipe.of_config(config).plan())
    /// ['0.weight', '0.bias', '2.weight', '2.bias']
    #[staticmethod]
    fn of_config(config: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(source::config(config)?.into_recipe()))
    }

    /// Return the recipe of a published model by name, such as ``"gpt2"``; ``fanin.presets()`` lists all.
    ///
    /// Parameters
    /// ----------
    /// name : str
    ///
    /// Returns
    /// -------
    /// Recipe
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     If the preset is unknown.
    ///
    /// Examples
    /// --------
    /// >>> import fanin
    /// >>> fanin.Recipe.preset("gpt2").plan().elements
    /// 124439808
    #[staticmethod]
    #[pyo3(name = "preset")]
    fn of_preset(name: &str) -> PyResult<Self> {
        Ok(Self(preset(name).map_err(error::value)?))
    }

    /// Return a recipe of parameters and rules in memory.
    ///
    /// Parameters
    /// ----------
    /// parameters : mapping
    ///     From names to shapes, to pairs of a shape and a dtype, or to arrays; only shapes and dtypes are read.
    /// rules : Recipe, str, os.PathLike or mapping
    ///     A recipe without parameters, its path, or a mapping from globs to initializers, or to pairs of an
    ///     initializer and a layout. The first glob that matches the whole name applies.
    ///
    /// Returns
    /// -------
    /// Recipe
    ///
    /// Examples
    /// --------
    /// >>> import fanin
    /// >>> recipe = fanin.Recipe.of({"w": (8, 4), "b": (8,)}, {"w": "orthogonal", "b": "zeros"})
    /// >>> recipe.plan()["b"].distribution.text
    /// 'constant(value=0)'
    #[staticmethod]
    #[pyo3(name = "of")]
    fn of_mapping(parameters: &Bound<'_, PyAny>, rules: &Bound<'_, PyAny>) -> PyResult<Self> {
        let parameters = source::parameters(parameters)?;
        let mut recipe = Self::rules(rules, Default::default())?;
        if !recipe.parameters.is_empty() {
            return Err(error::value("the rules have parameters of their own; pass rules alone"));
        }
        recipe.parameters = parameters;
        Ok(Self(recipe))
    }

    /// The seed, or ``None`` if the recipe names none.
    #[getter]
    fn seed(&self) -> Option<u64> {
        self.0.seed
    }

    /// The dtype of all parameters for which no rule names one, or ``None``.
    #[getter]
    fn dtype(&self) -> Option<&'static str> {
        self.0.dtype.map(fanin::DType::name)
    }

    /// The layout of rules without one, or ``None`` for PyTorch's.
    #[getter]
    fn layout(&self) -> Option<String> {
        self.0.layout.as_ref().map(ToString::to_string)
    }

    /// The family of a published model, such as ``"llama"``, or ``None``.
    #[getter]
    fn family(&self) -> Option<&str> {
        self.0.family.as_deref()
    }

    /// The parameters as pairs of a name and a shape, in order.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Vec<(&str, Bound<'py, PyTuple>)>> {
        let pair = |parameter: &'_ fanin::model::recipe::Parameter| PyTuple::new(py, parameter.shape.dims());
        self.0.parameters.iter().map(|parameter| Ok((parameter.name.as_str(), pair(parameter)?))).collect()
    }

    /// Give each parameter the first rule that matches it, and resolve that rule for its shape.
    ///
    /// Parameters
    /// ----------
    /// seed : int, optional
    ///     Stands above the recipe's; 0 if neither is given.
    /// dtype : str or dtype, optional
    ///     Of all parameters for which no rule names one; stands above the recipe's.
    /// layout : str, optional
    ///     Of all rules without one; stands above the recipe's.
    ///
    /// Returns
    /// -------
    /// Plan
    ///
    /// Raises
    /// ------
    /// ValueError
    ///     If a parameter has no rule, a rule no parameter, or an initializer does not fit a shape.
    #[pyo3(signature = (seed=None, *, dtype=None, layout=None))]
    fn plan(
        &self,
        seed: Option<&Bound<'_, PyAny>>,
        dtype: Option<&Bound<'_, PyAny>>,
        layout: Option<&str>,
    ) -> PyResult<Plan> {
        Plan::of(overridden(self.0.clone(), seed, dtype, layout)?)
    }

    fn __repr__(&self) -> String {
        let (parameters, rules) = (self.0.parameters.len(), self.0.rules.len());
        format!("<Recipe {:?}: {parameters} parameters, {rules} rules>", self.0.location.to_string())
    }
}

impl Recipe {
    /// Returns the recipe that an argument is: a `Recipe`, or the path of a recipe in TOML.
    pub(crate) fn read_argument(argument: &Bound<'_, PyAny>) -> PyResult<fanin::model::Recipe> {
        if let Ok(recipe) = argument.cast::<Self>() {
            return Ok(recipe.get().0.clone());
        }
        fanin::model::Recipe::read(source::path(argument, "recipe")?).map_err(error::of_file)
    }

    /// Returns the rules that an argument is: a `Recipe`, a path, or a mapping from globs to initializers.
    pub(crate) fn rules(
        argument: &Bound<'_, PyAny>,
        fields: fanin::model::recipe::Fields,
    ) -> PyResult<fanin::model::Recipe> {
        match argument.cast::<Self>() {
            Ok(recipe) => Ok(recipe.get().0.clone()),
            Err(_) => source::rules(argument, fields),
        }
    }
}
