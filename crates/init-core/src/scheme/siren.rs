//! SIREN, for networks of sines.

use super::parametrization::divisor;
use crate::{distribution::family::Family, initializer::registry::Initializer, shape::fan::Mode, word::words};

words! {
    /// The layers of a [`Siren`].
    #[derive(Default)]
    SirenPart, "part", {
        /// The first layer.
        #[default]
        First = "first",
        /// Every other layer.
        Hidden = "hidden",
    }
}

/// SIREN: networks of sin(ω₀·(W·x + b)).
///
/// Sitzmann et al. 2020 (arXiv:2006.09661), section 3.2: the first layer is uniform on ±1 / fan_in,
/// the others on ±√(6 / fan_in) / ω₀. If ω₀ is not that of the forward pass, the network does not
/// train.
///
/// ```
/// use init_core::scheme::Siren;
/// use init_core::{Layout, Shape};
///
/// let siren = Siren { omega: 30.0 };
/// let found = siren.hidden().distribution(&Shape::new([256, 256])?, &Layout::Torch).unwrap();
/// assert!((found.support().1 - (6.0 / 256.0_f64).sqrt() / 30.0).abs() < 1e-17);
/// assert_eq!(siren.first(2.0).to_string(), "uniform(low=-0.5, high=0.5)");
/// # Ok::<(), init_core::ShapeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Siren {
    /// The frequency ω₀ of the forward pass; 30 in the paper.
    pub omega: f64,
}

impl Default for Siren {
    fn default() -> Self {
        Self { omega: 30.0 }
    }
}

impl Siren {
    /// Returns the initializer of the first layer.
    #[must_use]
    pub fn first(&self, fan_in: f64) -> Initializer {
        let bound = 1.0 / divisor(fan_in);
        Initializer::Uniform { low: -bound, high: bound }
    }

    /// Returns the initializer of every other layer: a variance of 2 / (ω₀²·fan_in).
    #[must_use]
    pub fn hidden(&self) -> Initializer {
        let scale = 2.0 / (self.omega * self.omega);
        Initializer::VarianceScaling { scale, mode: Mode::FanIn, distribution: Family::Uniform }
    }
}
