//! Networks without normalisation: self-normalising and normaliser-free.

use crate::{
    distribution::family::Truncation,
    gain::{activation::Activation, family::GainFamily},
    initializer::registry::Initializer,
};

/// Returns the initializer of every weight of a self-normalising network, whose activation is selu:
/// `lecun_normal`.
///
/// Klambauer et al. 2017 (arXiv:1706.02515), section 2. Selu's [exact gain](crate::gain) is 1;
/// PyTorch's gain of 3/4 for it makes the signal decay with depth.
///
/// ```
/// assert_eq!(init_core::scheme::self_normalizing().to_string(), "lecun_normal");
/// ```
#[must_use]
pub fn self_normalizing() -> Initializer {
    Initializer::LecunNormal { truncation: Truncation::None }
}

/// Returns the factor γ = 1 / std φ(z) on each activation of a normaliser-free network, whose
/// weights are standardised to mean 0 and variance 1 / fan_in.
///
/// Brock et al. 2021 (arXiv:2101.08692), section 3. Library only: no command or recipe uses it. It
/// is exact; the published constants are estimated from samples: 1.71396 for relu instead of
/// 1.7128585.
///
/// ```
/// use init_core::{scheme::nf_net_gamma, Activation};
///
/// assert!((nf_net_gamma(Activation::Relu) - 1.7128585504496627).abs() < 1e-13);
/// ```
#[must_use]
pub fn nf_net_gamma(activation: Activation) -> f64 {
    GainFamily::Centred.gain(activation, 0.01)
}
