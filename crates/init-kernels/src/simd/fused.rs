//! `a·b + c` rounded once, on hardware that cannot fuse: exact and slow.

/// Whether this build's target has fused multiply-add, so that `mul_add` is one instruction.
pub(super) const FUSES: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

#[inline(always)]
fn zip<T: Copy, R, const N: usize>(a: [T; N], b: [T; N], c: [T; N], f: impl Fn(T, T, T) -> R) -> [R; N] {
    std::array::from_fn(|lane| f(a[lane], b[lane], c[lane]))
}

/// Returns the nearest f32 of each `a·b + c`.
#[inline(always)]
pub(crate) fn fma_f32<const N: usize>(a: [f32; N], b: [f32; N], c: [f32; N]) -> [f32; N] {
    if FUSES {
        return zip(a, b, c, f32::mul_add);
    }
    // The product of two f32 is exact in f64, so the f64 sum is the f64 nearest to a·b + c.
    // Rounding it again to f32 is the same as rounding once, unless that sum is a tie of two f32,
    // where the bits lost by the first rounding decide.
    let sums = zip(a, b, c, |a, b, c| f64::from(a) * f64::from(b) + f64::from(c));
    let uncertain = sums.iter().fold(false, |uncertain, sum| {
        let tie = sum.to_bits() as u32 & 0x1FFF_FFFF == 0x1000_0000;
        // Below twice the smallest normal f32 the ties are elsewhere.
        let tiny = sum.abs() < 2.0 * f64::from(f32::MIN_POSITIVE) && *sum != 0.0;
        uncertain | tie | tiny
    });
    if uncertain { zip(a, b, c, fma_f32_to_odd) } else { sums.map(|sum| sum as f32) }
}

/// Computes one `a·b + c`: the f64 sum is rounded to odd, after which rounding it to f32 is correct
/// (S. Boldo, G. Melquiond, *Emulation of a FMA and correctly rounded sums: proved algorithms using
/// rounding to odd*, 2008).
#[cold]
fn fma_f32_to_odd(a: f32, b: f32, c: f32) -> f32 {
    add_to_odd(f64::from(a) * f64::from(b), f64::from(c)) as f32
}

/// Returns the nearest f64 of each `a·b + c`.
#[inline(always)]
pub(crate) fn fma_f64<const N: usize>(a: [f64; N], b: [f64; N], c: [f64; N]) -> [f64; N] {
    if FUSES {
        return zip(a, b, c, f64::mul_add);
    }
    let safe = zip(a, b, c, splits_exactly).iter().fold(true, |all, &safe| all & safe);
    if safe { zip(a, b, c, fma_f64_in_parts) } else { zip(a, b, c, libm::fma) }
}

/// Returns whether no step of [`fma_f64_in_parts`] can overflow or lose bits to underflow.
#[inline(always)]
fn splits_exactly(a: f64, b: f64, c: f64) -> bool {
    const MIN: f64 = 1e-240;
    const MAX: f64 = 1e240;
    let product = (a * b).abs();
    (a.abs() < MAX)
        & (b.abs() < MAX)
        & (product > MIN)
        & (product < MAX)
        & (c.abs() < MAX)
        & ((c.abs() > MIN) | (c == 0.0))
}

/// Computes one `a·b + c` as the exact sum of three numbers, the two smaller of them rounded to odd
/// (Boldo and Melquiond, 2008).
#[inline(always)]
fn fma_f64_in_parts(a: f64, b: f64, c: f64) -> f64 {
    let (product, product_error) = product_with_error(a, b);
    let (low, low_error) = sum_with_error(c, product_error);
    let (high, high_error) = sum_with_error(product, low);
    high + add_to_odd(low_error, high_error)
}

/// Returns `a·b` and its rounding error (T. J. Dekker, *A floating-point technique for extending
/// the available precision*, 1971).
#[inline(always)]
fn product_with_error(a: f64, b: f64) -> (f64, f64) {
    let split = |x: f64| {
        let scaled = x * 134_217_729.0;
        let high = scaled - (scaled - x);
        (high, x - high)
    };
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let product = a * b;
    (product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)
}

/// Returns `a + b` and its rounding error (D. E. Knuth, *The Art of Computer Programming*, vol. 2,
/// 4.2.2, theorem B).
#[inline(always)]
fn sum_with_error(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// Returns `a + b` rounded to odd: an inexact sum becomes the neighbour whose last bit is 1.
#[inline(always)]
fn add_to_odd(a: f64, b: f64) -> f64 {
    let (sum, error) = sum_with_error(a, b);
    let bits = sum.to_bits();
    // False where the error is NaN, as it is if the sum is infinite.
    let inexact = (error < 0.0) | (error > 0.0);
    let outward = (error > 0.0) == (sum > 0.0);
    let neighbour = if outward { bits.wrapping_add(1) } else { bits.wrapping_sub(1) };
    f64::from_bits(if inexact & (bits & 1 == 0) { neighbour } else { bits })
}

#[cfg(all(test, feature = "rand"))]
mod tests {
    use rand::{Rng, RngExt};

    use super::*;
    use crate::Stream;

    /// Returns operands of every kind: all bit patterns, near cancellations, exact ties, the edges
    /// of the range.
    fn operands(rng: &mut impl Rng) -> [f64; 3] {
        let wild = |rng: &mut dyn Rng| loop {
            let x = f64::from_bits(rng.next_u64());
            if x.is_finite() {
                return x;
            }
        };
        let near_one = |rng: &mut dyn Rng| 1.0 + (rng.next_u64() % 4096) as f64 * f64::EPSILON;
        match rng.random_range(0..5) {
            0 => [wild(rng), wild(rng), wild(rng)],
            1 => {
                let (a, b) = (wild(rng) % 1e3, wild(rng) % 1e3);
                [a, b, -a * b]
            }
            2 => [near_one(rng), near_one(rng), -near_one(rng)],
            3 => [near_one(rng), near_one(rng), near_one(rng) * 2f64.powi(-53)],
            _ => [near_one(rng) * 2f64.powi(-511), near_one(rng) * 2f64.powi(-511), near_one(rng) * 2f64.powi(-1060)],
        }
    }

    #[test]
    fn f64_is_rounded_once() {
        let mut rng = Stream::new(1).rng();
        for _ in 0..1_000_000 {
            let [a, b, c] = operands(&mut rng);
            let expected = libm::fma(a, b, c);
            assert_eq!(fma_f64([a], [b], [c])[0].to_bits(), expected.to_bits(), "{a:e}·{b:e} + {c:e}");
        }
    }

    #[test]
    fn f32_is_rounded_once() {
        let mut rng = Stream::new(2).rng();
        for _ in 0..1_000_000 {
            let bits = rng.next_u64();
            let (a, b) = (f32::from_bits(bits as u32), f32::from_bits((bits >> 32) as u32));
            let near = 1.0 + (bits % 64) as f32 * f32::EPSILON;
            for [a, b, c] in [
                [a, b, near],
                [a, b, -a * b],
                [near, 1.0 + f32::EPSILON, f32::EPSILON / 2.0],
                [a, 1e-30, b],
                [near, near, b],
            ] {
                if (a * b + c).is_finite() {
                    let expected = libm::fmaf(a, b, c);
                    assert_eq!(fma_f32([a], [b], [c])[0].to_bits(), expected.to_bits(), "{a:e}·{b:e} + {c:e}");
                }
            }
        }
    }
}
