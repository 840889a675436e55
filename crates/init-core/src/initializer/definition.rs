//! The trait that the file of an initializer implements, and the context that it resolves in.

use alloc::boxed::Box;

use super::{parameter_error::ParameterError, resolve::ResolveError, values::Values};
use crate::{
    distribution::{
        family::{STD_CUT_AT_2, Truncation},
        independent::Distribution,
    },
    gain::nonlinearity::{Gain, Nonlinearity},
    resolved::Resolved,
    shape::{
        dims::Shape,
        fan::{Fans, Mode},
        filters::Filters,
        layout::Layout,
        location::AxesError,
        matrix::Matrix,
    },
    structured::StructuredError,
};

pub(super) const TWO_DIMENSIONS: &str = "2 dimensions";
pub(super) const CONVOLUTION: &str = "3 to 5 dimensions, as a convolution has";

/// An initializer with its parameters, as its own file defines it.
pub(super) trait Definition {
    /// Returns the values of the parameters, in the order of the table; `None` for one that is
    /// computed.
    fn values(&self) -> Values;

    /// Checks that the parameters fit together; each one has been checked against its kind.
    fn check(&self) -> Result<(), ParameterError> {
        Ok(())
    }

    /// Returns what to fill the requested shape with. The parameters have been checked; the result
    /// is checked next.
    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError>;
}

/// A shape and a layout for which an initializer is to be resolved.
pub(super) struct Request<'a> {
    /// The initializer's name, for errors.
    pub(super) initializer: &'static str,
    pub(super) shape: &'a Shape,
    pub(super) layout: &'a Layout,
}

impl Request<'_> {
    /// Returns the fans; a shape without elements has none, since a scale by fan would be 0 / 0.
    pub(super) fn fans(&self) -> Result<Fans, ResolveError> {
        let initializer = self.initializer;
        if self.shape.numel() == 0 {
            return Err(ResolveError::ZeroSized { initializer, shape: self.shape.clone() });
        }
        self.layout.fans(self.shape).map_err(|error| ResolveError::Fan { initializer, error })
    }

    /// Returns Xavier's standard deviation, in the order of operations on which PyTorch's bits
    /// depend.
    pub(super) fn xavier_std(&self, gain: Gain) -> Result<f64, ResolveError> {
        let fans = self.fans()?;
        Ok(gain.value() * libm::sqrt(2.0 / (fans.fan_in + fans.fan_out)))
    }

    /// Returns Kaiming's standard deviation, in PyTorch's order of operations.
    pub(super) fn kaiming_std(&self, a: f64, mode: Mode, nonlinearity: Nonlinearity) -> Result<f64, ResolveError> {
        Ok(nonlinearity.gain(a) / libm::sqrt(mode.fan(self.fans()?)))
    }

    /// Returns the matrix whose rows are the outputs.
    pub(super) fn matrix(&self) -> Result<Matrix, ResolveError> {
        self.matrix_of(self.shape)
    }

    /// Returns the matrix of another shape in the same layout.
    pub(super) fn matrix_of(&self, shape: &Shape) -> Result<Matrix, ResolveError> {
        self.layout.matrix(shape).map_err(|error| self.axes(error))
    }

    /// Returns the filters of a convolution with `min` to `max` dimensions, which `need` describes.
    pub(super) fn filters(&self, need: &'static str, min: usize, max: usize) -> Result<Filters, ResolveError> {
        self.layout.filters(self.shape, need, min, max).map_err(|error| self.axes(error))
    }

    /// Returns the size of one of `gates` equal parts of a one-dimensional shape.
    pub(super) fn hidden(&self, gates: usize) -> Result<usize, ResolveError> {
        match self.shape.dims() {
            &[size] => self.divide("gates", gates, size),
            _ => Err(self.dims("1 dimension")),
        }
    }

    /// Returns `whole / value`, or the error that `value` does not divide it.
    pub(super) fn divide(&self, parameter: &'static str, value: usize, whole: usize) -> Result<usize, ResolveError> {
        match value > 0 && whole.is_multiple_of(value) {
            true => Ok(whole / value),
            false => {
                let structured = self.initializer;
                Err(self.structured(StructuredError::DoesNotDivide { structured, parameter, value, whole }))
            }
        }
    }

    /// Returns the error that the shape has the wrong number of dimensions.
    pub(super) fn dims(&self, need: &'static str) -> ResolveError {
        self.axes(AxesError::Dims { need, shape: self.shape.clone() })
    }

    pub(super) fn axes(&self, error: AxesError) -> ResolveError {
        ResolveError::Axes { initializer: self.initializer, error: Box::new(error) }
    }

    pub(super) fn structured(&self, error: StructuredError) -> ResolveError {
        ResolveError::Structured { initializer: self.initializer, shape: self.shape.clone(), error: Box::new(error) }
    }
}

/// Returns the uniform distribution on [−bound, bound).
pub(super) fn symmetric_uniform(bound: f64) -> Distribution {
    Distribution::Uniform { low: -bound, high: bound }
}

/// Returns the symmetric uniform distribution with this standard deviation: √3 · std in just this
/// order, since PyTorch's bits depend on it.
pub(super) fn uniform_with_std(std: f64) -> Distribution {
    symmetric_uniform(libm::sqrt(3.0) * std)
}

/// Returns N(0, std²), truncated as requested.
pub(super) fn truncate(std: f64, truncation: Truncation) -> Distribution {
    let std = match truncation {
        Truncation::None => return Distribution::Normal { mean: 0.0, std },
        Truncation::Corrected => std / STD_CUT_AT_2,
        Truncation::Uncorrected => std,
    };
    Distribution::TruncatedNormal { mean: 0.0, std, low: -2.0 * std, high: 2.0 * std }
}
