use super::parametrization::Parametrization;

/// Which of its sizes a weight has that grow with the width of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// From data of fixed size to the width: input layers, embeddings; also biases and norms, of fan_in 1.
    Input,
    /// From width to width.
    Hidden,
    /// From the width to a fixed size: logits, value heads.
    Output,
}

/// The optimizer that the learning rate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Optimizer {
    /// Adam, AdamW and others whose steps do not depend on the size of the gradient.
    #[default]
    Adam,
    /// Stochastic gradient descent, with or without momentum.
    Sgd,
}

/// μP, the parametrisation in which the best learning rate of a narrow model is that of a wide one.
///
/// Relative to a base model of the same shape: at its widths every factor is 1. Yang et al. 2022 (arXiv:2203.03466),
/// table 8, the form with a multiplier on the output:
///
/// | | std | forward | learning rate, Adam | learning rate, SGD |
/// |---|---|---|---|---|
/// | input, bias | σ / √fan_in | 1 | 1 | fan_out / base |
/// | hidden | σ / √fan_in | 1 | base / fan_in | 1 |
/// | output | σ / √(base fan_in) | base / fan_in | 1 | fan_in / base |
///
/// A decoupled weight decay is divided by the factor on the learning rate. Attention divides its logits
/// [by head](Self::attention) and not by √head.
///
/// ```
/// use init_core::scheme::{Mup, Optimizer, Role};
///
/// let hidden = Mup { role: Role::Hidden, fan_in: 4096, fan_out: 4096, base_fan_in: 256, base_fan_out: 256 };
/// let wide = hidden.parametrization(1.0, Optimizer::Adam);
/// assert_eq!(wide.initializer.to_string(), "normal(std=0.015625)"); // 1 / 64
/// assert_eq!((wide.learning_rate, wide.weight_decay, wide.forward), (1.0 / 16.0, 16.0, 1.0));
/// let output = Mup { role: Role::Output, fan_out: 10, base_fan_out: 10, ..hidden };
/// let wide = output.parametrization(1.0, Optimizer::Adam);
/// assert_eq!((wide.initializer.to_string(), wide.forward), ("normal(std=0.0625)".to_string(), 1.0 / 16.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mup {
    /// Which sizes grow.
    pub role: Role,
    /// The fan_in of this weight.
    pub fan_in: usize,
    /// The fan_out of this weight.
    pub fan_out: usize,
    /// The fan_in of the same weight in the base model.
    pub base_fan_in: usize,
    /// The fan_out of the same weight in the base model.
    pub base_fan_out: usize,
}

impl Mup {
    /// The initializer and the factors for `sigma`, the standard deviation times √fan_in at the base width.
    #[must_use]
    pub fn parametrization(&self, sigma: f64, optimizer: Optimizer) -> Parametrization {
        let [fan_in, fan_out, base_in, base_out] =
            [self.fan_in, self.fan_out, self.base_fan_in, self.base_fan_out].map(|fan| fan.max(1) as f64);
        let wider = fan_in / base_in;
        let std = |fan_in: f64| sigma / libm::sqrt(fan_in);
        let (std, forward, learning_rate) = match (self.role, optimizer) {
            (Role::Input, Optimizer::Adam) => (std(fan_in), 1.0, 1.0),
            (Role::Input, Optimizer::Sgd) => (std(fan_in), 1.0, fan_out / base_out),
            (Role::Hidden, Optimizer::Adam) => (std(fan_in), 1.0, 1.0 / wider),
            (Role::Hidden, Optimizer::Sgd) => (std(fan_in), 1.0, 1.0),
            (Role::Output, Optimizer::Adam) => (std(base_in), 1.0 / wider, 1.0),
            (Role::Output, Optimizer::Sgd) => (std(base_in), 1.0 / wider, wider),
        };
        Parametrization { forward, learning_rate, weight_decay: 1.0 / learning_rate, ..Parametrization::normal(std) }
    }

    /// The factor on q·k: √base / head, which is 1 / √head at the base size and falls as 1 / head.
    ///
    /// ```
    /// assert_eq!(init_core::scheme::Mup::attention(64, 64), 0.125);
    /// assert_eq!(init_core::scheme::Mup::attention(128, 64), 0.0625);
    /// ```
    #[must_use]
    pub fn attention(head: usize, base_head: usize) -> f64 {
        libm::sqrt(base_head.max(1) as f64) / head.max(1) as f64
    }
}
