//! Gains: how the activation function after a layer changes the variance of its input.
//!
//! A layer y = W·φ(x) with independent weights of variance gain² / fan_in and x from N(0, 1) has
//! the variance gain² · E[φ(z)²]. The gain that keeps it at 1 is therefore 1 / √E[φ(z)²], of which
//! He's √2 for relu is the best-known case (He et al. 2015, arXiv:1502.01852, equation 10).
//!
//! | family | word | gain | keeps |
//! |---|---|---|---|
//! | [`Exact`](GainFamily::Exact) | `exact(…)` | 1 / √E\[φ²\] | the second moment of the next input |
//! | [`Centred`](GainFamily::Centred) | `centred(…)` | 1 / √(E\[φ²\] − E\[φ\]²) | its variance |
//! | [`Backward`](GainFamily::Backward) | `backward(…)` | 1 / √E[φ′²] | the second moment of the gradients |
//!
//! `centred` is for networks whose standardised weights cancel the mean of φ (NF-nets: Brock et al.
//! 2021, arXiv:2101.08692, section 3); `backward` goes with `mode=fan_out` (He et al. 2015,
//! equation 14).
//!
//! The plain words (`tanh`, `selu`, …) have the gains of PyTorch's `calculate_gain`, to reproduce
//! what was trained with it. Its relu and leaky_relu agree with the exact ones; its tanh (5/3) is
//! 4.7 % larger than the exact 1.5925, its sigmoid (1) and selu (3/4) are smaller than the exact
//! 1.8462 and 1. For an activation that PyTorch has no gain for (gelu, silu, mish, …), use
//! `exact(…)`.
//!
//! ```
//! use init_core::{gain::{self, GainFamily}, Activation};
//!
//! assert!((gain::exact(|x| x.max(0.0)) - 2_f64.sqrt()).abs() < 1e-14);
//! assert!((GainFamily::Exact.gain(Activation::Gelu, 0.0) - 1.533530).abs() < 1e-6);
//! ```

pub(crate) mod activation;
pub(crate) mod family;
pub(crate) mod nonlinearity;

pub use family::{GainFamily, backward, centred, exact};
