use std::borrow::Cow;

use init_core::{Activation, Layout};
use init_data::{Layer, LayerLaw, Matrix, NetworkError, Stack};
use init_kernels::Filler;
use init_model::{Entry, Plan, Recipe};

use crate::failure::{Failure, Outcome};

/// The chain of a plan's weights of two dimensions, in its order, with the biases of their names.
#[derive(Debug)]
pub(super) struct Planned {
    plan: Plan,
    sizes: Vec<usize>,
    layers: Vec<Place>,
    activation: Activation,
    slope: f64,
}

/// Where a layer's values stand in the plan.
#[derive(Debug)]
struct Place {
    weight: usize,
    bias: Option<usize>,
    /// Whether the weight lies as (inputs, outputs).
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
                    "{}: `{}` of shape {} takes {inputs} inputs, but `{name}` before it gives {given} outputs: only weights of two \
                     dimensions that follow on each other can be traced, or --depth and --width without a recipe",
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
            planned.layers.push(Place { weight, bias: bias(&planned.plan, &entry.name, outputs), transposed });
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

/// Whether the outputs of a weight of two dimensions lie along its second axis.
fn is_transposed(recipe: &Recipe, name: &str) -> bool {
    let rule = recipe.rules.iter().find(|rule| rule.matches(name));
    let layout = rule.and_then(|rule| rule.layout.as_ref()).or(recipe.layout.as_ref());
    let axis = layout.unwrap_or(&Layout::Torch).out_axis();
    axis.is_some_and(|axis| axis == 1 || axis == -1)
}

/// The vector of the same name with `bias` as its last word, if there is one that fits.
fn bias(plan: &Plan, weight: &str, outputs: usize) -> Option<usize> {
    let stem = weight.rfind('.').map_or("", |dot| &weight[..=dot]);
    let name = format!("{stem}bias");
    plan.entries().iter().position(|entry| entry.name == name && entry.shape.dims() == [outputs])
}

impl Stack for Planned {
    fn sizes(&self) -> Vec<usize> {
        self.sizes.clone()
    }

    fn layer(&self, index: usize) -> Result<Cow<'_, Layer>, NetworkError> {
        let entries = self.plan.entries();
        let place = &self.layers[index];
        let (inputs, outputs) = (self.sizes[index], self.sizes[index + 1]);
        let values = self.filled(&entries[place.weight])?;
        let (rows, columns) = if place.transposed { (inputs, outputs) } else { (outputs, inputs) };
        let weight = Matrix::new(rows, columns, values).expect("a plan's weight has as many values as its shape");
        let weight = if place.transposed { weight.transposed() } else { weight };
        let bias = place.bias.map_or_else(|| Ok(vec![0.0; outputs]), |bias| self.filled(&entries[bias]))?;
        let Self { activation, slope, .. } = *self;
        Ok(Cow::Owned(Layer { weight, bias, activation, slope }))
    }

    fn law(&self, index: usize) -> Option<LayerLaw> {
        let entries = self.plan.entries();
        let place = &self.layers[index];
        let bias = place.bias.map(|bias| &entries[bias].resolved);
        LayerLaw::of(&entries[place.weight].resolved, bias, self.activation, self.slope)
    }
}
