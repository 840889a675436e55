//! Residual branches that are scaled down or start at 0.

use crate::initializer::registry::Initializer;

/// Returns the initializer of matrices that write into the residual stream, `std` divided by
/// √(writers): normal(std / √(2·layers)) for transformers, which have two per layer.
///
/// The sum of all writers then has the variance of one. Radford et al. 2019 (GPT-2), section 2.3;
/// Megatron's `scaled_init_method_normal`. The other matrices keep `normal(std=0.02)`.
///
/// ```
/// let init = init_core::scheme::scaled_residual(0.02, 2 * 12);
/// assert_eq!(init.to_string(), "normal(std=0.004082482904638631)");
/// ```
#[must_use]
pub fn scaled_residual(std: f64, writers: usize) -> Initializer {
    Initializer::Normal { mean: 0.0, std: std / libm::sqrt(writers.max(1) as f64) }
}

/// Returns LayerScale's factor on each channel of a residual branch: 0.1 to 18 layers, 1e-5 to 24,
/// 1e-6 beyond.
///
/// Touvron et al. 2021 (arXiv:2103.17239), section 2.
///
/// ```
/// assert_eq!(init_core::scheme::layer_scale(24).to_string(), "constant(value=1e-5)");
/// ```
#[must_use]
pub fn layer_scale(layers: usize) -> Initializer {
    let value = match layers {
        0..=18 => 0.1,
        19..=24 => 1e-5,
        _ => 1e-6,
    };
    Initializer::Constant { value }
}

/// Returns the initializer of the scale of the last normalisation in each residual branch: 0, so
/// that every block starts as the identity.
///
/// Goyal et al. 2017 (arXiv:1706.02677), section 5.1. All other scales stay 1.
#[must_use]
pub fn zero_gamma() -> Initializer {
    Initializer::Zeros
}

/// Returns the initializer of ReZero's and SkipInit's factor on a whole residual branch: one
/// number, initially 0.
///
/// Bachlechner et al. 2020 (arXiv:2003.04887); De and Smith 2020 (arXiv:2002.10444).
#[must_use]
pub fn rezero() -> Initializer {
    Initializer::Zeros
}
