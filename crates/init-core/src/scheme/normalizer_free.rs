use crate::activation::Activation;
use crate::exact_gain::GainFamily;
use crate::family::Truncation;
use crate::initializer::Initializer;

/// For every weight of a self-normalising net, whose activation is selu: `lecun_normal`.
///
/// Klambauer et al. 2017 (arXiv:1706.02515), section 2. Selu's [exact gain](crate::exact_gain) is 1; PyTorch's gain of
/// 3/4 for it makes the signal fade with the depth.
///
/// ```
/// assert_eq!(init_core::scheme::self_normalizing().to_string(), "lecun_normal");
/// ```
#[must_use]
pub fn self_normalizing() -> Initializer {
    Initializer::LecunNormal { truncation: Truncation::None }
}

/// The factor γ = 1 / std φ(z) that a normaliser-free net puts on each activation, beside weights that are standardised to mean 0
/// and variance 1 / fan_in.
///
/// Brock et al. 2021 (arXiv:2101.08692), section 3. Exact, where the published constants are from samples: 1.7128585 for relu, not
/// 1.71396.
///
/// ```
/// use init_core::{Activation, scheme::nf_net_gamma};
///
/// assert!((nf_net_gamma(Activation::Relu) - 1.7128585504496627).abs() < 1e-13);
/// ```
#[must_use]
pub fn nf_net_gamma(activation: Activation) -> f64 {
    GainFamily::Centred.gain(activation, 0.01)
}
