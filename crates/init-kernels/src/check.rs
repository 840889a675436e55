//! Checks whether a fill would be refused, without a buffer.

use half::{bf16, f16};
use init_core::DType;

use crate::{
    element::Element,
    error::FillError,
    fillable::{Fillable, Kind},
};

/// Checks that a distribution or a structured fill fits an element type, without a buffer.
///
/// # Errors
///
/// Returns the [`FillError`] with which [`fill`](crate::fill) would refuse the distribution or the
/// structured fill.
///
/// ```
/// use init_core::Distribution;
/// use init_kernels::f16;
///
/// let wide = Distribution::Normal { mean: 0.0, std: 1e4 };
/// assert!(init_kernels::check::<f32>(&wide).is_ok());
/// let error = init_kernels::check::<f16>(&wide).unwrap_err();
/// assert!(error.to_string().contains("6.550400e4"));
/// ```
pub fn check<T: Element>(what: &impl Fillable) -> Result<(), FillError> {
    match what.kind() {
        Kind::Distribution(distribution) => T::check_distribution(distribution),
        Kind::Structured(structured) => T::check_structured(structured),
    }
}

/// Does the same as [`check`] for an element type that is given as a value.
///
/// # Errors
///
/// Returns the same errors as [`check`].
pub fn check_dtype(dtype: DType, what: &impl Fillable) -> Result<(), FillError> {
    match dtype {
        DType::F32 => check::<f32>(what),
        DType::F64 => check::<f64>(what),
        DType::Bf16 => check::<bf16>(what),
        DType::F16 => check::<f16>(what),
    }
}
