//! What a person asks for.

use alloc::boxed::Box;

use crate::family::{Family, Truncation};
use crate::fan::Mode;
use crate::filters::Centre;
use crate::gain::{Gain, Nonlinearity};
use crate::spec::Spec;
use crate::stft::{Scaling, Side, Window};
use crate::table;

/// A scheme by which a weight gets its first values, not yet tied to a shape.
///
/// It has a text form that [parses](crate::text) and prints back:
///
/// ```
/// use init_core::{Initializer, Mode, Nonlinearity, Truncation};
///
/// let init: Initializer = "kaiming_normal(mode=fan_out, nonlinearity=leaky_relu, a=0.2)".parse()?;
/// let nonlinearity = Nonlinearity::LeakyRelu;
/// let (mode, truncation) = (Mode::FanOut, Truncation::None);
/// assert_eq!(init, Initializer::KaimingNormal { a: 0.2, mode, nonlinearity, truncation });
/// assert_eq!(init.to_string(), "kaiming_normal(a=0.2, mode=fan_out)"); // defaults left out
/// # Ok::<(), init_core::ParseError>(())
/// ```
///
/// [`Spec::all`] lists every name, alias, parameter and default.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Initializer {
    #[doc = include_str!("../docs/zeros.md")]
    Zeros,
    #[doc = include_str!("../docs/ones.md")]
    Ones,
    #[doc = include_str!("../docs/constant.md")]
    Constant {
        /// The value of every element; finite.
        value: f64,
    },
    #[doc = include_str!("../docs/uniform.md")]
    Uniform {
        /// The lower bound; finite.
        low: f64,
        /// The upper bound; finite, at least `low`.
        high: f64,
    },
    #[doc = include_str!("../docs/normal.md")]
    Normal {
        /// The mean; finite.
        mean: f64,
        /// The standard deviation; finite, at least 0.
        std: f64,
    },
    #[doc = include_str!("../docs/truncated_normal.md")]
    TruncatedNormal {
        /// The mean before the cut; finite.
        mean: f64,
        /// The standard deviation before the cut; finite, above 0.
        std: f64,
        /// The lower bound, or `-inf`; `None` leaves it to `lower`.
        low: Option<f64>,
        /// The upper bound, or `inf`; `None` leaves it to `upper`.
        high: Option<f64>,
        /// The lower bound in standard deviations from the mean; `None` is −2.
        lower: Option<f64>,
        /// The upper bound in standard deviations from the mean; `None` is 2.
        upper: Option<f64>,
        /// Whether `std` is that after the cut.
        corrected: bool,
    },
    #[doc = include_str!("../docs/xavier_uniform.md")]
    XavierUniform {
        /// The factor on the standard deviation; finite, at least 0.
        gain: Gain,
    },
    #[doc = include_str!("../docs/xavier_normal.md")]
    XavierNormal {
        /// The factor on the standard deviation; finite, at least 0.
        gain: Gain,
        /// Whether and how the normal law is cut.
        truncation: Truncation,
    },
    #[doc = include_str!("../docs/kaiming_uniform.md")]
    KaimingUniform {
        /// The negative slope; only counts with `leaky_relu`.
        a: f64,
        /// Which fan to divide by (PyTorch knows `fan_in` and `fan_out`).
        mode: Mode,
        /// The activation function that follows.
        nonlinearity: Nonlinearity,
    },
    #[doc = include_str!("../docs/kaiming_normal.md")]
    KaimingNormal {
        /// The negative slope; only counts with `leaky_relu`.
        a: f64,
        /// Which fan to divide by (PyTorch knows `fan_in` and `fan_out`).
        mode: Mode,
        /// The activation function that follows.
        nonlinearity: Nonlinearity,
        /// Whether and how the normal law is cut.
        truncation: Truncation,
    },
    #[doc = include_str!("../docs/lecun_uniform.md")]
    LecunUniform,
    #[doc = include_str!("../docs/lecun_normal.md")]
    LecunNormal {
        /// Whether and how the normal law is cut.
        truncation: Truncation,
    },
    #[doc = include_str!("../docs/variance_scaling.md")]
    VarianceScaling {
        /// The numerator of the variance; finite, above 0.
        scale: f64,
        /// Which fan to divide by.
        mode: Mode,
        /// The family to draw from.
        distribution: Family,
    },
    #[doc = include_str!("../docs/eye.md")]
    Eye {
        /// The value on the diagonal; finite.
        gain: f64,
    },
    #[doc = include_str!("../docs/dirac.md")]
    Dirac {
        /// The number of groups, at least 1; `None` is the layout's.
        groups: Option<usize>,
        /// Which tap is the middle of an even kernel.
        centre: Centre,
    },
    #[doc = include_str!("../docs/orthogonal.md")]
    Orthogonal {
        /// The factor; finite, at least 0.
        gain: Gain,
        /// The axis of the rows, negative from the end; `None` is the layout's axis of outputs.
        column_axis: Option<isize>,
    },
    #[doc = include_str!("../docs/delta_orthogonal.md")]
    DeltaOrthogonal {
        /// The factor; finite, at least 0.
        gain: Gain,
        /// Which tap is the middle of an even kernel.
        centre: Centre,
    },
    #[doc = include_str!("../docs/sparse.md")]
    Sparse {
        /// The part that is 0, from 0 to 1.
        sparsity: f64,
        /// The standard deviation of the others; finite, at least 0.
        std: f64,
    },
    #[doc = include_str!("../docs/bilinear.md")]
    Bilinear {
        /// Whether the filters between different channels are 0.
        diagonal: bool,
    },
    #[doc = include_str!("../docs/icnr.md")]
    Icnr {
        /// The factor of upsampling, at least 1.
        r: usize,
        /// What the filters get; `None` is `kaiming_normal`. It has to come to a distribution.
        init: Option<Box<Self>>,
        /// Whether the repeats of a filter are apart; `None` is the layout's.
        tiled: Option<bool>,
    },
    #[doc = include_str!("../docs/stft.md")]
    Stft {
        /// Cosines or sines.
        side: Side,
        /// The factor on each sample of a frame.
        window: Window,
        /// What the window is divided by.
        scaling: Scaling,
        /// Whether the window is one period of a function.
        periodic: bool,
    },
    #[doc = include_str!("../docs/padded_identity.md")]
    PaddedIdentity {
        /// The value where rows and columns meet; finite.
        gain: f64,
    },
    #[doc = include_str!("../docs/hadamard.md")]
    Hadamard {
        /// The factor; finite.
        gain: f64,
        /// Which tap is the middle of an even kernel.
        centre: Centre,
    },
    #[doc = include_str!("../docs/embedding.md")]
    Embedding {
        /// The row of zeros; negative counts from the end.
        padding_idx: isize,
        /// What the other rows get; `None` is `normal`. It has to come to a distribution.
        init: Option<Box<Self>>,
    },
    #[doc = include_str!("../docs/gate_bias.md")]
    GateBias {
        /// The value; finite.
        value: f64,
        /// The gate, below `gates`.
        gate: usize,
        /// The number of gates, at least 1.
        gates: usize,
    },
    #[doc = include_str!("../docs/chrono.md")]
    Chrono {
        /// The longest time to remember, in steps; finite, at least 2.
        longest: f64,
        /// The forget gate, below `gates`.
        forget: usize,
        /// The input gate, below `gates`.
        input: usize,
        /// The number of gates, at least 2.
        gates: usize,
    },
}

impl Initializer {
    /// `kaiming_normal` with its defaults.
    pub(crate) const KAIMING_NORMAL: Self = Self::KaimingNormal {
        a: 0.0,
        mode: Mode::FanIn,
        nonlinearity: Nonlinearity::LeakyRelu,
        truncation: Truncation::None,
    };

    /// This initializer's row in the table of all of them.
    #[must_use]
    pub fn spec(&self) -> &'static Spec {
        match self {
            Self::Zeros => &table::ZEROS,
            Self::Ones => &table::ONES,
            Self::Constant { .. } => &table::CONSTANT,
            Self::Uniform { .. } => &table::UNIFORM,
            Self::Normal { .. } => &table::NORMAL,
            Self::TruncatedNormal { .. } => &table::TRUNCATED_NORMAL,
            Self::XavierUniform { .. } => &table::XAVIER_UNIFORM,
            Self::XavierNormal { .. } => &table::XAVIER_NORMAL,
            Self::KaimingUniform { .. } => &table::KAIMING_UNIFORM,
            Self::KaimingNormal { .. } => &table::KAIMING_NORMAL,
            Self::LecunUniform => &table::LECUN_UNIFORM,
            Self::LecunNormal { .. } => &table::LECUN_NORMAL,
            Self::VarianceScaling { .. } => &table::VARIANCE_SCALING,
            Self::Eye { .. } => &table::EYE,
            Self::Dirac { .. } => &table::DIRAC,
            Self::Orthogonal { .. } => &table::ORTHOGONAL,
            Self::DeltaOrthogonal { .. } => &table::DELTA_ORTHOGONAL,
            Self::Sparse { .. } => &table::SPARSE,
            Self::Bilinear { .. } => &table::BILINEAR,
            Self::Icnr { .. } => &table::ICNR,
            Self::Stft { .. } => &table::STFT,
            Self::PaddedIdentity { .. } => &table::PADDED_IDENTITY,
            Self::Hadamard { .. } => &table::HADAMARD,
            Self::Embedding { .. } => &table::EMBEDDING,
            Self::GateBias { .. } => &table::GATE_BIAS,
            Self::Chrono { .. } => &table::CHRONO,
        }
    }

    /// The name without parameters: `xavier_uniform`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Whether the shape's fan_in and fan_out matter. If not, any shape will do.
    #[must_use]
    pub fn needs_fans(&self) -> bool {
        self.spec().needs_fans
    }
}
