use crate::family::Family;
use crate::fan::Mode;
use crate::initializer::Initializer;
use crate::word::words;

words! {
    /// Which parameters of a residual branch of [`Fixup`].
    FixupPart, "part", 3, {
        /// All layers but the last.
        #[default]
        Branch = "branch",
        /// The last layer, the classifier, and scalar biases.
        Last = "last",
        /// The scalar multiplier.
        Multiplier = "multiplier",
    }
}

/// Fixup: residual nets of any depth without normalisation.
///
/// Zhang et al. 2019 (arXiv:1901.09321), section 3: the last layer of each branch and the classifier are 0; the other
/// layers of the branches are `kaiming_normal` times L^(−1/(2m − 2)); before each layer and each activation of a branch a
/// scalar bias of 0, after each branch a scalar multiplier of 1.
///
/// ```
/// use init_core::scheme::Fixup;
/// use init_core::{Layout, Shape};
///
/// let resnet110 = Fixup { branches: 54, layers: 2 };
/// assert_eq!(resnet110.scale(), 1.0 / 54_f64.sqrt());
/// let law = resnet110.branch().distribution(&Shape::new([16, 16, 3, 3])?, &Layout::Torch).unwrap();
/// assert!((law.std() - (2.0 / 144.0 / 54.0_f64).sqrt()).abs() < 1e-15);
/// # Ok::<(), init_core::ShapeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fixup {
    /// The number L of residual branches.
    pub branches: usize,
    /// The number m of layers in a branch; of 1, the only layer is the last and is 0.
    pub layers: usize,
}

impl Fixup {
    /// L^(−1/(2m − 2)); 1 where a branch has one layer.
    #[must_use]
    pub fn scale(&self) -> f64 {
        match self.layers {
            0 | 1 => 1.0,
            m => libm::pow(self.branches.max(1) as f64, -1.0 / (2.0 * m as f64 - 2.0)),
        }
    }

    /// For all layers of a branch but the last: He's variance 2 / fan_in times the square of the scale.
    #[must_use]
    pub fn branch(&self) -> Initializer {
        let scale = 2.0 * self.scale() * self.scale();
        Initializer::VarianceScaling { scale, mode: Mode::FanIn, distribution: Family::Normal }
    }

    /// For the last layer of a branch, the classifier and the scalar biases.
    #[must_use]
    pub fn last(&self) -> Initializer {
        Initializer::Zeros
    }

    /// For the scalar multiplier of each branch.
    #[must_use]
    pub fn multiplier(&self) -> Initializer {
        Initializer::Ones
    }

    /// For any of them.
    #[must_use]
    pub fn initializer(&self, part: FixupPart) -> Initializer {
        match part {
            FixupPart::Branch => self.branch(),
            FixupPart::Last => self.last(),
            FixupPart::Multiplier => self.multiplier(),
        }
    }
}
