use crate::fan::Fans;
use crate::initializer::Initializer;

/// What a weight gets and how training scales it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parametrization {
    /// What the weight gets.
    pub initializer: Initializer,
    /// By what its layer and its optimizer multiply.
    pub multipliers: Multipliers,
}

/// What a training loop multiplies by: y = `forward` · W·x, with `learning_rate` and `weight_decay` times the ones of the
/// rest. Initial values are not multiplied by any of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Multipliers {
    /// The factor on the product in the forward pass.
    pub forward: f64,
    /// The factor on the learning rate.
    pub learning_rate: f64,
    /// The factor on a decoupled weight decay (AdamW), which leaves learning rate · decay as it is.
    pub weight_decay: f64,
    /// DeepNorm's α, the factor on the residual stream that passes by the branch which the weight is in.
    pub residual: Option<f64>,
}

impl Multipliers {
    /// Those of a weight that nothing scales.
    pub const ONE: Self = Self { forward: 1.0, learning_rate: 1.0, weight_decay: 1.0, residual: None };

    /// A factor on the learning rate, and on the weight decay what keeps their product.
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

/// A scheme that scales nothing but the first values.
impl From<Initializer> for Parametrization {
    fn from(initializer: Initializer) -> Self {
        Self { initializer, multipliers: Multipliers::ONE }
    }
}

/// A fan that may be divided by: 0 counts as 1.
pub(super) fn divisor(fan: f64) -> f64 {
    if fan > 0.0 { fan } else { 1.0 }
}

/// The NTK parametrisation of a weight: N(0, 1), multiplied by `sigma` / √fan_in in the forward pass.
///
/// Jacot et al. 2018 (arXiv:1806.07572), section 2; a bias is N(0, 1) times its own sigma, that is, `fan_in` 1. The
/// gradient of the weight is smaller by the same factor, so the layer learns as fast at any width.
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

/// The spectral condition: ‖W‖₂ in proportion to √(fan_out / fan_in), for the weight and for its updates.
///
/// std = min(1, √(fan_out / fan_in)) / √fan_in, and with SGD a learning rate in proportion to fan_out / fan_in. Yang,
/// Simon and Bernstein 2023 (arXiv:2310.17813), the spectral parametrization of section 3. It agrees with
/// [`Mup`](super::Mup) up to constants.
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
