//! `Fans` and `Mode`: fan_in, fan_out and the choice between them.

use alloc::vec::Vec;

use crate::{shape::dims::Shape, word::words};

/// The fans of a weight: how many inputs feed one output, and how many outputs one input feeds.
///
/// Both are whole numbers except with [`Axes`](crate::Axes) that overlap and with strides that do
/// not divide a kernel. [`Layout::fans`] computes them.
///
/// [`Layout::fans`]: crate::Layout::fans
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fans {
    /// in · RF: the inputs of one output.
    pub fan_in: f64,
    /// out · RF: the outputs of one input.
    pub fan_out: f64,
}

words! {
    /// The fan that an initializer divides its variance by.
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
    #[derive(Default)]
    Mode, "mode", {
        /// fan_in: keeps the variance of the activations in the forward pass.
        #[default]
        FanIn = "fan_in",
        /// fan_out: keeps the variance of the gradients in the backward pass.
        FanOut = "fan_out",
        /// (fan_in + fan_out) / 2: Glorot's compromise.
        FanAvg = "fan_avg",
        /// √(fan_in · fan_out): JAX's geometric compromise.
        FanGeoAvg = "fan_geo_avg",
    }
}

impl Mode {
    /// Returns the number that the variance is divided by.
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

/// The error for a shape that has no fans in a layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FanError {
    /// Fewer than two dimensions, and no axes listed one by one.
    #[error(
        "shape {shape} has too few dimensions for fan_in and fan_out: layout {layout} needs at \
         least two ({axes}); list the axes one by one, or use `normal`, `uniform` or `constant`"
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
         axes count from the end",
        .shape.ndim(),
        .shape.ndim().saturating_sub(1)
    )]
    AxisOutOfRange {
        /// The axis as given.
        axis: isize,
        /// The shape given.
        shape: Shape,
    },
    /// An axis is listed twice in one list.
    #[error("axis {axis} of shape {shape} is listed twice in one list of axes: list it once")]
    RepeatedAxis {
        /// The axis as given the second time.
        axis: isize,
        /// The shape given.
        shape: Shape,
    },
    /// A batch axis is also an input or output axis.
    #[error(
        "axis {axis} of shape {shape} is a batch axis and also an input or output axis: a \
         batch axis stacks independent weights, so list it as batch axis only"
    )]
    BatchAxisReused {
        /// The axis, counted from the front.
        axis: usize,
        /// The shape given.
        shape: Shape,
    },
    /// A number of groups or blocks does not divide the size of an axis.
    #[error("{count} {what} do not divide an axis of size {size} of shape {shape}: give a divisor of {size}")]
    DoesNotDivide {
        /// `groups` or `blocks`.
        what: &'static str,
        /// Their number.
        count: usize,
        /// The size of the axis.
        size: usize,
        /// The shape given.
        shape: Shape,
    },
    /// A stride of 0, or with another number of axes than the kernel.
    #[error(
        "stride {stride:?} does not fit shape {shape}: give one positive number, or one for each axis of the kernel"
    )]
    Stride {
        /// The stride given.
        stride: Vec<usize>,
        /// The shape given.
        shape: Shape,
    },
    /// A depthwise convolution in another layout than Keras's, or grouped or transposed.
    #[error(
        "depthwise weights `(*kernel, in, multiplier)` exist in Keras only, neither grouped nor transposed: in torch \
         and jax give the number of groups"
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
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn modes_parse_back() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert!("fanin".parse::<Mode>().unwrap_err().to_string().contains("did you mean `fan_in`?"));
    }

    #[test]
    fn a_scalar_has_no_axes() {
        let shape = Shape::new([]).unwrap();
        let error = FanError::AxisOutOfRange { axis: 0, shape }.to_string();
        assert!(error.starts_with("axis 0 is out of range for shape []"), "{error}");
    }
}
