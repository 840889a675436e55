//! The initializers and the list of the files that define them.

mod bilinear;
mod chrono;
mod constant;
mod delta_orthogonal;
mod dirac;
mod embedding;
mod eye;
mod gate_bias;
mod hadamard;
mod icnr;
mod kaiming_normal;
mod kaiming_uniform;
mod lecun_normal;
mod lecun_uniform;
mod normal;
mod ones;
mod orthogonal;
mod padded_identity;
mod sparse;
mod stft;
mod truncated_normal;
mod uniform;
mod variance_scaling;
mod xavier_normal;
mod xavier_uniform;
mod zeros;

use alloc::{boxed::Box, vec::Vec};

use crate::{
    distribution::family::{Family, Truncation},
    gain::nonlinearity::{Gain, Nonlinearity},
    initializer::{
        definition::Definition,
        spec::{Spec, Value},
    },
    shape::{fan::Mode, filters::Centre},
    stft::{Scaling, Side, Window},
};

/// An initializer: how a weight gets its initial values, independent of its shape.
///
/// Its [text form](crate::text) parses and prints back:
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
pub enum Initializer {
    #[doc = include_str!("../../../docs/zeros.md")]
    Zeros,
    #[doc = include_str!("../../../docs/ones.md")]
    Ones,
    #[doc = include_str!("../../../docs/constant.md")]
    Constant {
        /// The value of every element; finite.
        value: f64,
    },
    #[doc = include_str!("../../../docs/uniform.md")]
    Uniform {
        /// The lower bound; finite.
        low: f64,
        /// The upper bound; finite, at least `low`.
        high: f64,
    },
    #[doc = include_str!("../../../docs/normal.md")]
    Normal {
        /// The mean; finite.
        mean: f64,
        /// The standard deviation; finite, at least 0.
        std: f64,
    },
    #[doc = include_str!("../../../docs/truncated_normal.md")]
    TruncatedNormal {
        /// The mean before truncation; finite.
        mean: f64,
        /// The standard deviation before truncation; finite, above 0.
        std: f64,
        /// The lower bound, or `-inf`; `None` uses `lower`.
        low: Option<f64>,
        /// The upper bound, or `inf`; `None` uses `upper`.
        high: Option<f64>,
        /// The lower bound in standard deviations from the mean; `None` is −2.
        lower: Option<f64>,
        /// The upper bound in standard deviations from the mean; `None` is 2.
        upper: Option<f64>,
        /// Whether `std` is the standard deviation after truncation.
        corrected: bool,
    },
    #[doc = include_str!("../../../docs/xavier_uniform.md")]
    XavierUniform {
        /// The factor on the standard deviation; finite, at least 0.
        gain: Gain,
    },
    #[doc = include_str!("../../../docs/xavier_normal.md")]
    XavierNormal {
        /// The factor on the standard deviation; finite, at least 0.
        gain: Gain,
        /// Whether and how the normal distribution is truncated.
        truncation: Truncation,
    },
    #[doc = include_str!("../../../docs/kaiming_uniform.md")]
    KaimingUniform {
        /// The negative slope; only used with `leaky_relu`.
        a: f64,
        /// Which fan to divide by (PyTorch has `fan_in` and `fan_out`).
        mode: Mode,
        /// The activation function that follows.
        nonlinearity: Nonlinearity,
    },
    #[doc = include_str!("../../../docs/kaiming_normal.md")]
    KaimingNormal {
        /// The negative slope; only used with `leaky_relu`.
        a: f64,
        /// Which fan to divide by (PyTorch has `fan_in` and `fan_out`).
        mode: Mode,
        /// The activation function that follows.
        nonlinearity: Nonlinearity,
        /// Whether and how the normal distribution is truncated.
        truncation: Truncation,
    },
    #[doc = include_str!("../../../docs/lecun_uniform.md")]
    LecunUniform,
    #[doc = include_str!("../../../docs/lecun_normal.md")]
    LecunNormal {
        /// Whether and how the normal distribution is truncated.
        truncation: Truncation,
    },
    #[doc = include_str!("../../../docs/variance_scaling.md")]
    VarianceScaling {
        /// The numerator of the variance; finite, above 0.
        scale: f64,
        /// Which fan to divide by.
        mode: Mode,
        /// The family of distributions to draw from.
        distribution: Family,
    },
    #[doc = include_str!("../../../docs/eye.md")]
    Eye {
        /// The value on the diagonal; finite.
        gain: f64,
    },
    #[doc = include_str!("../../../docs/dirac.md")]
    Dirac {
        /// The number of groups, at least 1; `None` takes the layout's.
        groups: Option<usize>,
        /// Which tap is the centre of an even kernel.
        centre: Centre,
    },
    #[doc = include_str!("../../../docs/orthogonal.md")]
    Orthogonal {
        /// The factor; finite, at least 0.
        gain: Gain,
        /// The axis of the rows, negative from the end; `None` takes the layout's axis of outputs.
        column_axis: Option<isize>,
    },
    #[doc = include_str!("../../../docs/delta_orthogonal.md")]
    DeltaOrthogonal {
        /// The factor; finite, at least 0.
        gain: Gain,
        /// Which tap is the centre of an even kernel.
        centre: Centre,
    },
    #[doc = include_str!("../../../docs/sparse.md")]
    Sparse {
        /// The fraction of zeros, from 0 to 1.
        sparsity: f64,
        /// The standard deviation of the other elements; finite, at least 0.
        std: f64,
    },
    #[doc = include_str!("../../../docs/bilinear.md")]
    Bilinear {
        /// Whether the filters between different channels are 0.
        diagonal: bool,
    },
    #[doc = include_str!("../../../docs/icnr.md")]
    Icnr {
        /// The upsampling factor, at least 1.
        r: usize,
        /// The initializer of the filters; `None` is `kaiming_normal`. It must resolve to a
        /// distribution.
        init: Option<Box<Self>>,
        /// Whether the repeats of a filter are `rows / r^d` apart rather than adjacent; `None`
        /// takes the layout's convention.
        tiled: Option<bool>,
    },
    #[doc = include_str!("../../../docs/stft.md")]
    Stft {
        /// Cosines or sines.
        side: Side,
        /// The factor on each sample of a frame.
        window: Window,
        /// The number that the window is divided by.
        scaling: Scaling,
        /// Whether the window is one period of a function.
        periodic: bool,
    },
    #[doc = include_str!("../../../docs/padded_identity.md")]
    PaddedIdentity {
        /// The value where row and column are congruent; finite.
        gain: f64,
    },
    #[doc = include_str!("../../../docs/hadamard.md")]
    Hadamard {
        /// The factor; finite.
        gain: f64,
        /// Which tap is the centre of an even kernel.
        centre: Centre,
    },
    #[doc = include_str!("../../../docs/embedding.md")]
    Embedding {
        /// The row of zeros; negative counts from the end.
        padding_idx: isize,
        /// The initializer of the other rows; `None` is `normal`. It must resolve to a
        /// distribution.
        init: Option<Box<Self>>,
    },
    #[doc = include_str!("../../../docs/gate_bias.md")]
    GateBias {
        /// The value; finite.
        value: f64,
        /// The gate, below `gates`.
        gate: usize,
        /// The number of gates, at least 1.
        gates: usize,
    },
    #[doc = include_str!("../../../docs/chrono.md")]
    Chrono {
        /// The longest memory, in steps; finite, at least 2.
        longest: f64,
        /// The forget gate, below `gates`.
        forget: usize,
        /// The input gate, below `gates`.
        input: usize,
        /// The number of gates, at least 2.
        gates: usize,
    },
}

/// Connects each variant to the file that defines it: its row of the table and its fields.
macro_rules! registry {
    ($($module:ident::$variant:ident { $($field:ident),* })+) => {
        /// The whole table, in the order in which it is listed.
        pub(crate) static ALL: &[&Spec] = &[$(&$module::SPEC),+];

        impl Initializer {
            /// Returns this initializer's row of the table.
            #[must_use]
            pub fn spec(&self) -> &'static Spec {
                match self { $(Self::$variant { .. } => &$module::SPEC),+ }
            }

            /// Calls `f` with the definition of this initializer.
            pub(in crate::initializer) fn with<R>(&self, f: impl FnOnce(&dyn Definition) -> R) -> R {
                match self {
                    $(Self::$variant { $($field),* } => f(&$module::$variant { $($field: Clone::clone($field)),* })),+
                }
            }
        }
    };
}

registry! {
    zeros::Zeros {}
    ones::Ones {}
    constant::Constant { value }
    uniform::Uniform { low, high }
    normal::Normal { mean, std }
    truncated_normal::TruncatedNormal { mean, std, low, high, lower, upper, corrected }
    xavier_uniform::XavierUniform { gain }
    xavier_normal::XavierNormal { gain, truncation }
    kaiming_uniform::KaimingUniform { a, mode, nonlinearity }
    kaiming_normal::KaimingNormal { a, mode, nonlinearity, truncation }
    lecun_uniform::LecunUniform {}
    lecun_normal::LecunNormal { truncation }
    variance_scaling::VarianceScaling { scale, mode, distribution }
    eye::Eye { gain }
    dirac::Dirac { groups, centre }
    orthogonal::Orthogonal { gain, column_axis }
    delta_orthogonal::DeltaOrthogonal { gain, centre }
    sparse::Sparse { sparsity, std }
    bilinear::Bilinear { diagonal }
    icnr::Icnr { r, init, tiled }
    stft::Stft { side, window, scaling, periodic }
    padded_identity::PaddedIdentity { gain }
    hadamard::Hadamard { gain, centre }
    embedding::Embedding { padding_idx, init }
    gate_bias::GateBias { value, gate, gates }
    chrono::Chrono { longest, forget, input, gates }
}

impl Initializer {
    /// Returns the name without parameters: `xavier_uniform`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Returns whether the initializer uses the shape's fan_in and fan_out. If not, any shape will
    /// do.
    #[must_use]
    pub fn needs_fans(&self) -> bool {
        self.spec().needs_fans
    }

    /// Returns the values of the parameters, in the order of [`Spec::parameters`]; `None` for one
    /// that is computed.
    #[must_use]
    pub fn values(&self) -> Vec<Option<Value>> {
        self.with(|definition| definition.values()).into_vec()
    }
}
