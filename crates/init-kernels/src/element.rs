//! The types that a buffer can hold.

use std::fmt::Debug;

use half::{bf16, f16};
use init_core::{DType, Structured};

use crate::error::FillError;
use crate::fill::Task;
use crate::law::{Law32, Law64};

/// An element type of a buffer: `f32`, `f64`, [`half::bf16`] or [`half::f16`].
///
/// bf16 and f16 values are those of f32, held in the bounds as representable and rounded to nearest even; f64 has values of
/// its own, in full precision.
#[allow(private_bounds, reason = "sealed: the element types are those of this module")]
pub trait Element: sealed::Element {
    /// The same type, as a value.
    const DTYPE: DType;
}

pub(crate) mod sealed {
    use std::mem::MaybeUninit;

    use init_core::Structured;

    use super::Debug;
    use crate::error::FillError;
    use crate::fill::Task;
    use crate::law::Law;
    use crate::orthogonal::Real;
    use crate::sampler::GROUP;
    use crate::simd::Simd;
    use crate::structured::Part;

    /// What the fills need to know of an element type.
    pub(crate) trait Element: Copy + Debug + PartialEq + Send + Sync + 'static {
        /// The law that a tensor of this type follows.
        type Law: Law<Self>;
        /// What matrices of this type are computed in.
        type Real: Real;

        fn to_f64(self) -> f64;
        /// To nearest even, by way of f32 for the types that are rounded f32.
        fn from_f64(x: f64) -> Self;
        fn next_up(self) -> Self;
        fn next_down(self) -> Self;
        // The two fills are here, and not only functions over all types, so that they are compiled once and not in every
        // crate that fills.

        /// [`Task::run`].
        fn fill_law(task: Task<'_, Self>, parallel: bool);
        /// [`structured::fill`](crate::structured::fill).
        fn fill_structured(structured: &Structured, part: Part<'_, Self>) -> Result<(), FillError>;
        /// Writes a line, each value rounded to nearest even; `dst` is as long as the line.
        fn write<S: Simd>(simd: S, a: <Self::Real as Real>::Vector<S>, dst: &mut [MaybeUninit<Self>]);
    }

    /// The element types that take their values from the f32 stream.
    pub(crate) trait Narrowed: Element {
        /// Writes a group, each value rounded to nearest even.
        fn store<S: Simd>(simd: S, values: [S::F32; 2], dst: &mut [MaybeUninit<Self>; GROUP]);
    }
}

use sealed::Narrowed;
use std::mem::MaybeUninit;

use crate::sampler::GROUP;
use crate::simd::Simd;
use crate::structured::{self, Part};

impl Element for f32 {
    const DTYPE: DType = DType::F32;
}

impl sealed::Element for f32 {
    type Law = Law32;
    type Real = Self;

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

    fn fill_law(task: Task<'_, Self>, parallel: bool) {
        task.run(parallel);
    }

    fn fill_structured(structured: &Structured, part: Part<'_, Self>) -> Result<(), FillError> {
        structured::fill(structured, part)
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

impl Element for f64 {
    const DTYPE: DType = DType::F64;
}

impl sealed::Element for f64 {
    type Law = Law64;
    type Real = Self;

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

    fn fill_law(task: Task<'_, Self>, parallel: bool) {
        task.run(parallel);
    }

    fn fill_structured(structured: &Structured, part: Part<'_, Self>) -> Result<(), FillError> {
        structured::fill(structured, part)
    }

    #[inline(always)]
    fn write<S: Simd>(simd: S, a: S::F64, dst: &mut [MaybeUninit<Self>]) {
        simd.store_f64(a, vector(dst));
    }
}

/// A slice as the vector that it is as long as.
#[inline(always)]
fn vector<E, const N: usize>(dst: &mut [MaybeUninit<E>]) -> &mut [MaybeUninit<E>; N] {
    dst.try_into().expect("as long as a vector")
}

/// The two 16-bit types differ in their names only.
macro_rules! half_element {
    ($half:ident, $dtype:ident, $store:ident) => {
        impl Element for $half {
            const DTYPE: DType = DType::$dtype;
        }

        impl sealed::Element for $half {
            type Law = Law32;
            type Real = f32;

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

            fn fill_law(task: Task<'_, Self>, parallel: bool) {
                task.run(parallel);
            }

            fn fill_structured(structured: &Structured, part: Part<'_, Self>) -> Result<(), FillError> {
                structured::fill(structured, part)
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

half_element!(bf16, Bf16, store_bf16);
half_element!(f16, F16, store_f16);

/// The least and the greatest values of a type within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range<T> {
    pub(crate) lowest: T,
    pub(crate) highest: T,
}

impl<T: Element> Range<T> {
    /// The values in `[low, high]`, or in `[low, high)`; none, if no value of the type is there. Bounds may be infinite.
    pub(crate) fn within(low: f64, high: f64, open: bool) -> Option<Self> {
        let mut lowest = T::from_f64(low);
        if lowest.to_f64() < low || lowest.to_f64() == f64::NEG_INFINITY {
            lowest = lowest.next_up();
        }
        let mut highest = T::from_f64(high);
        if highest.to_f64() > high || (open && highest.to_f64() == high) || highest.to_f64() == f64::INFINITY {
            highest = highest.next_down();
        }
        let ordered = lowest.to_f64() <= highest.to_f64()
            && lowest.to_f64() < f64::INFINITY
            && highest.to_f64() > f64::NEG_INFINITY;
        ordered.then(|| Self { lowest: positive_zero(lowest), highest: positive_zero(highest) })
    }
}

fn positive_zero<T: Element>(x: T) -> T {
    if x.to_f64() == 0.0 { T::from_f64(0.0) } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range<T: Element>(low: f64, high: f64, open: bool) -> Option<(f64, f64)> {
        Range::<T>::within(low, high, open).map(|range| (range.lowest.to_f64(), range.highest.to_f64()))
    }

    #[test]
    fn the_ends_are_inside_and_their_neighbours_are_not() {
        fn check<T: Element>() {
            for (low, high) in [(-0.03, 0.03), (0.1, 0.3), (-1.0, 1.0), (1e-7, 1.0), (-3.0, -1e-7)] {
                for open in [false, true] {
                    let range = Range::<T>::within(low, high, open).unwrap();
                    assert!(range.lowest.to_f64() >= low && range.lowest.next_down().to_f64() < low);
                    let above = range.highest.next_up().to_f64();
                    assert!(range.highest.to_f64() <= high && (above > high || open && above >= high));
                    assert!(!open || range.highest.to_f64() < high);
                }
            }
        }
        check::<f32>();
        check::<f64>();
        check::<bf16>();
        check::<f16>();
    }

    #[test]
    fn a_gap_between_two_values_holds_none() {
        assert_eq!(range::<bf16>(1.001, 1.002, false), None);
        assert_eq!(range::<f32>(1.0, 1.0, true), None);
        assert_eq!(range::<f16>(70000.0, 80000.0, false), None);
    }

    #[test]
    fn infinite_bounds_stand_for_the_greatest_values() {
        assert_eq!(range::<f16>(f64::NEG_INFINITY, f64::INFINITY, false), Some((-65504.0, 65504.0)));
        assert_eq!(range::<f64>(0.0, f64::INFINITY, true), Some((0.0, f64::MAX)));
    }

    #[test]
    fn zeros_are_positive() {
        for (low, high) in [(-0.0, 1.0), (-1e-60, 1.0), (-1.0, -0.0), (-1.0, 1e-60)] {
            let range = Range::<f32>::within(low, high, false).unwrap();
            for end in [range.lowest, range.highest] {
                assert!(end != 0.0 || end.is_sign_positive(), "{low}..{high}");
            }
        }
    }
}
