//! Rows of parameters: names, shapes and initializers as formulas, repeated over layers.

use std::sync::Arc;

use init_core::{DType, Layout, Shape};
use minijinja::Value;

use super::{
    error::{RecipeError, RecipeProblem},
    expression::{ExpressionError, Fields},
    formula::{Formula, Scope, Template, number},
    init::Init,
    location::Location,
    recipe::Parameter,
    rule::Rule,
};

/// The largest number of tensors; more are a mistake in a number of layers.
const MAX_TENSORS: usize = 1_000_000;

/// The largest number of repetitions, of which conditions may leave out most.
const MAX_REPETITIONS: u64 = 50_000_000;

/// A row of parameters.
pub(crate) struct Row {
    pub(crate) name: Template,
    pub(crate) when: Option<Formula>,
    /// Variables that the row is repeated over, the last one fastest: a number of times, or a list.
    pub(crate) repeat: Vec<(String, Formula)>,
    /// Values that the rest of the row and its inner rows may use.
    pub(crate) lets: Vec<(String, Formula)>,
    pub(crate) content: Content,
    pub(crate) location: Location,
}

/// The content of a row.
pub(crate) enum Content {
    /// Rows whose names continue that of this row.
    Rows(Vec<Row>),
    /// A parameter, or the weight and the bias of a module.
    Tensor(Box<Tensor>),
}

/// A parameter of a row, or the weight and the bias of a module.
pub(crate) struct Tensor {
    pub(crate) shape: Dims,
    /// Whether the row is a module with the parameters `weight` and, if this holds, `bias`.
    pub(crate) bias: Option<Formula>,
    pub(crate) init: Option<Init>,
    pub(crate) bias_init: Option<Init>,
    pub(crate) layout: Option<Layout>,
    pub(crate) dtype: Option<DType>,
    /// Whether it is a buffer, such as a running mean, which training does not change.
    pub(crate) buffer: bool,
}

/// The shape of a row.
pub(crate) enum Dims {
    /// A formula for each dimension.
    Each(Vec<Formula>),
    /// A formula for a list of dimensions.
    List(Formula),
}

/// The parameters of rows.
pub(crate) struct Expansion<'a> {
    /// The layout of the recipe, which says where the outputs are.
    layout: Layout,
    /// The location of the parameters; that of the row if there is none.
    location: Option<&'a Location>,
    pub(crate) parameters: Vec<Parameter>,
    /// The elements of buffers.
    pub(crate) buffers: u64,
    repetitions: u64,
}

impl<'a> Expansion<'a> {
    pub(crate) fn new(layout: Option<&Layout>, location: Option<&'a Location>) -> Self {
        let layout = layout.cloned().unwrap_or_default();
        Self { layout, location, parameters: Vec::new(), buffers: 0, repetitions: 0 }
    }

    /// Adds the parameters of rows.
    pub(crate) fn add(&mut self, rows: &[Row], scope: &Scope) -> Result<(), RecipeError> {
        self.rows(rows, scope, &Arc::default(), "")
    }

    fn rows(&mut self, rows: &[Row], scope: &Scope, variables: &Arc<Fields>, prefix: &str) -> Result<(), RecipeError> {
        rows.iter().try_for_each(|row| self.repeated(row, &row.repeat, scope, variables, prefix))
    }

    fn repeated(
        &mut self,
        row: &Row,
        repeat: &[(String, Formula)],
        scope: &Scope,
        variables: &Arc<Fields>,
        prefix: &str,
    ) -> Result<(), RecipeError> {
        let Some(((variable, formula), rest)) = repeat.split_first() else {
            return self.once(row, scope, variables, prefix);
        };
        let found = formula.evaluate(scope).map_err(|error| row.fail("repeat", error))?;
        let each = |this: &mut Self, value: Value| {
            this.repetitions += 1;
            if this.repetitions > MAX_REPETITIONS {
                return Err(row.error(RecipeProblem::TooMany { maximum: MAX_TENSORS }));
            }
            let mut inner = scope.inner();
            inner.set(variable, value);
            let variables = with(variables, &inner);
            this.repeated(row, rest, &inner, &variables, prefix)
        };
        if let Some(times) = found.is_integer().then(|| found.as_i64()).flatten() {
            (0..times).try_for_each(|index| each(self, index.into()))
        } else if found.kind() == minijinja::value::ValueKind::Seq {
            let values = found.try_iter().map_err(|_| row.fail("repeat", formula.fail("it is not a list")))?;
            values.into_iter().try_for_each(|value| each(self, value))
        } else {
            let reason = format!("it must be a number of times or a list, got {found}");
            Err(row.fail("repeat", formula.fail(&reason)))
        }
    }

    fn once(&mut self, row: &Row, scope: &Scope, variables: &Arc<Fields>, prefix: &str) -> Result<(), RecipeError> {
        let (mut own, mut own_variables);
        let (mut scope, mut variables) = (scope, variables);
        if !row.lets.is_empty() {
            own = scope.inner();
            for (name, formula) in &row.lets {
                let value = formula.evaluate(&own).map_err(|error| row.fail(name, error))?;
                own.set(name, value);
            }
            own_variables = with(variables, &own);
            (scope, variables) = (&own, &mut own_variables);
        }
        if let Some(when) = &row.when
            && !when.holds(scope).map_err(|error| row.fail("when", error))?
        {
            return Ok(());
        }
        let mut name = prefix.to_owned();
        row.name.write(scope, &mut name).map_err(|error| row.fail("name", error))?;
        match &row.content {
            Content::Rows(rows) => self.rows(rows, scope, variables, &name),
            Content::Tensor(tensor) => self.tensor(row, tensor, name, scope, variables),
        }
    }

    fn tensor(
        &mut self,
        row: &Row,
        tensor: &Tensor,
        name: String,
        scope: &Scope,
        variables: &Arc<Fields>,
    ) -> Result<(), RecipeError> {
        let dims = row.dims(&tensor.shape, scope, &name)?;
        let Some(bias) = &tensor.bias else {
            return self.push(row, tensor, name, &dims, tensor.init.as_ref(), variables);
        };
        let has_bias = bias.holds(scope).map_err(|error| row.fail("bias", error))?;
        self.push(row, tensor, format!("{name}.weight"), &dims, tensor.init.as_ref(), variables)?;
        if !has_bias {
            return Ok(());
        }
        let layout = tensor.layout.as_ref().unwrap_or(&self.layout);
        let axis = layout
            .out_axis()
            .and_then(|axis| if axis < 0 { dims.len().checked_add_signed(axis) } else { usize::try_from(axis).ok() });
        // A norm has one dimension, which is that of its bias.
        let outputs = axis.filter(|_| dims.len() > 1).and_then(|axis| dims.get(axis)).or(dims.first());
        let outputs = outputs.copied().unwrap_or(1);
        self.push(row, tensor, format!("{name}.bias"), &[outputs], tensor.bias_init.as_ref(), variables)
    }

    fn push(
        &mut self,
        row: &Row,
        tensor: &Tensor,
        name: String,
        dims: &[usize],
        init: Option<&Init>,
        variables: &Arc<Fields>,
    ) -> Result<(), RecipeError> {
        if self.parameters.len() == MAX_TENSORS {
            return Err(row.error(RecipeProblem::TooMany { maximum: MAX_TENSORS }));
        }
        let shape =
            Shape::new(dims).map_err(|source| row.error(RecipeProblem::Shape { name: name.clone(), source }))?;
        if tensor.buffer {
            self.buffers = self.buffers.saturating_add(shape.numel());
        }
        let rule = init.map(|init| {
            let mut rule = Rule::exact(row.name.as_str(), init.clone(), row.location.clone());
            rule.layout.clone_from(&tensor.layout);
            Arc::new(rule)
        });
        let location = self.location.unwrap_or(&row.location).clone();
        let variables = Arc::clone(variables);
        self.parameters.push(Parameter { name, shape, dtype: tensor.dtype, location, rule, variables });
        Ok(())
    }
}

/// Returns the variables with those of a scope.
fn with(variables: &Arc<Fields>, scope: &Scope) -> Arc<Fields> {
    let mut own = Fields::clone(variables);
    own.extend(scope.numbers().map(|(name, number)| (name.to_owned(), number)));
    Arc::new(own)
}

impl Row {
    fn dims(&self, dims: &Dims, scope: &Scope, name: &str) -> Result<Vec<usize>, RecipeError> {
        let dim = |value: &Value| {
            let found = number(value).filter(|_| value.is_integer()).filter(|&size| size >= 0.0);
            // A number beyond `usize` is too large for any shape.
            let size = found.map(|_| usize::try_from(value.clone()).unwrap_or(usize::MAX));
            size.ok_or_else(|| self.error(RecipeProblem::Dim { name: name.to_owned(), found: value.to_string() }))
        };
        let evaluate = |formula: &Formula| formula.evaluate(scope).map_err(|error| self.fail("shape", error));
        match dims {
            Dims::Each(formulas) => formulas.iter().map(|formula| dim(&evaluate(formula)?)).collect(),
            Dims::List(formula) => {
                let list = evaluate(formula)?;
                let not_a_list =
                    || self.fail("shape", formula.fail(&format!("it must be a list of sizes, got {list}")));
                if list.kind() != minijinja::value::ValueKind::Seq {
                    return Err(not_a_list());
                }
                list.try_iter().map_err(|_| not_a_list())?.map(|value| dim(&value)).collect()
            }
        }
    }

    fn fail(&self, key: &str, error: ExpressionError) -> RecipeError {
        self.error(RecipeProblem::Formula { key: key.to_owned(), error })
    }

    fn error(&self, problem: RecipeProblem) -> RecipeError {
        RecipeError { location: self.location.clone(), problem }
    }
}
