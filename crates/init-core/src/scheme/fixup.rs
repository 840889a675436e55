//! Fixup, for residual networks without normalisation.

use crate::{distribution::family::Family, initializer::registry::Initializer, shape::fan::Mode, word::words};

words! {
    /// The part of a residual branch of [`Fixup`] that a parameter belongs to.
    #[derive(Default)]
    FixupPart, "part", {
        /// All layers but the last.
        #[default]
        Branch = "branch",
        /// The last layer, the classifier, and scalar biases.
        Last = "last",
        /// The scalar multiplier.
        Multiplier = "multiplier",
    }
}

/// Fixup: residual networks of any depth without normalisation.
///
/// Zhang et al. 2019 (arXiv:1901.09321), section 3: the last layer of each branch and the
/// classifier are 0; the other layers of the branches are `kaiming_normal` times L^(−1/(2m − 2));
/// before each layer and each activation of a branch a scalar bias of 0, after each branch a scalar
/// multiplier of 1.
///
/// ```
/// use init_core::scheme::Fixup;
/// use init_core::{Layout, Shape};
///
/// let resnet110 = Fixup { branches: 54, layers: 2 };
/// assert_eq!(resnet110.scale(), 1.0 / 54_f64.sqrt());
/// let found = resnet110.branch().distribution(&Shape::new([16, 16, 3, 3])?, &Layout::Torch).unwrap();
/// assert!((found.std() - (2.0 / 144.0 / 54.0_f64).sqrt()).abs() < 1e-15);
/// # Ok::<(), init_core::ShapeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fixup {
    /// The number L of residual branches.
    pub branches: usize,
    /// The number m of layers in a branch; if it is 1, the only layer is the last and is 0.
    pub layers: usize,
}

impl Fixup {
    /// Returns L^(−1/(2m − 2)); 1 where a branch has one layer.
    #[must_use]
    pub fn scale(&self) -> f64 {
        match self.layers {
            0 | 1 => 1.0,
            m => libm::pow(self.branches.max(1) as f64, -1.0 / (2.0 * m as f64 - 2.0)),
        }
    }

    /// Returns the initializer of all layers of a branch but the last: He's variance 2 / fan_in
    /// times the square of the scale.
    #[must_use]
    pub fn branch(&self) -> Initializer {
        let scale = 2.0 * self.scale() * self.scale();
        Initializer::VarianceScaling { scale, mode: Mode::FanIn, distribution: Family::Normal }
    }

    /// Returns the initializer of the last layer of a branch, the classifier and the scalar biases.
    #[must_use]
    pub fn last(&self) -> Initializer {
        Initializer::Zeros
    }

    /// Returns the initializer of the scalar multiplier of each branch.
    #[must_use]
    pub fn multiplier(&self) -> Initializer {
        Initializer::Ones
    }

    /// Returns the initializer of a part.
    #[must_use]
    pub fn initializer(&self, part: FixupPart) -> Initializer {
        match part {
            FixupPart::Branch => self.branch(),
            FixupPart::Last => self.last(),
            FixupPart::Multiplier => self.multiplier(),
        }
    }
}
