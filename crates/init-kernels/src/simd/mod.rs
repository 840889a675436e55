//! The lane-wise operations that the kernels use, and their back ends.
//!
//! Kernels are written once, over [`Simd`], and entered through [`Simd::vectorize`], the only place
//! where a `#[target_feature]` function is called. Everything between that entry and the intrinsics
//! is `#[inline(always)]`, so that the whole kernel is compiled for the level's instruction set.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod chain32;
mod chain64;
mod fused;
mod polynomial;
mod portable;
mod vector;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
pub(crate) use polynomial::Polynomial;
pub(crate) use portable::Portable;
pub(crate) use vector::{Simd, TWO_52};

#[cfg(all(test, feature = "rand"))]
pub(crate) mod tests;
