//! The arithmetic of element types: conversions, neighbouring values, and stores of vectors.

use std::{fmt::Debug, mem::MaybeUninit};

use half::{bf16, f16};
use init_core::DType;

use crate::{geometry::GROUP, real::Real, simd::Simd};

/// The element type of a buffer.
pub(crate) trait Scalar: Copy + Debug + PartialEq + Send + Sync + 'static {
    /// The type in which its values are computed: f64 for f64, f32 for all others.
    type Real: Real;

    /// The type as a value.
    const TYPE: DType;

    fn to_f64(self) -> f64;
    /// Rounds to nearest even, through f32 for the types that are rounded from f32.
    fn from_f64(x: f64) -> Self;
    fn next_up(self) -> Self;
    fn next_down(self) -> Self;

    /// Writes a vector of [`Real`](Self::Real), each value rounded to nearest even; `dst` has the
    /// length of the vector.
    fn write<S: Simd>(simd: S, a: <Self::Real as Real>::Vector<S>, dst: &mut [MaybeUninit<Self>]);

    /// Returns the smallest positive value.
    fn smallest() -> f64 {
        Self::from_f64(0.0).next_up().to_f64()
    }
}

/// An element type whose values are those of the f32 stream, rounded.
pub(crate) trait Narrowed: Scalar {
    /// Writes a group, each value rounded to nearest even.
    fn store<S: Simd>(simd: S, values: [S::F32; 2], dst: &mut [MaybeUninit<Self>; GROUP]);
}

impl Scalar for f32 {
    type Real = Self;

    const TYPE: DType = DType::F32;

    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    fn from_f64(x: f64) -> Self {
        x as Self
    }

    fn next_up(self) -> Self {
        self.next_up()
    }

    fn next_down(self) -> Self {
        self.next_down()
    }

    #[inline(always)]
    fn write<S: Simd>(simd: S, a: S::F32, dst: &mut [MaybeUninit<Self>]) {
        simd.store_f32(a, vector(dst));
    }
}

impl Narrowed for f32 {
    #[inline(always)]
    fn store<S: Simd>(simd: S, values: [S::F32; 2], dst: &mut [MaybeUninit<Self>; GROUP]) {
        for (value, dst) in values.into_iter().zip(dst.as_chunks_mut().0) {
            simd.store_f32(value, dst);
        }
    }
}

impl Scalar for f64 {
    type Real = Self;

    const TYPE: DType = DType::F64;

    fn to_f64(self) -> f64 {
        self
    }

    fn from_f64(x: f64) -> Self {
        x
    }

    fn next_up(self) -> Self {
        self.next_up()
    }

    fn next_down(self) -> Self {
        self.next_down()
    }

    #[inline(always)]
    fn write<S: Simd>(simd: S, a: S::F64, dst: &mut [MaybeUninit<Self>]) {
        simd.store_f64(a, vector(dst));
    }
}

/// Converts a slice to an array of its length.
#[inline(always)]
fn vector<E, const N: usize>(dst: &mut [MaybeUninit<E>]) -> &mut [MaybeUninit<E>; N] {
    dst.try_into().expect("the length of a vector")
}

/// Implements a 16-bit type; the two differ only in their names.
macro_rules! half_scalar {
    ($half:ident, $dtype:ident, $store:ident) => {
        impl Scalar for $half {
            type Real = f32;

            const TYPE: DType = DType::$dtype;

            fn to_f64(self) -> f64 {
                self.to_f64()
            }

            fn from_f64(x: f64) -> Self {
                Self::from_f32_const(x as f32)
            }

            fn next_up(self) -> Self {
                let bits = self.to_bits();
                Self::from_bits(match bits {
                    0x8000 => 1,
                    _ if bits & 0x8000 == 0 => bits + 1,
                    _ => bits - 1,
                })
            }

            fn next_down(self) -> Self {
                -(-self).next_up()
            }

            #[inline(always)]
            fn write<S: Simd>(simd: S, a: S::F32, dst: &mut [MaybeUninit<Self>]) {
                let mut twice = [MaybeUninit::uninit(); GROUP];
                simd.$store([a, a], &mut twice);
                dst.copy_from_slice(&twice[..GROUP / 2]);
            }
        }

        impl Narrowed for $half {
            #[inline(always)]
            fn store<S: Simd>(simd: S, values: [S::F32; 2], dst: &mut [MaybeUninit<Self>; GROUP]) {
                simd.$store(values, dst);
            }
        }
    };
}

half_scalar!(bf16, Bf16, store_bf16);
half_scalar!(f16, F16, store_f16);
