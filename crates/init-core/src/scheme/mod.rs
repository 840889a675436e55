//! Schemes for whole architectures: rules by depth, by width or by activation.
//!
//! A scheme returns [`Initializer`](crate::Initializer)s, and where it also scales the forward pass
//! or the learning rate, those factors as data ([`Parametrization`]). It does not depend on
//! parameter names: the caller, or a recipe, decides which parameter has which part. A [`Scheme`]
//! with its text form is what one parameter gets: `mup(role=hidden, base_fan_in=256)`.
//!
//! Library only, not used by any command or recipe: [`MeanField`], [`EdgeOfChaos`], [`Mimetic`] and
//! [`nf_net_gamma`].
//!
//! | scheme | for | source |
//! |---|---|---|
//! | [`scaled_residual`] | transformers with normalisation (GPT-2, Megatron) | Radford et al. 2019 |
//! | [`Fixup`] | residual networks without normalisation | Zhang et al. 2019 |
//! | [`TFixup`] | transformers without normalisation or warm-up | Huang et al. 2020 |
//! | [`DeepNorm`] | transformers of hundreds of layers | Wang et al. 2022 |
//! | [`layer_scale`], [`zero_gamma`], [`rezero`] | residual branches that start at 0 | Touvron, Goyal, Bachlechner |
//! | [`Siren`] | sine networks | Sitzmann et al. 2020 |
//! | [`Mup`] | learning rates that transfer from narrow to wide models | Yang et al. 2022 |
//! | [`spectral`], [`ntk`] | other parametrisations by width | Yang et al. 2023; Jacot et al. 2018 |
//! | [`self_normalizing`], [`nf_net_gamma`] | networks without normalisation | Klambauer 2017; Brock 2021 |
//! | [`EdgeOfChaos`], [`MeanField`] | deep plain networks with any activation | Poole 2016; Schoenholz 2017 |
//! | [`Mimetic`] | attention that imitates pretrained weights | Trockman and Kolter 2023 |

mod correlation;
mod deep_norm;
mod fixup;
mod mean_field;
mod mimetic;
mod mup;
mod named;
mod normalizer_free;
mod parametrization;
mod residual;
mod siren;
mod spec;
mod t_fixup;
mod table;

pub use deep_norm::{DeepNorm, DeepNormPart, Stack};
pub use fixup::{Fixup, FixupPart};
pub use mean_field::{EdgeOfChaos, MeanField, MeanFieldError, MeanFieldLayer};
pub use mimetic::Mimetic;
pub use mup::{Mup, Optimizer, Role};
pub use named::Scheme;
pub use normalizer_free::{nf_net_gamma, self_normalizing};
pub use parametrization::{Multipliers, Parametrization, ntk, spectral};
pub use residual::{layer_scale, rezero, scaled_residual, zero_gamma};
pub use siren::{Siren, SirenPart};
pub use spec::SchemeSpec;
pub use t_fixup::{TFixup, TFixupPart};
