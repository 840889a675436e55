//! The parameters and rules of a model, while a family lists them.

use init_core::{DType, Initializer, Layout, Shape};

use super::error::ConfigProblem;
use crate::recipe::{
    expression::Fields,
    location::Location,
    recipe::{Parameter, Recipe},
    rule::Rule,
};

/// The largest number of tensors; more are a mistake in a number of layers.
const MAX_TENSORS: usize = 1_000_000;

/// The parameters and rules of a model, while a family lists them.
pub(super) struct Table {
    /// The layout of shapes.
    pub(super) layout: Option<Layout>,
    location: Location,
    parameters: Vec<Parameter>,
    rules: Vec<Rule>,
    buffers: u64,
}

impl Table {
    pub(super) fn new(location: Location) -> Self {
        Self { layout: None, location, parameters: Vec::new(), rules: Vec::new(), buffers: 0 }
    }

    pub(super) fn add(&mut self, name: impl Into<String>, dims: &[usize]) -> Result<(), ConfigProblem> {
        let name = name.into();
        if self.parameters.len() == MAX_TENSORS {
            return Err(ConfigProblem::TooMany { maximum: MAX_TENSORS });
        }
        match Shape::new(dims) {
            Ok(shape) => {
                self.parameters.push(Parameter { name, shape, dtype: None, location: self.location.clone() });
                Ok(())
            }
            Err(source) => Err(ConfigProblem::Shape { name, source }),
        }
    }

    /// Adds a `torch.nn.Linear`: a weight (out, in), and a bias if it has one.
    pub(super) fn linear(&mut self, name: &str, out: usize, inputs: usize, bias: bool) -> Result<(), ConfigProblem> {
        self.add(format!("{name}.weight"), &[out, inputs])?;
        if bias { self.add(format!("{name}.bias"), &[out]) } else { Ok(()) }
    }

    /// Adds the weight and bias of a norm.
    pub(super) fn norm(&mut self, name: &str, width: usize) -> Result<(), ConfigProblem> {
        self.add(format!("{name}.weight"), &[width])?;
        self.add(format!("{name}.bias"), &[width])
    }

    /// Adds a batch norm with its running statistics.
    pub(super) fn batch_norm(&mut self, name: &str, width: usize) -> Result<(), ConfigProblem> {
        self.norm(name, width)?;
        self.add(format!("{name}.running_mean"), &[width])?;
        self.add(format!("{name}.running_var"), &[width])?;
        self.buffers += 2 * width as u64;
        Ok(())
    }

    /// Adds a rule. The first rule that matches a parameter applies; rules that no parameter needs
    /// are dropped at the end.
    pub(super) fn rule(&mut self, pattern: &str, initializer: Initializer) {
        let rule = Rule::new(pattern, initializer, None, self.location.clone());
        self.rules.push(rule.expect("the families' patterns are globs"));
    }

    /// Adds a rule for a table of embeddings, if one of its rows is zero.
    pub(super) fn padded(&mut self, pattern: &str, initializer: Initializer, padding: Option<isize>) {
        if let Some(padding_idx) = padding {
            self.rule(pattern, Initializer::Embedding { padding_idx, init: Some(Box::new(initializer)) });
        }
    }

    /// Adds the rules of batch norms of these names.
    pub(super) fn batch_norm_rules(&mut self, norms: &str) {
        self.rule(&format!("{norms}.weight"), Initializer::Ones);
        self.rule(&format!("{norms}.{{bias,running_mean}}"), Initializer::Zeros);
        self.rule(&format!("{norms}.running_var"), Initializer::Ones);
    }

    /// Adds the rules of `torch.nn.Linear`: U(±1/√fan_in) for weight and bias.
    pub(super) fn torch_linear_rules(&mut self, name: &str, inputs: usize) {
        let mode = init_core::Mode::FanIn;
        let nonlinearity = init_core::Nonlinearity::LeakyRelu;
        let bound = 1.0 / (inputs as f64).sqrt();
        self.rule(&format!("{name}.weight"), Initializer::KaimingUniform { a: 5.0_f64.sqrt(), mode, nonlinearity });
        self.rule(&format!("{name}.bias"), Initializer::Uniform { low: -bound, high: bound });
    }

    /// Returns the number of values of parameters, and of buffers.
    pub(super) fn elements(&self) -> (u64, u64) {
        let all = self.parameters.iter().fold(0u64, |sum, parameter| sum.saturating_add(parameter.shape.numel()));
        (all - self.buffers, self.buffers)
    }

    /// Returns the recipe of these parameters and rules.
    pub(super) fn recipe(mut self, family: &str, dtype: Option<DType>, fields: Fields) -> Recipe {
        let mut taken = vec![false; self.rules.len()];
        for parameter in &self.parameters {
            if let Some(index) = self.rules.iter().position(|rule| rule.matches(&parameter.name)) {
                taken[index] = true;
            }
        }
        let mut taken = taken.into_iter();
        self.rules.retain(|_| taken.next() == Some(true));
        let Self { layout, location, parameters, rules, .. } = self;
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
            location,
        }
    }
}

/// Returns N(0, std²).
pub(super) fn normal(std: f64) -> Initializer {
    Initializer::Normal { mean: 0.0, std }
}
