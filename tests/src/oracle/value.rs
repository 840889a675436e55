//! The four dtypes: rounding, and the outermost values inside bounds.

use std::fmt::Debug;
use std::ops::Neg;

use half::{bf16, f16};

/// An element type of the value format.
pub trait Value: Copy + PartialEq + Neg<Output = Self> + Debug + Default + Send + Sync + 'static {
    /// Whether the values come from the f64 path.
    const DOUBLE: bool;
    /// The name of the dtype.
    const NAME: &'static str;
    /// The maximum finite value.
    const LARGEST: Self;
    /// Rounds to nearest even: from f64 in the f64 path, otherwise through f32.
    fn round(x: f64) -> Self;
    /// Returns the same number in f64.
    fn exact(self) -> f64;
    /// Returns the next value above a finite one.
    fn above(self) -> Self;
    /// Returns the bits, zero-extended.
    fn bits(self) -> u64;
}

macro_rules! value {
    ($type:ident, $double:literal, $round:expr, $above:expr) => {
        impl Value for $type {
            const DOUBLE: bool = $double;
            const NAME: &'static str = stringify!($type);
            const LARGEST: Self = $type::MAX;
            fn round(x: f64) -> Self {
                $round(x)
            }
            fn exact(self) -> f64 {
                f64::from(self)
            }
            fn above(self) -> Self {
                $above(self)
            }
            fn bits(self) -> u64 {
                u64::from(self.to_bits())
            }
        }
    };
}

value!(f64, true, |x| x, f64::next_up);
value!(f32, false, |x| x as f32, f32::next_up);
value!(bf16, false, |x| bf16::from_f32(x as f32), |x: bf16| { bf16::from_bits(half_above(x.to_bits())) });
value!(f16, false, |x| f16::from_f32(x as f32), |x: f16| { f16::from_bits(half_above(x.to_bits())) });

fn half_above(bits: u16) -> u16 {
    match bits {
        0x8000 => 1,
        positive if positive < 0x8000 => positive + 1,
        negative => negative - 1,
    }
}

/// Returns the minimum value of `T` that is at least `low`: `lowest`, as a number.
#[must_use]
pub fn lowest<T: Value>(low: f64) -> f64 {
    -highest::<T>(-low, true) + 0.0
}

/// Returns the maximum value of `T` below `high`, or equal to it if `closed`: `highest`, as a number.
#[must_use]
pub fn highest<T: Value>(high: f64, closed: bool) -> f64 {
    let inside = |x: T| x.exact() < high || closed && x.exact() == high;
    if inside(T::LARGEST) {
        return T::LARGEST.exact();
    }
    let below = |x: T| -(-x).above();
    // At most two values away: one by rounding, one because the bound is open.
    let mut largest = below(below(T::round(high.min(T::LARGEST.exact()))));
    while inside(largest.above()) {
        largest = largest.above();
    }
    largest.exact() + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outermost_values_are_the_last_inside() {
        let all = (0..=u16::MAX).map(bf16::from_bits).filter(|x| x.is_finite());
        for bound in [-0.03, -1e-39, -0.0, 0.0, 0.03, 0.5, 1.0, 3.389e38, 1e39, f64::INFINITY] {
            for closed in [false, true] {
                let inside = |x: &f64| *x < bound || closed && *x == bound;
                let expected = all.clone().map(f64::from).filter(inside).fold(f64::MIN, f64::max);
                let found = highest::<bf16>(bound, closed);
                assert_eq!(found, expected, "{bound} {closed}");
                assert!(found != 0.0 || found.is_sign_positive());
            }
        }
        assert_eq!(highest::<f64>(0.25, true), 0.25);
        assert_eq!(highest::<f64>(0.25, false), 0.25_f64.next_down());
        assert_eq!(highest::<f64>(f64::INFINITY, true), f64::MAX);
        assert_eq!(lowest::<f16>(f64::NEG_INFINITY), -65504.0);
        assert_eq!(highest::<f16>(f64::from_bits(1), false), 0.0);
        assert_eq!(lowest::<f32>(0.1), f64::from(0.1_f32));
        assert_eq!(lowest::<f32>(-0.1), f64::from((-0.1_f32).next_up()));
    }

    /// `half` is the only arithmetic that the oracle does not define itself: checked against the definition.
    #[test]
    fn halves_round_to_nearest_even() {
        fn check<T: Value>(low: u16, from_bits: fn(u16) -> T) {
            for bits in low..low + 2000 {
                let (at, next) = (from_bits(bits), from_bits(bits + 1));
                let middle = (at.exact() + next.exact()) / 2.0;
                let even = if bits % 2 == 0 { at } else { next };
                let middle32 = middle as f32;
                assert_eq!(f64::from(middle32), middle);
                assert_eq!(T::round(f64::from(middle32.next_down())), at, "{middle}");
                assert_eq!(T::round(middle), even, "{middle}");
                assert_eq!(T::round(f64::from(middle32.next_up())), next, "{middle}");
            }
        }
        for low in [0, 0x0300, 0x3B00, 0x7300] {
            check(low, f16::from_bits);
            check(low, bf16::from_bits);
        }
    }
}
