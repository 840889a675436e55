//! A weight's initializer and its training multipliers; the NTK and the spectral parametrisation.

use crate::{initializer::registry::Initializer, shape::fan::Fans};

/// The initializer of a weight, and how training scales it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parametrization {
    /// The initializer of the weight.
    pub initializer: Initializer,
    /// The factors of its layer and its optimizer.
    pub multipliers: Multipliers,
}

/// The factors that a training loop applies: y = `forward` · W·x, with `learning_rate` and
/// `weight_decay` times those of the other weights. Initial values are not multiplied by any of
/// them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Multipliers {
    /// The factor on the product in the forward pass.
    pub forward: f64,
    /// The factor on the learning rate.
    pub learning_rate: f64,
    /// The factor on a decoupled weight decay (AdamW), which keeps learning rate · decay constant.
    pub weight_decay: f64,
    /// DeepNorm's α, the factor on the residual stream around the branch of the weight.
    pub residual: Option<f64>,
}

impl Multipliers {
    /// The factors of a weight that nothing scales.
    pub const ONE: Self = Self { forward: 1.0, learning_rate: 1.0, weight_decay: 1.0, residual: None };

    /// Returns a factor on the learning rate, and one on the weight decay that keeps their product.
    pub(super) fn learning_rate(factor: f64) -> Self {
        Self { learning_rate: factor, weight_decay: 1.0 / factor, ..Self::ONE }
    }
}

impl Default for Multipliers {
    fn default() -> Self {
        Self::ONE
    }
}

impl Parametrization {
    pub(super) fn normal(std: f64, multipliers: Multipliers) -> Self {
        Self { initializer: Initializer::Normal { mean: 0.0, std }, multipliers }
    }
}

/// Scales nothing but the initial values.
impl From<Initializer> for Parametrization {
    fn from(initializer: Initializer) -> Self {
        Self { initializer, multipliers: Multipliers::ONE }
    }
}

/// Returns a fan to divide by: 0 counts as 1.
pub(super) fn divisor(fan: f64) -> f64 {
    if fan > 0.0 { fan } else { 1.0 }
}

/// Returns the NTK parametrisation of a weight: N(0, 1), multiplied by `sigma` / √fan_in in the
/// forward pass.
///
/// Jacot et al. 2018 (arXiv:1806.07572), section 2; a bias is N(0, 1) times its own sigma, as with
/// a `fan_in` of 1. The gradient of the weight is smaller by the same factor, so the layer learns
/// as fast at any width.
///
/// ```
/// let weight = init_core::scheme::ntk(1024.0, 2_f64.sqrt());
/// assert_eq!(weight.initializer.to_string(), "normal");
/// assert_eq!(weight.multipliers.forward, 2_f64.sqrt() / 32.0);
/// ```
#[must_use]
pub fn ntk(fan_in: f64, sigma: f64) -> Parametrization {
    let forward = sigma / libm::sqrt(divisor(fan_in));
    Parametrization::normal(1.0, Multipliers { forward, ..Multipliers::ONE })
}

/// Returns the parametrisation of the spectral condition: ‖W‖₂ in proportion to √(fan_out /
/// fan_in), for the weight and for its updates.
///
/// std = min(1, √(fan_out / fan_in)) / √fan_in, and with SGD a learning rate in proportion to
/// fan_out / fan_in. Yang, Simon and Bernstein 2023 (arXiv:2310.17813), the spectral
/// parametrization of section 3. It agrees with [`Mup`](super::Mup) up to constants.
///
/// ```
/// use init_core::Fans;
///
/// let narrowing = init_core::scheme::spectral(Fans { fan_in: 400.0, fan_out: 100.0 });
/// assert_eq!(narrowing.initializer.to_string(), "normal(std=0.025)"); // ½ / 20
/// assert_eq!(narrowing.multipliers.learning_rate, 0.25);
/// ```
#[must_use]
pub fn spectral(fans: Fans) -> Parametrization {
    let [fan_in, fan_out] = [fans.fan_in, fans.fan_out].map(divisor);
    let ratio = fan_out / fan_in;
    Parametrization::normal(libm::sqrt(ratio).min(1.0) / libm::sqrt(fan_in), Multipliers::learning_rate(ratio))
}
