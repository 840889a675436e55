//! Resolving an initializer for a shape and a layout.

use alloc::boxed::Box;

use super::{
    definition::Request,
    parameter_error::ParameterError,
    registry::Initializer,
    spec::{Signature, Value},
};
use crate::{
    distribution::independent::{Distribution, DistributionError},
    resolved::{Invalid, Resolved},
    shape::{dims::Shape, fan::FanError, layout::Layout, location::AxesError},
    structured::StructuredError,
};

impl Initializer {
    /// Resolves the initializer to what a tensor of this shape is filled with, in O(ndim).
    ///
    /// The formulas are documented at the variants. They are evaluated in `f64`, in the order of
    /// operations of the framework that they come from, so that the numbers equal that framework's
    /// numbers.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] for parameters out of range, and, if the initializer [needs
    /// fans](Self::needs_fans), for a shape without elements or without fans, or a scale that
    /// overflows.
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
        // Checked in place, not moved: see the kernels' `dispatch`.
        let resolved = self.with(|definition| definition.resolve(&Request { initializer, shape, layout }));
        if let Ok(found) = &resolved {
            found.validate().map_err(|invalid| match invalid {
                Invalid::Distribution(error) => ResolveError::Distribution { initializer, shape: shape.clone(), error },
                Invalid::Structured(error) => {
                    ResolveError::Structured { initializer, shape: shape.clone(), error: Box::new(error) }
                }
            })?;
        }
        resolved
    }

    /// Resolves the initializer to a distribution of independent elements.
    ///
    /// # Errors
    ///
    /// Those of [`resolve`](Self::resolve), and [`ResolveError::NoDistribution`] for a structured
    /// initializer.
    ///
    /// ```
    /// use init_core::{Distribution, Initializer, Layout, Shape};
    ///
    /// let init: Initializer = "lecun_uniform".parse().unwrap();
    /// let found = init.distribution(&Shape::new([9, 3]).unwrap(), &Layout::Torch).unwrap();
    /// assert_eq!(found, Distribution::Uniform { low: -1.0, high: 1.0 });
    /// ```
    pub fn distribution(&self, shape: &Shape, layout: &Layout) -> Result<Distribution, ResolveError> {
        if self.spec().structured {
            return Err(ResolveError::NoDistribution { initializer: self.name() });
        }
        match self.resolve(shape, layout)? {
            Resolved::Distribution(distribution) => Ok(distribution),
            Resolved::Structured(_) => Err(ResolveError::NoDistribution { initializer: self.name() }),
        }
    }

    /// Checks the parameters, without a shape. [`resolve`](Self::resolve) and the parser call it
    /// too.
    ///
    /// # Errors
    ///
    /// [`ParameterError`] for a number outside its parameter's range, for `low` above `high`, and
    /// for parameters that do not fit together.
    pub fn validate(&self) -> Result<(), ParameterError> {
        self.with(|definition| {
            check_kinds(self.spec().signature(), definition.values().as_slice())?;
            definition.check()
        })
    }
}

/// Checks each value against the kind of its parameter.
pub(crate) fn check_kinds(spec: Signature, values: &[Option<Value>]) -> Result<(), ParameterError> {
    let initializer = spec.name;
    for (parameter, value) in spec.parameters.iter().zip(values) {
        let (parameter, kind) = (parameter.name, parameter.kind);
        match value {
            Some(Value::Number(value)) if !kind.allows(*value) => {
                return Err(ParameterError::OutOfRange { initializer, parameter, value: *value, kind });
            }
            Some(Value::Initializer(inner)) => {
                if inner.spec().structured {
                    let reason = "must resolve to a distribution, such as `normal` or `kaiming_uniform`";
                    return Err(ParameterError::Mismatch { initializer, parameter, reason });
                }
                inner.validate()?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The error for an initializer that cannot be resolved for a shape.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// A parameter is invalid.
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
        "`{initializer}` cannot be scaled to shape {shape}, which has no elements; use `zeros`, \
         or leave the empty parameter out"
    )]
    ZeroSized {
        /// The initializer's name.
        initializer: &'static str,
        /// The shape given.
        shape: Shape,
    },
    /// The scale overflowed or underflowed to 0.
    #[error("`{initializer}` gives no valid distribution for shape {shape}: {error}")]
    Distribution {
        /// The initializer's name.
        initializer: &'static str,
        /// The shape given.
        shape: Shape,
        /// Which parameter of the distribution is invalid.
        error: DistributionError,
    },
    /// The structured fill does not fit the shape.
    #[error("`{initializer}` does not fit shape {shape}: {error}")]
    Structured {
        /// The initializer's name.
        initializer: &'static str,
        /// The shape given.
        shape: Shape,
        /// The mismatch.
        error: Box<StructuredError>,
    },
    /// The shape lacks the dimensions or axes that the structured fill needs.
    #[error("`{initializer}` does not fit the shape: {error}")]
    Axes {
        /// The initializer's name.
        initializer: &'static str,
        /// The mismatch.
        error: Box<AxesError>,
    },
    /// A structured initializer where a distribution of independent elements is required.
    #[error(
        "`{initializer}` is not a distribution of independent elements; use `normal`, `uniform` or another \
         initializer that resolves to one"
    )]
    NoDistribution {
        /// The initializer's name.
        initializer: &'static str,
    },
}
