//! The range of a type's values within bounds, and clamping to it.

use crate::{kernel::Parameters, scalar::Scalar, simd::Simd};

/// The smallest and the largest value of a type within bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range<T> {
    pub(crate) lowest: T,
    pub(crate) highest: T,
}

impl<T: Scalar> Range<T> {
    /// Returns the values in `[low, high]`, or in `[low, high)` if `open`; `None` if the type has
    /// no value there. Bounds may be infinite.
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

    /// Converts both ends to another type, to nearest.
    pub(crate) fn convert<R: Scalar>(self) -> Range<R> {
        Range { lowest: R::from_f64(self.lowest.to_f64()), highest: R::from_f64(self.highest.to_f64()) }
    }
}

impl<T: Scalar> Parameters for Range<T> {
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        vec![("lowest", self.lowest.to_f64()), ("highest", self.highest.to_f64())]
    }
}

fn positive_zero<T: Scalar>(x: T) -> T {
    if x.to_f64() == 0.0 { T::from_f64(0.0) } else { x }
}

impl Range<f32> {
    /// Clamps each lane to the range.
    #[inline(always)]
    pub(crate) fn clamp<S: Simd>(self, simd: S, x: S::F32) -> S::F32 {
        simd.min_f32(simd.max_f32(x, simd.splat_f32(self.lowest)), simd.splat_f32(self.highest))
    }
}

impl Range<f64> {
    /// Clamps each lane to the range.
    #[inline(always)]
    pub(crate) fn clamp<S: Simd>(self, simd: S, x: S::F64) -> S::F64 {
        simd.min_f64(simd.max_f64(x, simd.splat_f64(self.lowest)), simd.splat_f64(self.highest))
    }
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;

    fn range<T: Scalar>(low: f64, high: f64, open: bool) -> Option<(f64, f64)> {
        Range::<T>::within(low, high, open).map(|range| (range.lowest.to_f64(), range.highest.to_f64()))
    }

    #[test]
    fn the_ends_are_inside_and_their_outer_neighbours_are_not() {
        fn check<T: Scalar>() {
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
    fn a_gap_between_two_values_contains_none() {
        assert_eq!(range::<bf16>(1.001, 1.002, false), None);
        assert_eq!(range::<f32>(1.0, 1.0, true), None);
        assert_eq!(range::<f16>(70000.0, 80000.0, false), None);
    }

    #[test]
    fn infinite_bounds_become_the_largest_values() {
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
