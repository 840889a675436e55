//! Whether a fill would be refused, found out without a buffer.

use init_core::DType;

use crate::element::Element;
use crate::error::FillError;
use crate::fillable::{Fillable, Kind};
use crate::float_env::FloatEnv;
use crate::{fill, structured};

/// Whether a distribution or a structured fill fits this element type: what [`fill`](crate::fill) would refuse is refused here, without a
/// buffer.
///
/// # Errors
/// Those of [`FillError`] that speak of what is filled in and the type.
///
/// ```
/// use half::f16;
/// use init_core::Distribution;
///
/// let wide = Distribution::Normal { mean: 0.0, std: 1e4 };
/// assert!(init_kernels::check::<f32>(&wide).is_ok());
/// let error = init_kernels::check::<f16>(&wide).unwrap_err();
/// assert!(error.to_string().contains("6.550400e4"));
/// ```
pub fn check<T: Element>(what: &impl Fillable) -> Result<(), FillError> {
    let _standard = FloatEnv::standard();
    match what.kind().ok_or(FillError::Unknown)? {
        Kind::Distribution(distribution) => fill::law::<T>(distribution).map(drop),
        Kind::Structured(structured) => structured::check::<T>(structured),
    }
}

/// [`check`] for a type that is known as a value.
///
/// # Errors
/// As for [`check`].
pub fn check_dtype(dtype: DType, what: &impl Fillable) -> Result<(), FillError> {
    match dtype {
        DType::F32 => check::<f32>(what),
        DType::F64 => check::<f64>(what),
        DType::Bf16 => check::<half::bf16>(what),
        DType::F16 => check::<half::f16>(what),
    }
}
