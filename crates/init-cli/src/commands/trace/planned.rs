//! The layers of a recipe's plan, to be traced.

use std::borrow::Cow;

use init_core::{Activation, Layout};
use init_data::{Layer, LayerMoments, LayerSource, Matrix, NetworkError};
use init_kernels::Filler;
use init_model::{Entry, Plan, Recipe};

use crate::failure::{Failure, Outcome};

/// The chain of a plan's two-dimensional weights, in the order of the plan, with their biases.
#[derive(Debug)]
pub(super) struct Planned {
    plan: Plan,
    sizes: Vec<usize>,
    layers: Vec<Parameters>,
    activation: Activation,
    slope: f64,
}

/// The indices of a layer's parameters in the plan.
#[derive(Debug)]
struct Parameters {
    weight: usize,
    bias: Option<usize>,
    /// Whether the shape of the weight is (inputs, outputs).
    transposed: bool,
}

impl Planned {
    pub(super) fn new(recipe: &Recipe, activation: Activation, slope: f64) -> Outcome<Self> {
        let plan = recipe.plan()?;
        let mut planned = Self { sizes: Vec::new(), layers: Vec::new(), activation, slope, plan };
        let mut before = None;
        for (weight, entry) in planned.plan.entries().iter().enumerate() {
            let &[rows, columns] = entry.shape.dims() else { continue };
            let transposed = is_transposed(recipe, &entry.name);
            let (inputs, outputs) = if transposed { (rows, columns) } else { (columns, rows) };
            if let Some((name, given)) = before.as_ref().filter(|(_, given)| *given != inputs) {
                return Err(Failure::input(format_args!(
                    "{}: `{}` of shape {} takes {inputs} inputs, but `{name}` before it has {given} outputs; only a \
                     chain of two-dimensional weights can be traced, or --depth and --width without a recipe",
                    recipe.location,
                    entry.name.escape_debug(),
                    entry.shape,
                )));
            }
            if before.is_none() {
                planned.sizes.push(inputs);
            }
            planned.sizes.push(outputs);
            before = Some((entry.name.escape_debug().to_string(), outputs));
            planned.layers.push(Parameters { weight, bias: bias(&planned.plan, &entry.name, outputs), transposed });
        }
        if planned.layers.is_empty() {
            return Err(Failure::input(format_args!(
                "{}: no parameter has two dimensions, so there is no layer to trace",
                recipe.location
            )));
        }
        Ok(planned)
    }

    fn filled(&self, entry: &Entry) -> Result<Vec<f32>, NetworkError> {
        let mut values = vec![0f32; entry.shape.numel() as usize];
        self.plan.fill_at(&mut values, 0, entry, Filler::new())?;
        Ok(values)
    }
}

/// Whether the second axis of a two-dimensional weight is that of its outputs.
fn is_transposed(recipe: &Recipe, name: &str) -> bool {
    let rule = recipe.rules.iter().find(|rule| rule.matches(name));
    let layout = rule.and_then(|rule| rule.layout.as_ref()).or(recipe.layout.as_ref());
    let axis = layout.unwrap_or(&Layout::Torch).out_axis();
    axis.is_some_and(|axis| axis == 1 || axis == -1)
}

/// Returns the index of the vector with the weight's name, but ending in `bias`, if it has the
/// right size.
fn bias(plan: &Plan, weight: &str, outputs: usize) -> Option<usize> {
    let stem = weight.rfind('.').map_or("", |dot| &weight[..=dot]);
    let name = format!("{stem}bias");
    plan.entries().iter().position(|entry| entry.name == name && entry.shape.dims() == [outputs])
}

impl LayerSource for Planned {
    fn sizes(&self) -> Vec<usize> {
        self.sizes.clone()
    }

    fn layer(&self, index: usize) -> Result<Cow<'_, Layer>, NetworkError> {
        let entries = self.plan.entries();
        let parameters = &self.layers[index];
        let (inputs, outputs) = (self.sizes[index], self.sizes[index + 1]);
        let values = self.filled(&entries[parameters.weight])?;
        let (rows, columns) = if parameters.transposed { (inputs, outputs) } else { (outputs, inputs) };
        let weight = Matrix::new(rows, columns, values).expect("a plan's weight has as many values as its shape");
        let weight = if parameters.transposed { weight.transposed() } else { weight };
        let bias = parameters.bias.map_or_else(|| Ok(vec![0.0; outputs]), |bias| self.filled(&entries[bias]))?;
        let Self { activation, slope, .. } = *self;
        Ok(Cow::Owned(Layer { weight, bias, activation, slope }))
    }

    fn moments(&self, index: usize) -> Option<LayerMoments> {
        let entries = self.plan.entries();
        let parameters = &self.layers[index];
        let bias = parameters.bias.map(|bias| &entries[bias].resolved);
        LayerMoments::of(&entries[parameters.weight].resolved, bias, self.activation, self.slope)
    }
}
