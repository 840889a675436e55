//! Chains of fused f64 steps on hardware that cannot fuse: each sum with its rounding errors,
//! checked once per chain.
//!
//! In pseudo-code, for one step `y·x + c`:
//!
//! ```text
//! (product, e₁) = y·x exactly, as the sum of two f64
//! (sum, e₂)     = product + c exactly, as the sum of two f64
//! low, high     = sum + (e₁ + e₂)·(1 ∓ 2 ε)
//! result is low, certain if low = high
//! ```

use wide::{bytemuck::cast, f64x2, f64x8, u64x2};

/// Below this, the rounding error of a product may underflow. A sum with a term above [`MIN_TERM`]
/// does not need it.
const MIN_PRODUCT: f64 = 1e-240;
const MIN_TERM: f64 = 1e-200;

/// A factor and its halves of 26 bits each.
#[derive(Clone, Copy)]
struct Factor {
    whole: f64x2,
    high: f64x2,
    low: f64x2,
}

impl Factor {
    /// Splits a factor: T. J. Dekker, *A floating-point technique for extending the available
    /// precision*, 1971.
    #[inline(always)]
    fn new(whole: f64x2) -> Self {
        let scaled = whole * f64x2::splat(134_217_729.0);
        let high = scaled - (scaled - whole);
        Self { whole, high, low: whole - high }
    }
}

/// Computes `y·x` and its rounding error.
///
/// One factor is masked into 26 and 27 bits, which takes half the operations of Dekker's split; the
/// other is split by Dekker, so that all partial products are exact.
#[inline(always)]
fn product(y: f64x2, x: &Factor) -> [f64x2; 2] {
    let high: f64x2 = cast(cast::<_, u64x2>(y) & u64x2::splat(u64::MAX << 27));
    let low = y - high;
    let product = y * x.whole;
    [product, ((high * x.high - product) + high * x.low + low * x.high) + low * x.low]
}

/// Computes `product + c`, where the product is the sum of two numbers. Sets bits of `uncertain` if
/// it may be wrong.
#[inline(always)]
fn sum([product, product_error]: [f64x2; 2], c: f64x2, uncertain: &mut u64x2) -> f64x2 {
    // The rounding error of the sum: D. E. Knuth, *The Art of Computer Programming*, vol. 2, 4.2.2,
    // theorem B.
    let sum = product + c;
    let c_part = sum - product;
    let error = ((product - (sum - c_part)) + (c - c_part)) + product_error;
    // The sum of both errors is known to 2⁻⁵³, relative: if the ends of a wider interval round
    // alike, so does all of it. NaN and infinities, to which too large numbers overflow here,
    // differ from themselves.
    let [low, high] = [1.0 - 2.0 * f64::EPSILON, 1.0 + 2.0 * f64::EPSILON].map(|end| sum + error * f64x2::splat(end));
    *uncertain |= cast::<_, u64x2>(high - low);
    low
}

/// Computes each `a·b + c`; `None` if the result is uncertain.
#[inline(always)]
pub(super) fn fma(a: f64x8, b: f64x8, c: f64x8) -> Option<f64x8> {
    let [a, b, c]: [[f64x2; 4]; 3] = [cast(a), cast(b), cast(c)];
    let mut uncertain = u64x2::ZERO;
    let y: [f64x2; 4] = std::array::from_fn(|i| {
        let product = product(a[i], &Factor::new(b[i]));
        let exact = product[0].abs().simd_gt(f64x2::splat(MIN_PRODUCT)) | c[i].abs().simd_gt(f64x2::splat(MIN_TERM));
        uncertain |= !cast::<_, u64x2>(exact);
        sum(product, c[i], &mut uncertain)
    });
    if is_zero(uncertain) { Some(cast(y)) } else { None }
}

/// Evaluates every `stride`-th coefficient from `first` on as a polynomial in x; `None` if a step
/// is uncertain.
#[inline(always)]
pub(super) fn horner<const N: usize>(coefficients: &[f64; N], first: usize, stride: usize, x: f64x8) -> Option<f64x8> {
    let x: [f64x2; 4] = cast(x);
    let x = x.map(Factor::new);
    let mut uncertain = u64x2::ZERO;
    let mut power = N - 1 - (N - 1 - first) % stride;
    let mut y = [f64x2::splat(coefficients[power]); 4];
    while power > first {
        power -= stride;
        let c = coefficients[power];
        if c.abs() <= MIN_TERM {
            return None;
        }
        for (y, x) in y.iter_mut().zip(&x) {
            *y = sum(product(*y, x), f64x2::splat(c), &mut uncertain);
        }
    }
    if is_zero(uncertain) { Some(cast(y)) } else { None }
}

#[inline(always)]
fn is_zero(bits: u64x2) -> bool {
    let [low, high] = bits.to_array();
    low | high == 0
}

#[cfg(all(test, feature = "rand"))]
mod tests {
    use rand::{Rng, RngExt};

    use super::{
        super::{portable::Portable, vector::Simd},
        *,
    };
    use crate::{Stream, geometry::WIDTH64};

    type Lanes = [f64; WIDTH64];

    fn same(got: f64x8, expected: Lanes, what: &str, of: impl Fn(usize) -> String) {
        for (lane, (got, expected)) in got.to_array().into_iter().zip(expected).enumerate() {
            let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(same, "{what}: {got:e} instead of {expected:e}, from {}", of(lane));
        }
    }

    fn around_1(rng: &mut impl Rng) -> f64 {
        rng.random_range(-4.0..4.0)
    }

    /// Returns a number with few significant bits, so that sums are often ties, or nearly ties.
    fn near_1(rng: &mut impl Rng) -> f64 {
        1.0 + f64::from(rng.random_range(-4..4)) * f64::EPSILON / 2.0
    }

    fn any(rng: &mut impl Rng) -> f64 {
        let some = [0.0, -0.0, f64::MAX, f64::INFINITY, f64::NAN, 5e-324, f64::MIN_POSITIVE, 1e-250, 1e299, 1.3e308];
        if rng.random() { f64::from_bits(rng.next_u64()) } else { some[rng.random_range(0..some.len())] }
    }

    /// Returns three operands of one kind.
    fn operands(rng: &mut impl Rng, kind: u32) -> [Lanes; 3] {
        let mut lanes = [0; 3].map(|_| [0; WIDTH64].map(|_| if kind < 4 { around_1(rng) } else { near_1(rng) }));
        let scale = match kind {
            1 => [2f64.powi(-500), 2f64.powi(-500), 2f64.powi(-1000)],
            2 => [2f64.powi(-540), 2f64.powi(-520), 2f64.powi(-1059)],
            3 => [2f64.powi(510), 2f64.powi(511), 2f64.powi(rng.random_range(960..1022))],
            4 => [1.0, 1.0, 2f64.powi(rng.random_range(-110..110))],
            5 => [1.0, 2f64.powi(rng.random_range(-110..-50)), -1.0],
            6 => [1.0, 1.0, -1.0],
            _ => [1.0; 3],
        };
        for (lanes, scale) in lanes.iter_mut().zip(scale) {
            *lanes = lanes.map(|lane| lane * scale);
        }
        match rng.random_range(0..8) {
            0 => {
                // The sum is as small as the product's error, so that all of its bits count.
                let rest = 1.0 + f64::from(rng.random_range(-1000..1000)) * f64::EPSILON;
                lanes[2] = std::array::from_fn(|i| -lanes[0][i] * lanes[1][i] * rest);
            }
            1 => lanes[2] = [-0.0; WIDTH64],
            2 => lanes[rng.random_range(0..3)][rng.random_range(0..WIDTH64)] = any(rng),
            3 => lanes = lanes.map(|lanes| lanes.map(|_| any(rng))),
            _ => {}
        }
        lanes
    }

    #[test]
    fn f64_fma_is_rounded_once() {
        let mut rng = Stream::new(8).rng();
        const KINDS: usize = 7;
        const ROUNDS: usize = 210_000;
        let mut fast = [0; KINDS];
        for round in 0..ROUNDS {
            let kind = round % KINDS;
            let [a, b, c] = operands(&mut rng, kind as u32);
            let expected = std::array::from_fn(|i| libm::fma(a[i], b[i], c[i]));
            let of = |i: usize| format!("{:e}·{:e} + {:e}", a[i], b[i], c[i]);
            let [a, b, c] = [a, b, c].map(f64x8::new);
            same(Portable.fma_f64(a, b, c), expected, "fma", of);
            if let Some(got) = fma(a, b, c) {
                fast[kind] += 1;
                same(got, expected, "fast fma", of);
            }
        }
        assert!(fast[0] > ROUNDS / KINDS / 2 && fast[3] > 0 && fast[4] > 0, "{fast:?} were fast");
    }

    fn check_polynomial<const N: usize>(coefficients: &[f64; N], scale: f64, min_fast: u32) {
        let mut rng = Stream::new(scale.to_bits()).rng();
        const ROUNDS: u32 = 10_000;
        let mut fast = 0;
        for round in 0..ROUNDS {
            let x = operands(&mut rng, if round % 4 == 0 { 4 } else { 0 })[0].map(|x| x * scale);
            for (first, stride) in [(0, 1), (0, 2), (1, 2)] {
                let used: Vec<_> = coefficients[first..].iter().step_by(stride).copied().collect();
                let steps = |x| used.iter().copied().rev().reduce(|y, c| libm::fma(y, x, c)).unwrap();
                let (expected, of) = (x.map(steps), |i: usize| format!("{:e}, {used:?}", x[i]));
                let x = f64x8::new(x);
                same(Portable.horner_f64(coefficients, first, stride, x), expected, "polynomial", of);
                if let Some(got) = horner(coefficients, first, stride, x) {
                    fast += 1;
                    same(got, expected, "fast polynomial", of);
                }
            }
        }
        assert!(fast >= min_fast * ROUNDS, "{fast} of {} were fast", 3 * ROUNDS);
    }

    #[test]
    fn f64_polynomials_are_rounded_in_every_step() {
        check_polynomial(
            &[1.0, -1.2337005501361697, 0.253669507901046, -0.02086348076333431, 9.19260274750e-4],
            0.25,
            2,
        );
        check_polynomial(&[2.9, -0.7, 1.1, 1.3, -0.9, 2.1, -1.7], 0.5, 2);
        check_polynomial(&[0.3, 1e-199, -1e-7, 1e30, 0.1, 7.1e-190], 1e-30, 2);
        // Coefficients that are zero or too small: nearly all steps are left to the slow way.
        check_polynomial(&[0.3, 1e-201, -1e-7, 0.0, 0.1], 0.25, 0);
        check_polynomial(&[1e-290, 1e-300, 1e-310, 5e-324, 1e-300], 0.25, 0);
        check_polynomial(&[1.0, 1e200, 1e250, 1e300, 1e307], 1e30, 0);
    }

    /// The sum is nearly a tie of two f64: the product's error decides, and its parts underflow.
    #[test]
    fn a_product_whose_error_underflows_is_left_to_the_slow_way() {
        let mut rng = Stream::new(9).rng();
        for _ in 0..10_000 {
            let y = rng.random_range(1.0..2.0) * 2f64.powi(-514);
            let x = 2f64.powi(-514) / (y * 2f64.powi(514));
            let c = (1.0 + f64::EPSILON) * 2f64.powi(-975);
            let expected = [libm::fma(x, y, c); WIDTH64];
            let of = |_| format!("{x:e}·{y:e} + {c:e}");
            same(Portable.fma_f64(f64x8::splat(x), f64x8::splat(y), f64x8::splat(c)), expected, "fma", of);
            same(Portable.horner_f64(&[c, y], 0, 1, f64x8::splat(x)), expected, "polynomial", of);
        }
    }
}
