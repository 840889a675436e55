//! μP, the maximal update parametrisation.

use super::parametrization::{Multipliers, Parametrization, divisor};
use crate::{shape::fan::Fans, word::words};

words! {
    /// The sizes of a weight that grow with the width of the model.
    #[derive(Default)]
    Role, "role", {
        /// From data of fixed size to the width: input layers, embeddings; also biases and norms,
        /// with fan_in 1.
        Input = "input",
        /// From width to width.
        #[default]
        Hidden = "hidden",
        /// From the width to a fixed size: logits, value heads.
        Output = "output",
    }
}

words! {
    /// The optimizer that the learning rate is for.
    #[derive(Default)]
    Optimizer, "optimizer", {
        /// Adam, AdamW and others whose steps do not depend on the size of the gradient.
        #[default]
        Adam = "adam",
        /// Stochastic gradient descent, with or without momentum.
        Sgd = "sgd",
    }
}

/// μP, the parametrisation in which the best learning rate is the same at every width.
///
/// It is relative to a base model of the same architecture: at its widths every factor is 1. Yang
/// et al. 2022 (arXiv:2203.03466), table 8, the form with a multiplier on the output:
///
/// | | std | forward | learning rate, Adam | learning rate, SGD |
/// |---|---|---|---|---|
/// | input, bias | σ / √fan_in | 1 | 1 | fan_out / base |
/// | hidden | σ / √fan_in | 1 | base / fan_in | 1 |
/// | output | σ / √(base fan_in) | base / fan_in | 1 | fan_in / base |
///
/// A decoupled weight decay is divided by the factor on the learning rate. Attention divides its
/// logits [by head](Self::attention) and not by √head.
///
/// ```
/// use init_core::Fans;
/// use init_core::scheme::{Mup, Optimizer, Role};
///
/// let [fans, base] = [4096.0, 256.0].map(|width| Fans { fan_in: width, fan_out: width });
/// let hidden = Mup { role: Role::Hidden, fans, base };
/// let wide = hidden.parametrization(1.0, Optimizer::Adam);
/// assert_eq!(wide.initializer.to_string(), "normal(std=0.015625)"); // 1 / 64
/// let found = wide.multipliers;
/// assert_eq!((found.learning_rate, found.weight_decay, found.forward), (1.0 / 16.0, 16.0, 1.0));
///
/// let wide = Mup { role: Role::Output, ..hidden }.parametrization(1.0, Optimizer::Adam);
/// assert_eq!(wide.initializer.to_string(), "normal(std=0.0625)");
/// assert_eq!(wide.multipliers.forward, 1.0 / 16.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mup {
    /// The role of the weight.
    pub role: Role,
    /// The fans of this weight.
    pub fans: Fans,
    /// The fans of the same weight in the base model.
    pub base: Fans,
}

impl Mup {
    /// Returns the initializer and the factors for `sigma`, the standard deviation times √fan_in at
    /// the base width.
    #[must_use]
    pub fn parametrization(&self, sigma: f64, optimizer: Optimizer) -> Parametrization {
        Parametrization::normal(self.std_for(sigma), self.multipliers(optimizer))
    }

    /// Returns the standard deviation for `sigma`.
    pub(super) fn std_for(&self, sigma: f64) -> f64 {
        let fan_in = match self.role {
            Role::Input | Role::Hidden => self.fans.fan_in,
            Role::Output => self.base.fan_in,
        };
        sigma / libm::sqrt(divisor(fan_in))
    }

    /// Returns the standard deviation of a weight that has `std` in the base model.
    ///
    /// ```
    /// use init_core::Fans;
    /// use init_core::scheme::{Mup, Role};
    ///
    /// let [fans, base] = [1024.0, 256.0].map(|width| Fans { fan_in: width, fan_out: width });
    /// assert_eq!(Mup { role: Role::Hidden, fans, base }.std(0.02), 0.01);
    /// assert_eq!(Mup { role: Role::Output, fans, base }.std(0.02), 0.02);
    /// ```
    #[must_use]
    pub fn std(&self, std: f64) -> f64 {
        match self.role {
            Role::Hidden => std * libm::sqrt(divisor(self.base.fan_in) / divisor(self.fans.fan_in)),
            Role::Input | Role::Output => std,
        }
    }

    /// Returns the factors alone.
    #[must_use]
    pub fn multipliers(&self, optimizer: Optimizer) -> Multipliers {
        let [fan_in, base_in, fan_out, base_out] =
            [self.fans.fan_in, self.base.fan_in, self.fans.fan_out, self.base.fan_out].map(divisor);
        let wider = fan_in / base_in;
        let learning_rate = match (self.role, optimizer) {
            (Role::Input, Optimizer::Sgd) => fan_out / base_out,
            (Role::Hidden, Optimizer::Adam) => 1.0 / wider,
            (Role::Output, Optimizer::Sgd) => wider,
            _ => 1.0,
        };
        let forward = if self.role == Role::Output { 1.0 / wider } else { 1.0 };
        Multipliers { forward, ..Multipliers::learning_rate(learning_rate) }
    }

    /// Returns the factor on q·k: √base / head, which is 1 / √head at the base size and falls as 1
    /// / head.
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
