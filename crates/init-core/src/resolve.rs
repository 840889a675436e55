//! From an initializer to a distribution: the formulas.

use crate::distribution::{Distribution, DistributionError};
use crate::fan::{FanError, Mode};
use crate::gain::{Gain, Nonlinearity};
use crate::initializer::{Family, Initializer, ParameterError};
use crate::layout::Layout;
use crate::shape::Shape;

/// The standard deviation of N(0, 1) cut at ±2: √(1 − 4φ(2) / (2Φ(2) − 1)), to the digits that
/// JAX and Keras divide by.
const STD_CUT_AT_2: f64 = 0.879_625_661_034_239_8;

impl Initializer {
    /// Turns the scheme into the distribution to sample, in O(ndim).
    ///
    /// The formulas stand at the variants; they are evaluated in `f64` in the order of operations
    /// of the framework that they come from, so that the numbers equal its numbers.
    ///
    /// # Errors
    /// [`ResolveError`] for parameters out of range, and, if the scheme
    /// [needs fans](Self::needs_fans), for a shape without elements or without fans, or a scale
    /// that overflows.
    ///
    /// ```
    /// use init_core::{Distribution, Initializer, Layout, Shape};
    ///
    /// let init: Initializer = "he_normal".parse().unwrap();
    /// let shape = Shape::new([10, 50]).unwrap();
    /// let law = init.resolve(&shape, &Layout::Torch).unwrap();
    /// assert_eq!(law, Distribution::Normal { mean: 0.0, std: 0.2 }); // √(2 / 50)
    ///
    /// let error = init.resolve(&Shape::new([10]).unwrap(), &Layout::Torch).unwrap_err();
    /// assert!(error.to_string().contains("shape [10] has too few dimensions"));
    /// ```
    pub fn resolve(&self, shape: &Shape, layout: &Layout) -> Result<Distribution, ResolveError> {
        self.validate()?;
        let initializer = self.name();
        let fans = || {
            if shape.numel() == 0 {
                return Err(ResolveError::ZeroSized { initializer, shape: shape.clone() });
            }
            layout.fans(shape).map_err(|error| ResolveError::Fan { initializer, error })
        };
        // √3 · std and gain · √(2 / sum) in just this order: PyTorch's bits depend on it.
        let xavier = |gain: Gain| {
            let fans = fans()?;
            Ok::<_, ResolveError>(gain.value() * libm::sqrt(2.0 / (fans.fan_in + fans.fan_out)))
        };
        let kaiming = |a, mode: Mode, nonlinearity: Nonlinearity| {
            Ok::<_, ResolveError>(nonlinearity.gain(a) / libm::sqrt(mode.fan(fans()?)))
        };
        let from_std = |std| even(libm::sqrt(3.0) * std);
        let resolved = match *self {
            Self::Zeros => Distribution::Constant(0.0),
            Self::Ones => Distribution::Constant(1.0),
            Self::Constant { value } => Distribution::Constant(value),
            Self::Uniform { low, high } => Distribution::Uniform { low, high },
            Self::Normal { mean, std } => Distribution::Normal { mean, std },
            Self::TruncatedNormal { mean, std, low, high } => Distribution::TruncatedNormal {
                mean,
                std,
                low: low.unwrap_or(mean - 2.0 * std),
                high: high.unwrap_or(mean + 2.0 * std),
            },
            Self::XavierUniform { gain } => from_std(xavier(gain)?),
            Self::XavierNormal { gain } => centred(xavier(gain)?),
            Self::KaimingUniform { a, mode, nonlinearity } => from_std(kaiming(a, mode, nonlinearity)?),
            Self::KaimingNormal { a, mode, nonlinearity } => centred(kaiming(a, mode, nonlinearity)?),
            Self::LecunUniform => even(libm::sqrt(3.0 / fans()?.fan_in)),
            Self::LecunNormal => centred(libm::sqrt(1.0 / fans()?.fan_in)),
            Self::VarianceScaling { scale, mode, distribution } => {
                let variance = scale / mode.fan(fans()?);
                match distribution {
                    Family::Uniform => even(libm::sqrt(3.0 * variance)),
                    Family::Normal => centred(libm::sqrt(variance)),
                    Family::TruncatedNormal => {
                        let std = libm::sqrt(variance) / STD_CUT_AT_2;
                        let (low, high) = (-2.0 * std, 2.0 * std);
                        Distribution::TruncatedNormal { mean: 0.0, std, low, high }
                    }
                }
            }
        };
        resolved.validate().map_err(|error| ResolveError::Distribution { initializer, shape: shape.clone(), error })?;
        Ok(resolved)
    }
}

fn even(bound: f64) -> Distribution {
    Distribution::Uniform { low: -bound, high: bound }
}

fn centred(std: f64) -> Distribution {
    Distribution::Normal { mean: 0.0, std }
}

/// Why an initializer comes to no distribution for a shape.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// A parameter out of range.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The shape has no fan_in and fan_out.
    #[error("`{initializer}` needs fan_in and fan_out: {error}")]
    Fan {
        /// The initializer's name.
        initializer: &'static str,
        /// Why there are none.
        error: FanError,
    },
    /// The shape has no elements, so that a scale by fan would be 0 / 0.
    #[error(
        "`{initializer}` can not be scaled to shape {shape}, which has no elements; use `zeros`, \
         or leave the empty parameter out"
    )]
    ZeroSized {
        /// The initializer's name.
        initializer: &'static str,
        /// The shape given.
        shape: Shape,
    },
    /// The scale overflowed or vanished.
    #[error("`{initializer}` comes to no distribution for shape {shape}: {error}")]
    Distribution {
        /// The initializer's name.
        initializer: &'static str,
        /// The shape given.
        shape: Shape,
        /// What is wrong with it.
        error: DistributionError,
    },
}
