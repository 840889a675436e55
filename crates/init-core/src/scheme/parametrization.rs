use crate::initializer::Initializer;

/// What a weight gets and what it is multiplied by: y = `forward` · W·x, with `learning_rate` and `weight_decay`
/// times the ones of the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Parametrization {
    /// What the weight gets.
    pub initializer: Initializer,
    /// The factor on the product in the forward pass.
    pub forward: f64,
    /// The factor on the learning rate.
    pub learning_rate: f64,
    /// The factor on a decoupled weight decay (AdamW), which leaves learning rate · decay as it is.
    pub weight_decay: f64,
}

impl Parametrization {
    pub(super) fn normal(std: f64) -> Self {
        let initializer = Initializer::Normal { mean: 0.0, std };
        Self { initializer, forward: 1.0, learning_rate: 1.0, weight_decay: 1.0 }
    }
}

/// The NTK parametrisation of a weight: N(0, 1), multiplied by `sigma` / √fan_in in the forward pass.
///
/// Jacot et al. 2018 (arXiv:1806.07572), section 2; a bias is N(0, 1) times its own sigma, that is, `fan_in` 1. The
/// gradient of the weight is smaller by the same factor, so the layer learns as fast at any width.
///
/// ```
/// let weight = init_core::scheme::ntk(1024, 2_f64.sqrt());
/// assert_eq!(weight.initializer.to_string(), "normal");
/// assert_eq!(weight.forward, 2_f64.sqrt() / 32.0);
/// ```
#[must_use]
pub fn ntk(fan_in: usize, sigma: f64) -> Parametrization {
    Parametrization { forward: sigma / libm::sqrt(fan_in.max(1) as f64), ..Parametrization::normal(1.0) }
}

/// The spectral condition: ‖W‖₂ in proportion to √(fan_out / fan_in), for the weight and for its updates.
///
/// std = min(1, √(fan_out / fan_in)) / √fan_in, and with SGD a learning rate in proportion to fan_out / fan_in. Yang,
/// Simon and Bernstein 2023 (arXiv:2310.17813), the spectral parametrization of section 3. It agrees with
/// [`Mup`](super::Mup) up to constants.
///
/// ```
/// let narrowing = init_core::scheme::spectral(400, 100);
/// assert_eq!(narrowing.initializer.to_string(), "normal(std=0.025)"); // ½ / 20
/// assert_eq!(narrowing.learning_rate, 0.25);
/// ```
#[must_use]
pub fn spectral(fan_in: usize, fan_out: usize) -> Parametrization {
    let (fan_in, fan_out) = (fan_in.max(1) as f64, fan_out as f64);
    let ratio = fan_out / fan_in;
    Parametrization { learning_rate: ratio, ..Parametrization::normal(libm::sqrt(ratio).min(1.0) / libm::sqrt(fan_in)) }
}
