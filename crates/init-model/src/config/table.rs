use init_core::{DType, Initializer, Layout, Shape};

use super::error::ConfigProblem;
use crate::{
    expression::Fields,
    place::Place,
    recipe::{Parameter, Recipe},
    rule::Rule,
};

/// More tensors than this are a mistake in a number of layers.
pub(super) const MAX_TENSORS: usize = 1_000_000;

/// The parameters and rules of a model, while they are listed.
pub(super) struct Table {
    /// How shapes are read where a rule says nothing else.
    pub(super) layout: Option<Layout>,
    place: Place,
    parameters: Vec<Parameter>,
    rules: Vec<Rule>,
    buffers: u64,
}

impl Table {
    pub(super) fn new(place: Place) -> Self {
        Self { layout: None, place, parameters: Vec::new(), rules: Vec::new(), buffers: 0 }
    }

    pub(super) fn add(&mut self, name: impl Into<String>, dims: &[usize]) -> Result<(), ConfigProblem> {
        let name = name.into();
        if self.parameters.len() == MAX_TENSORS {
            return Err(ConfigProblem::TooMany);
        }
        match Shape::new(dims) {
            Ok(shape) => {
                self.parameters.push(Parameter { name, shape, dtype: None, place: self.place.clone() });
                Ok(())
            }
            Err(source) => Err(ConfigProblem::Shape { name, source }),
        }
    }

    /// torch's `Linear`: (out, in), and a bias if it has one.
    pub(super) fn linear(&mut self, name: &str, out: usize, inputs: usize, bias: bool) -> Result<(), ConfigProblem> {
        self.add(format!("{name}.weight"), &[out, inputs])?;
        if bias { self.add(format!("{name}.bias"), &[out]) } else { Ok(()) }
    }

    /// A norm's factor and shift.
    pub(super) fn norm(&mut self, name: &str, width: usize) -> Result<(), ConfigProblem> {
        self.add(format!("{name}.weight"), &[width])?;
        self.add(format!("{name}.bias"), &[width])
    }

    /// A batch norm, with the statistics that it keeps.
    pub(super) fn batch_norm(&mut self, name: &str, width: usize) -> Result<(), ConfigProblem> {
        self.norm(name, width)?;
        self.add(format!("{name}.running_mean"), &[width])?;
        self.add(format!("{name}.running_var"), &[width])?;
        self.buffers += 2 * width as u64;
        Ok(())
    }

    /// What the parameters get that match here first. A rule that none needs is dropped at the end.
    pub(super) fn rule(&mut self, pattern: &str, initializer: Initializer) {
        let rule = Rule::new(pattern, initializer, None, self.place.clone());
        self.rules.push(rule.expect("the families' patterns are globs"));
    }

    /// `rule` for a table of embeddings, of whose rows one may be zero.
    pub(super) fn padded(&mut self, pattern: &str, initializer: Initializer, padding: Option<isize>) {
        if let Some(padding_idx) = padding {
            self.rule(pattern, Initializer::Embedding { padding_idx, init: Some(Box::new(initializer)) });
        }
    }

    /// The rules of batch norms, of these names.
    pub(super) fn batch_norm_rules(&mut self, norms: &str) {
        self.rule(&format!("{norms}.weight"), Initializer::Ones);
        self.rule(&format!("{norms}.{{bias,running_mean}}"), Initializer::Zeros);
        self.rule(&format!("{norms}.running_var"), Initializer::Ones);
    }

    /// The rules of torch's `Linear`, as it is made: U(±1/√fan_in), the bias too.
    pub(super) fn torch_linear_rules(&mut self, name: &str, inputs: usize) {
        let mode = init_core::Mode::FanIn;
        let nonlinearity = init_core::Nonlinearity::LeakyRelu;
        let bound = 1.0 / (inputs as f64).sqrt();
        self.rule(&format!("{name}.weight"), Initializer::KaimingUniform { a: 5.0_f64.sqrt(), mode, nonlinearity });
        self.rule(&format!("{name}.bias"), Initializer::Uniform { low: -bound, high: bound });
    }

    /// The values of parameters, and those of buffers.
    pub(super) fn elements(&self) -> (u64, u64) {
        let all = self.parameters.iter().fold(0u64, |sum, parameter| sum.saturating_add(parameter.shape.numel()));
        (all - self.buffers, self.buffers)
    }

    pub(super) fn recipe(mut self, family: &str, dtype: Option<DType>, fields: Fields) -> Recipe {
        let mut taken = vec![false; self.rules.len()];
        for parameter in &self.parameters {
            if let Some(index) = self.rules.iter().position(|rule| rule.matches(&parameter.name)) {
                taken[index] = true;
            }
        }
        let mut taken = taken.into_iter();
        self.rules.retain(|_| taken.next() == Some(true));
        let Self { layout, place, parameters, rules, .. } = self;
        Recipe {
            seed: None,
            dtype,
            layout,
            parameters,
            rules,
            skip: Vec::new(),
            multipliers: Fields::new(),
            fields,
            family: Some(family.to_owned()),
            place,
        }
    }
}

/// N(0, std²).
pub(super) fn normal(std: f64) -> Initializer {
    Initializer::Normal { mean: 0.0, std }
}
