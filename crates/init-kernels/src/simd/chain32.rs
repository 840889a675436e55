//! Chains of fused f32 steps on hardware that cannot fuse: computed in f64, rounded to 24 bits,
//! checked once per chain.
//!
//! The product of two f32 is exact in f64, so the f64 sum is the f64 nearest to a·b + c. Rounding
//! it again to f32 is the same as rounding once, unless that sum is a tie, halfway between two f32,
//! where the bits lost by the first rounding decide, or the result is subnormal, where the ties are
//! elsewhere. Those cases are left to [`fused`](super::fused). In pseudo-code:
//!
//! ```text
//! y = c[N − 1]
//! for c in c[N − 2], …, c[0]:
//!     sum = f64(y)·f64(x) + f64(c)
//!     tie = tie or sum is halfway between two f32
//!     y = sum rounded to 24 bits
//! result is y unless tie or |x| > reach
//! ```

use wide::{bytemuck::cast, f32x4, f32x16, f64x2, u8x16, u32x4, u64x2};

use super::polynomial::{Polynomial, power_of_two_in};

/// The 16 lanes of a vector as f64.
type Wide = [f64x2; 8];

/// Half the unit in the last place of an f32, and all bits below that place, in the bits of an f64.
const HALF: u64 = 1 << 28;
const BELOW: u64 = (1 << 29) - 1;

/// Up to this absolute value the ties of f32 may be elsewhere.
const TINY: f32 = 2.0 * f32::MIN_POSITIVE;

/// Computes each `a·b + c`; `None` if rounding twice may differ from rounding once.
#[inline(always)]
pub(super) fn fma(a: f32x16, b: f32x16, c: f32x16) -> Option<f32x16> {
    let [a, b, c] = [a, b, c].map(widened);
    let sums: Wide = std::array::from_fn(|i| a[i] * b[i] + c[i]);
    let mut tie = u32x4::ZERO;
    for i in 0..4 {
        let below: u32x4 = low_words(cast(sums[2 * i]), cast(sums[2 * i + 1])) << 3;
        tie |= below.simd_eq(u32x4::splat((HALF << 3) as u32));
    }
    let y = narrowed(sums);
    if (tie | any_tiny(y)).any() { None } else { Some(cast(y)) }
}

/// Checks the f64 sums of a chain for ties: sums halfway between two f32.
pub(super) trait TieCheck: Default {
    /// Checks a sum of the pair of lanes `i`.
    fn observe(&mut self, i: usize, sum: f64x2);
    /// Returns all ones in some lane if there may have been a tie.
    fn found(self) -> u32x4;
}

/// Finds every tie, and some false ones, because it mixes the bytes of several sums: one `pminub`
/// per sum.
pub(super) struct FastCheck {
    /// The minimum of each byte, for the pairs of lanes that are equal modulo 4.
    minimum: [u8x16; 4],
}

impl Default for FastCheck {
    #[inline(always)]
    fn default() -> Self {
        Self { minimum: [u8x16::splat(u8::MAX); 4] }
    }
}

impl TieCheck for FastCheck {
    #[inline(always)]
    fn observe(&mut self, i: usize, sum: f64x2) {
        let minimum = &mut self.minimum[i % 4];
        *minimum = minimum.min(cast(sum));
    }

    #[inline(always)]
    fn found(self) -> u32x4 {
        let [a, b, c, d]: [u32x4; 4] = self.minimum.map(cast);
        let [low, high] = [low_words(a, b), low_words(c, d)];
        // Bits 0 to 23 of a tie are 0.
        let [low, high] = [low << 8u32, high << 8u32].map(|low24: u32x4| low24.simd_eq(u32x4::ZERO));
        low | high
    }
}

/// Finds exactly the ties.
#[derive(Default)]
pub(super) struct ExactCheck {
    tie: u32x4,
}

impl TieCheck for ExactCheck {
    #[inline(always)]
    fn observe(&mut self, _: usize, sum: f64x2) {
        let below: u32x4 = cast::<_, u32x4>(sum) << 3u32;
        self.tie |= below.simd_eq(u32x4::splat((HALF << 3) as u32));
    }

    #[inline(always)]
    fn found(self) -> u32x4 {
        low_words(self.tie, self.tie)
    }
}

/// Evaluates two polynomials at the same x; `None` if rounding twice may differ from rounding once.
#[inline(always)]
pub(super) fn horner_pair<C: TieCheck, const M: usize, const N: usize>(
    first: &Polynomial<M>,
    second: &Polynomial<N>,
    x: f32x16,
) -> Option<[f32x16; 2]> {
    let reach = first.reach.min(second.reach);
    if !(first.stays_normal && second.stays_normal) {
        return None;
    }
    let in_reach = are_within(x, reach);
    let x = widened(x);
    let mut check = C::default();
    let first = narrowed(horner(first, &x, &mut check));
    let second = narrowed(horner(second, &x, &mut check));
    if (check.found() | !in_reach).any() { None } else { Some([cast(first), cast(second)]) }
}

/// Evaluates `first + x·polynomial(x)`; `None` if rounding twice may differ from rounding once.
#[inline(always)]
pub(super) fn horner_from<C: TieCheck, const N: usize>(
    first: f32x16,
    polynomial: &Polynomial<N>,
    x: f32x16,
) -> Option<f32x16> {
    if !polynomial.stays_normal {
        return None;
    }
    let in_reach = are_within(x, polynomial.reach);
    let x = widened(x);
    let first = widened(first);
    let mut check = C::default();
    let y = horner(polynomial, &x, &mut check);
    let y = narrowed(std::array::from_fn(|i| step(rounded(y[i]), x[i], first[i], &mut check, i)));
    if (check.found() | !in_reach | any_tiny(y)).any() { None } else { Some(cast(y)) }
}

/// Returns the f64 sums of the last step, not yet rounded.
#[inline(always)]
fn horner<const N: usize>(polynomial: &Polynomial<N>, x: &Wide, check: &mut impl TieCheck) -> Wide {
    let coefficients = polynomial.coefficients.map(f64::from);
    let mut y = [f64x2::splat(coefficients[N - 1]); 8];
    let (other, fixed) = coefficients[..N - 1].split_at(N - 1 - polynomial.fixed_exponent_steps);
    for &c in fixed.iter().rev() {
        // Where the exponent e of the result is known, adding 1.5·2ᵉ⁺²⁹ rounds to 2ᵉ⁻²³, the unit
        // in the last place of an f32, once and to even; adding it to c first loses nothing. Three
        // operations instead of five, and no tie to check.
        let shift = 1.5 * (1u64 << 29) as f64 * power_of_two_in(c.abs());
        for i in 0..8 {
            y[i] = (y[i] * x[i] + f64x2::splat(c + shift)) - f64x2::splat(shift);
        }
    }
    for (n, &c) in other.iter().rev().enumerate() {
        for i in 0..8 {
            let before = if n == 0 { y[i] } else { rounded(y[i]) };
            y[i] = step(before, x[i], f64x2::splat(c), check, i);
        }
    }
    y
}

/// Computes `y·x + c` in f64 and checks it.
#[inline(always)]
fn step(y: f64x2, x: f64x2, c: f64x2, check: &mut impl TieCheck, i: usize) -> f64x2 {
    let sum = y * x + c;
    check.observe(i, sum);
    sum
}

/// Rounds to the nearest number of 24 bits, ties away from zero.
#[inline(always)]
fn rounded(sum: f64x2) -> f64x2 {
    cast((cast::<_, u64x2>(sum) + u64x2::splat(HALF)) & u64x2::splat(!BELOW))
}

/// Returns the lower half of each u64.
#[inline(always)]
fn low_words(a: u32x4, b: u32x4) -> u32x4 {
    let ([a, _, b, _], [c, _, d, _]) = (a.to_array(), b.to_array());
    u32x4::new([a, b, c, d])
}

/// Returns all ones in every lane if |x| ≤ reach for all; a NaN is not within reach.
#[inline(always)]
fn are_within(x: f32x16, reach: f32) -> u32x4 {
    let quads: [f32x4; 4] = cast(x);
    let [a, b, c, d] = quads.map(|x| x.abs().simd_le(f32x4::splat(reach)));
    cast((a & b) & (c & d))
}

/// Returns all ones in some lane if a number is zero or may be subnormal; a NaN is neither.
#[inline(always)]
fn any_tiny(y: [f32x4; 4]) -> u32x4 {
    let [a, b, c, d] = y.map(|y| y.abs().simd_le(f32x4::splat(TINY)));
    cast((a | b) | (c | d))
}

#[inline(always)]
fn widened(x: f32x16) -> Wide {
    let x = x.to_array();
    std::array::from_fn(|i| f64x2::new([f64::from(x[2 * i]), f64::from(x[2 * i + 1])]))
}

#[inline(always)]
fn narrowed(sums: Wide) -> [f32x4; 4] {
    std::array::from_fn(|i| {
        let ([a, b], [c, d]) = (sums[2 * i].to_array(), sums[2 * i + 1].to_array());
        f32x4::new([a as f32, b as f32, c as f32, d as f32])
    })
}

#[cfg(all(test, feature = "rand"))]
mod tests {
    use rand::{Rng, RngExt};

    use super::{
        super::{portable::Portable, vector::Simd},
        *,
    };
    use crate::{Stream, geometry::WIDTH32};

    type Lanes = [f32; WIDTH32];

    fn same(got: f32x16, expected: Lanes, what: &str, of: impl Fn(usize) -> String) {
        for (lane, (got, expected)) in got.to_array().into_iter().zip(expected).enumerate() {
            let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(same, "{what}: {got:e} instead of {expected:e}, from {}", of(lane));
        }
    }

    /// Returns a number around 1 with `bits` significant bits.
    fn around_1(rng: &mut impl Rng, bits: u32) -> f32 {
        let mask = u32::MAX << (24 - bits);
        f32::from_bits((f32::to_bits(rng.random_range(-4.0..4.0)) & mask) | rng.random_range(0..2) << (24 - bits))
    }

    /// Returns lanes like those of kernels, whose sums are often ties if `bits` is small, and now
    /// and then one lane of any kind.
    fn lanes(rng: &mut impl Rng, bits: u32) -> Lanes {
        let mut lanes = std::array::from_fn(|_| around_1(rng, bits));
        if rng.random_range(0..4) == 0 {
            let some = [0.0, -0.0, f32::MAX, f32::INFINITY, f32::NAN, 1e-45, f32::MIN_POSITIVE, 2f32.powi(-80)];
            let any = f32::from_bits(rng.next_u32());
            lanes[rng.random_range(0..WIDTH32)] =
                if rng.random() { any } else { some[rng.random_range(0..some.len())] };
        }
        lanes
    }

    #[test]
    fn f32_fma_is_rounded_once() {
        let mut rng = Stream::new(4).rng();
        let mut fast = 0;
        const ROUNDS: u32 = 200_000;
        for round in 0..ROUNDS {
            let bits = [24, 24, 12, 7][round as usize % 4];
            let [a, b, mut c] = [0; 3].map(|_| lanes(&mut rng, bits));
            match rng.random_range(0..8) {
                0 => c[3] = -a[3] * b[3],
                1 => c = [-0.0; WIDTH32],
                2 => c[5] = a[5] * b[5] * 2f32.powi(rng.random_range(-60..60)),
                _ => {}
            }
            let expected = std::array::from_fn(|i| libm::fmaf(a[i], b[i], c[i]));
            let of = |i: usize| format!("{:e}·{:e} + {:e}", a[i], b[i], c[i]);
            same(Portable.fma_f32(a.into(), b.into(), c.into()), expected, "fma", of);
            if let Some(got) = fma(a.into(), b.into(), c.into()) {
                fast += 1;
                same(got, expected, "fast fma", of);
            }
        }
        assert!(fast > ROUNDS / 4, "only {fast} of {ROUNDS} were fast");
    }

    fn steps<const N: usize>(polynomial: &Polynomial<N>, x: f32) -> f32 {
        polynomial.coefficients.into_iter().rev().reduce(|y, c| libm::fmaf(y, x, c)).unwrap()
    }

    fn check_pair<const M: usize, const N: usize>(p: &Polynomial<M>, q: &Polynomial<N>, scale: f32, rounds: u32) {
        let mut rng = Stream::new(u64::from(scale.to_bits())).rng();
        let [mut fast, mut exact] = [0; 2];
        for round in 0..rounds {
            let x = lanes(&mut rng, [24, 24, 9, 4][round as usize % 4]).map(|x| x * scale);
            let first = lanes(&mut rng, 24);
            let expected = [x.map(|x| steps(p, x)), x.map(|x| steps(q, x))];
            let from = std::array::from_fn(|i| libm::fmaf(x[i], expected[0][i], first[i]));
            let of = |i: usize| format!("{:e}, {:e}, {p:?}, {q:?}", x[i], first[i]);
            let (x, first) = (f32x16::new(x), f32x16::new(first));
            let pairs = [
                Some(Portable.horner_pair_f32(p, q, x)),
                horner_pair::<FastCheck, M, N>(p, q, x).inspect(|_| fast += 1),
                horner_pair::<ExactCheck, M, N>(p, q, x).inspect(|_| exact += 1),
            ];
            for pair in pairs.into_iter().flatten() {
                same(pair[0], expected[0], "first", of);
                same(pair[1], expected[1], "second", of);
            }
            let sums = [
                Some(Portable.horner_from_f32(first, p, x)),
                horner_from::<FastCheck, M>(first, p, x),
                horner_from::<ExactCheck, M>(first, p, x),
            ];
            for sum in sums.into_iter().flatten() {
                same(sum, from, "sum", of);
            }
        }
        // The remaining rounds have extreme lanes or few bits.
        assert!(fast > rounds / 4 && exact >= fast, "{fast} and {exact} of {rounds} were fast");
    }

    #[test]
    fn f32_polynomials_are_rounded_in_every_step() {
        const ROUNDS: u32 = 20_000;
        // The exponents of the last steps are fixed in the first, of none in the second; the third
        // has all kinds.
        let fixed = Polynomial::new(1.0, [1.5707964, -0.6459644, 0.07969203, -0.00467682, 1.5281438e-4]);
        let steep = Polynomial::new(1.0, [1.0, -1.2337005, 0.8, 1.3, -0.9]);
        assert_eq!((fixed.fixed_exponent_steps, steep.fixed_exponent_steps), (3, 0));
        check_pair(&fixed, &steep, 0.25, ROUNDS);
        check_pair(&steep, &fixed, 0.25, ROUNDS);
        let all_fixed = Polynomial::new(0.125, [1.5, 1.25, -1.5, 1.75]);
        assert_eq!(all_fixed.fixed_exponent_steps, 3);
        let spread = Polynomial::new(0.5, [1e-6, 1e3, -1e-12, 3.1, 1.1, -5.2]);
        check_pair(&all_fixed, &spread, 0.03, ROUNDS);
        check_pair(&Polynomial::new(6.0, [1.4756646, 1.6310328, 0.4967765, 0.04057642]), &steep, 0.25, ROUNDS);

        let mut rng = Stream::new(7).rng();
        for _ in 0..1000 {
            let reach = rng.random_range(0.05..1.0);
            let [p, q] = [0; 2].map(|_| Polynomial::new(reach, [0; 4].map(|_| around_1(&mut rng, 24) + 1e-3)));
            check_pair(&p, &q, reach / 4.0, 50);
        }
    }

    /// The product is just below half of the smallest f32, and the sum is subnormal: its ties in
    /// f64 are elsewhere.
    #[test]
    fn sums_below_the_normal_range_are_rounded_once() {
        let below_half = [(1.0 + f32::EPSILON) * 2f32.powi(-100), (1.0 - f32::EPSILON) * 2f32.powi(-50)];
        let polynomial = Polynomial::new(1.0, [below_half[1], 0.7]);
        for sign in [1.0, -1.0] {
            for odd in [None, Some(f32::NAN), Some(1.0)] {
                let x = [below_half[0] * sign; WIDTH32];
                let mut c: Lanes = std::array::from_fn(|i| f32::from_bits(0x0040_0000 + 2 * i as u32 + 1));
                c[9] = odd.unwrap_or(c[9]);
                let expected = std::array::from_fn(|i| libm::fmaf(x[i], below_half[1], c[i]));
                let of = |i: usize| format!("{:e}", c[i]);
                let [x, c] = [x, c].map(f32x16::new);
                same(Portable.fma_f32(x, f32x16::splat(below_half[1]), c), expected, "fma", of);
                same(Portable.horner_from_f32(c, &polynomial, x), expected, "sum", of);
            }
        }
    }

    #[test]
    fn polynomials_that_may_leave_the_normal_range_are_recognised() {
        assert!(Polynomial::new(1.0, [1.0, 1e-19]).stays_normal);
        assert!(!Polynomial::new(1.0, [1.0, 1e-21]).stays_normal);
        assert!(!Polynomial::new(1.0, [0.0, 1.0]).stays_normal);
        assert!(!Polynomial::new(1e10, [1.0, 1.0, 1.0, 1e3]).stays_normal);
        let mut rng = Stream::new(6).rng();
        let wild = Polynomial::new(1.0, [0.0, 1e-30, 1e-38, 3e38]);
        for _ in 0..1000 {
            let x = lanes(&mut rng, 24).map(|x| x * 1e-9);
            let got = Portable.horner_pair_f32(&wild, &wild, x.into())[0];
            same(got, x.map(|x| steps(&wild, x)), "wild", |i| format!("{:e}", x[i]));
        }
    }
}
