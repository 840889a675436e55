use super::parametrization::divisor;
use crate::family::Family;
use crate::fan::Mode;
use crate::initializer::Initializer;
use crate::word::words;

words! {
    /// Which layers of a [`Siren`].
    SirenPart, "part", 2, {
        /// The first.
        #[default]
        First = "first",
        /// Every other one.
        Hidden = "hidden",
    }
}

/// SIREN: networks of sin(ω₀·(W·x + b)).
///
/// Sitzmann et al. 2020 (arXiv:2006.09661), section 3.2: the first layer is even over ±1 / fan_in, the others over
/// ±√(6 / fan_in) / ω₀. With another ω₀ than that of the forward pass, the net does not train.
///
/// ```
/// use init_core::scheme::Siren;
/// use init_core::{Layout, Shape};
///
/// let siren = Siren { omega: 30.0 };
/// let law = siren.hidden().distribution(&Shape::new([256, 256])?, &Layout::Torch).unwrap();
/// assert!((law.support().1 - (6.0 / 256.0_f64).sqrt() / 30.0).abs() < 1e-17);
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
    /// For the first layer.
    #[must_use]
    pub fn first(&self, fan_in: f64) -> Initializer {
        let bound = 1.0 / divisor(fan_in);
        Initializer::Uniform { low: -bound, high: bound }
    }

    /// For every other layer: a variance of 2 / (ω₀²·fan_in).
    #[must_use]
    pub fn hidden(&self) -> Initializer {
        let scale = 2.0 / (self.omega * self.omega);
        Initializer::VarianceScaling { scale, mode: Mode::FanIn, distribution: Family::Uniform }
    }
}
