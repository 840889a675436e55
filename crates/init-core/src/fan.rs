//! fan_in, fan_out and the choice between them.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::shape::Shape;
use crate::word::{UnknownWord, look_up};

/// How many inputs feed one output, and how many outputs one input feeds.
///
/// Both are whole numbers except with [`Axes`](crate::Axes) that overlap and with strides that do not divide a
/// kernel. [`Layout::fans`] counts them.
///
/// [`Layout::fans`]: crate::Layout::fans
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fans {
    /// in · RF: inputs of one output.
    pub fan_in: f64,
    /// out · RF: outputs of one input.
    pub fan_out: f64,
}

/// Which fan a scheme divides its variance by.
///
/// ```
/// use init_core::{Fans, Mode};
///
/// let fans = Fans { fan_in: 784.0, fan_out: 256.0 };
/// assert_eq!(Mode::FanIn.fan(fans), 784.0);
/// assert_eq!(Mode::FanAvg.fan(fans), 520.0);
/// assert_eq!(Mode::FanGeoAvg.fan(fans), 448.0);
/// assert_eq!("fan_out".parse(), Ok(Mode::FanOut));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// fan_in: keeps the variance of the activations in the forward pass.
    #[default]
    FanIn,
    /// fan_out: keeps the variance of the gradients in the backward pass.
    FanOut,
    /// (fan_in + fan_out) / 2: Glorot's compromise.
    FanAvg,
    /// √(fan_in · fan_out): JAX's geometric compromise.
    FanGeoAvg,
}

impl Mode {
    /// Every mode, in the order in which they are listed to people.
    pub const ALL: [Self; 4] = [Self::FanIn, Self::FanOut, Self::FanAvg, Self::FanGeoAvg];

    /// The name: `fan_in`, `fan_out`, `fan_avg` or `fan_geo_avg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FanIn => "fan_in",
            Self::FanOut => "fan_out",
            Self::FanAvg => "fan_avg",
            Self::FanGeoAvg => "fan_geo_avg",
        }
    }

    /// The number that the variance is divided by.
    #[must_use]
    pub fn fan(self, fans: Fans) -> f64 {
        match self {
            Self::FanIn => fans.fan_in,
            Self::FanOut => fans.fan_out,
            Self::FanAvg => (fans.fan_in + fans.fan_out) / 2.0,
            Self::FanGeoAvg => libm::sqrt(fans.fan_in * fans.fan_out),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads `fan_in`, `fan_out`, `fan_avg` or `fan_geo_avg`.
impl FromStr for Mode {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        look_up("mode", &Self::ALL.map(|mode| (mode.name(), mode)), word)
    }
}

/// Why a shape has no fans.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FanError {
    /// Fewer than two dimensions, and no axes given one by one.
    #[error(
        "shape {shape} has too few dimensions for fan_in and fan_out: layout {layout} needs at \
         least two ({axes}); give the axes one by one, or use `normal`, `uniform` or `constant`"
    )]
    TooFewDims {
        /// The name of the layout.
        layout: &'static str,
        /// The axes it needs.
        axes: &'static str,
        /// The shape given.
        shape: Shape,
    },
    /// An axis beyond the shape's dimensions.
    #[error(
        "axis {axis} is out of range for shape {shape}: axes run from -{0} to {1}, and negative \
         ones count from the end",
        .shape.ndim(),
        .shape.ndim().saturating_sub(1)
    )]
    AxisOutOfRange {
        /// The axis as given.
        axis: isize,
        /// The shape given.
        shape: Shape,
    },
    /// An axis twice in one list.
    #[error("axis {axis} of shape {shape} stands twice in one list of axes: name it once")]
    RepeatedAxis {
        /// The axis as given the second time.
        axis: isize,
        /// The shape given.
        shape: Shape,
    },
    /// A batch axis that is also an input or output axis.
    #[error(
        "axis {axis} of shape {shape} is a batch axis and an input or output axis as well: a \
         batch axis stacks independent weights, so it can be nothing else"
    )]
    BatchAxisReused {
        /// The axis, counted from the front.
        axis: usize,
        /// The shape given.
        shape: Shape,
    },
    /// A number of groups or blocks that does not divide what it has to.
    #[error("{count} {what} do not divide an axis of size {size} of shape {shape}; give a divisor of {size}")]
    DoesNotDivide {
        /// `groups` or `blocks`.
        what: &'static str,
        /// How many.
        count: usize,
        /// The size of the axis.
        size: usize,
        /// The shape given.
        shape: Shape,
    },
    /// A stride of zero, or with another number of axes than the kernel.
    #[error(
        "a stride of {stride:?} does not go with shape {shape}: give one positive number, or one for each axis of the kernel"
    )]
    Stride {
        /// The stride given.
        stride: Vec<usize>,
        /// The shape given.
        shape: Shape,
    },
    /// A depthwise convolution in another layout than Keras's, grouped or transposed.
    #[error(
        "only Keras has depthwise weights `(*kernel, in, multiplier)`, neither grouped nor transposed; in torch and \
         jax give the number of groups"
    )]
    Depthwise,
    /// An input, output or batch axis of size zero: the receptive field would be 0 / 0.
    #[error(
        "shape {shape} has an input, output or batch axis of size 0, so fan_in and fan_out are \
         undefined; use `zeros`, or leave the empty parameter out"
    )]
    ZeroSizedAxis {
        /// The shape given.
        shape: Shape,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn modes_read_back() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert!("fanin".parse::<Mode>().unwrap_err().to_string().contains("did you mean `fan_in`?"));
    }

    #[test]
    fn a_scalar_has_no_axes_at_all() {
        let shape = Shape::new([]).unwrap();
        let error = FanError::AxisOutOfRange { axis: 0, shape }.to_string();
        assert!(error.starts_with("axis 0 is out of range for shape []"), "{error}");
    }
}
