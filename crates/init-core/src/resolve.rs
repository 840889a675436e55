//! From an initializer to what is filled in: the formulas.

use alloc::boxed::Box;

use crate::distribution::{Distribution, DistributionError};
use crate::family::{Family, STD_CUT_AT_2, Truncation};
use crate::fan::{FanError, Mode};
use crate::gain::{Gain, Nonlinearity};
use crate::initializer::Initializer;
use crate::layout::Layout;
use crate::parameter_error::ParameterError;
use crate::placement::PlaceError;
use crate::resolved::{Invalid, Resolved};
use crate::shape::Shape;
use crate::structured::StructuredError;

impl Initializer {
    /// Turns the scheme into what is to be filled in, in O(ndim).
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
    /// let resolved = init.resolve(&shape, &Layout::Torch).unwrap();
    /// assert_eq!(resolved, Distribution::Normal { mean: 0.0, std: 0.2 }.into()); // √(2 / 50)
    ///
    /// let error = init.resolve(&Shape::new([10]).unwrap(), &Layout::Torch).unwrap_err();
    /// assert!(error.to_string().contains("shape [10] has too few dimensions"));
    /// ```
    pub fn resolve(&self, shape: &Shape, layout: &Layout) -> Result<Resolved, ResolveError> {
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
        let law = match *self {
            Self::Zeros => Distribution::Constant(0.0),
            Self::Ones => Distribution::Constant(1.0),
            Self::Constant { value } => Distribution::Constant(value),
            Self::Uniform { low, high } => Distribution::Uniform { low, high },
            Self::Normal { mean, std } => Distribution::Normal { mean, std },
            Self::TruncatedNormal { mean, std, low, high, lower, upper, corrected } => {
                let (lower, upper) = (lower.unwrap_or(-2.0), upper.unwrap_or(2.0));
                let std = if corrected { std / std_cut_at(lower, upper) } else { std };
                let (low, high) = (low.unwrap_or(mean + lower * std), high.unwrap_or(mean + upper * std));
                Distribution::TruncatedNormal { mean, std, low, high }
            }
            Self::XavierUniform { gain } => from_std(xavier(gain)?),
            Self::XavierNormal { gain, truncation } => cut(xavier(gain)?, truncation),
            Self::KaimingUniform { a, mode, nonlinearity } => from_std(kaiming(a, mode, nonlinearity)?),
            Self::KaimingNormal { a, mode, nonlinearity, truncation } => {
                cut(kaiming(a, mode, nonlinearity)?, truncation)
            }
            Self::LecunUniform => even(libm::sqrt(3.0 / fans()?.fan_in)),
            Self::LecunNormal { truncation } => cut(libm::sqrt(1.0 / fans()?.fan_in), truncation),
            Self::VarianceScaling { scale, mode, distribution } => {
                let variance = scale / mode.fan(fans()?);
                let std = libm::sqrt(variance);
                match distribution {
                    Family::Uniform => even(libm::sqrt(3.0 * variance)),
                    Family::Normal => cut(std, Truncation::None),
                    Family::TruncatedNormal => cut(std, Truncation::Corrected),
                    Family::UncorrectedTruncatedNormal => cut(std, Truncation::Uncorrected),
                }
            }
            _ => match self.structure(shape, layout)? {
                Some(structured) => return self.checked(structured.into(), shape),
                // Unreachable: what is no law above is a structure.
                None => return Err(ResolveError::NoDistribution { initializer }),
            },
        };
        self.checked(law.into(), shape)
    }

    fn checked(&self, resolved: Resolved, shape: &Shape) -> Result<Resolved, ResolveError> {
        let initializer = self.name();
        resolved.validate().map_err(|invalid| match invalid {
            Invalid::Distribution(error) => ResolveError::Distribution { initializer, shape: shape.clone(), error },
            Invalid::Structured(error) => {
                ResolveError::Structured { initializer, shape: shape.clone(), error: Box::new(error) }
            }
        })?;
        Ok(resolved)
    }

    /// [`resolve`](Self::resolve) where only independent draws will do.
    ///
    /// # Errors
    /// As there, and [`ResolveError::NoDistribution`] for a structured initializer.
    ///
    /// ```
    /// use init_core::{Distribution, Initializer, Layout, Shape};
    ///
    /// let init: Initializer = "lecun_uniform".parse().unwrap();
    /// let law = init.distribution(&Shape::new([9, 3]).unwrap(), &Layout::Torch).unwrap();
    /// assert_eq!(law, Distribution::Uniform { low: -1.0, high: 1.0 });
    /// ```
    pub fn distribution(&self, shape: &Shape, layout: &Layout) -> Result<Distribution, ResolveError> {
        if self.spec().structured {
            return Err(ResolveError::NoDistribution { initializer: self.name() });
        }
        match self.resolve(shape, layout)? {
            Resolved::Distribution(law) => Ok(law),
            Resolved::Structured(_) => Err(ResolveError::NoDistribution { initializer: self.name() }),
        }
    }
}

fn even(bound: f64) -> Distribution {
    Distribution::Uniform { low: -bound, high: bound }
}

/// N(0, std²), cut as asked for.
fn cut(std: f64, truncation: Truncation) -> Distribution {
    let std = match truncation {
        Truncation::None => return Distribution::Normal { mean: 0.0, std },
        Truncation::Corrected => std / STD_CUT_AT_2,
        Truncation::Uncorrected => std,
    };
    Distribution::TruncatedNormal { mean: 0.0, std, low: -2.0 * std, high: 2.0 * std }
}

/// The standard deviation of N(0, 1) within bounds.
fn std_cut_at(low: f64, high: f64) -> f64 {
    if (low, high) == (-2.0, 2.0) {
        return STD_CUT_AT_2;
    }
    Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low, high }.std()
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
    /// The structure does not go into the shape.
    #[error("`{initializer}` does not go into shape {shape}: {error}")]
    Structured {
        /// The initializer's name.
        initializer: &'static str,
        /// The shape given.
        shape: Shape,
        /// What is wrong.
        error: Box<StructuredError>,
    },
    /// The shape has not the dimensions or axes that the structure needs.
    #[error("`{initializer}` does not go into the shape: {error}")]
    Place {
        /// The initializer's name.
        initializer: &'static str,
        /// What is wrong.
        error: Box<PlaceError>,
    },
    /// A structured initializer where independent draws are needed.
    #[error(
        "`{initializer}` is no distribution of independent elements; use `normal`, `uniform` or a scheme that comes to one"
    )]
    NoDistribution {
        /// The initializer's name.
        initializer: &'static str,
    },
}
