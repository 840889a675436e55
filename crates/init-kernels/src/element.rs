//! The element types of buffers.

use half::{bf16, f16};
use init_core::DType;

use crate::{dispatch::FillDistribution, structured::FillStructured};

/// An element type of a buffer: `f32`, `f64`, [`bf16`] or [`f16`](struct@f16).
///
/// bf16 and f16 values are those of f32, clamped to the bounds as representable in the type and
/// rounded to nearest even. f64 has separate values, in full precision.
#[allow(private_bounds, reason = "sealed: the element types are those of this module")]
pub trait Element: FillDistribution + FillStructured {
    /// The type as a value.
    const DTYPE: DType;
}

impl Element for f32 {
    const DTYPE: DType = DType::F32;
}

impl Element for f64 {
    const DTYPE: DType = DType::F64;
}

impl Element for bf16 {
    const DTYPE: DType = DType::Bf16;
}

impl Element for f16 {
    const DTYPE: DType = DType::F16;
}
