//! Fused steps on f32 where nothing fuses: done in f64, rounded to 24 bits by hand, and checked at the end of a chain.
//!
//! The product of two f32 is exact in f64, so the f64 sum is the f64 nearest to a·b + c. Rounding it again to f32 is
//! rounding once, unless that sum is the middle of two f32, where the bits that the first rounding lost decide, or the
//! result is below the normal range, where the middles lie elsewhere. Those are left to [`fused`](super::fused).

use wide::bytemuck::cast;
use wide::{f32x4, f32x16, f64x2, u8x16, u32x4, u64x2};

use super::polynomial::{Polynomial, power_of_two_in};

/// The 16 lanes of a vector as f64.
type Wide = [f64x2; 8];

/// Half the unit of the last place of an f32, and all that lies below that place, in the bits of an f64.
const HALF: u64 = 1 << 28;
const BELOW: u64 = (1 << 29) - 1;

/// Middles may be elsewhere up to here.
const TINY: f32 = 2.0 * f32::MIN_POSITIVE;

/// Each `a·b + c`; `None` where rounding twice may differ from rounding once.
#[inline(always)]
pub(super) fn fma(a: f32x16, b: f32x16, c: f32x16) -> Option<f32x16> {
    let [a, b, c] = [a, b, c].map(widened);
    let sums: Wide = std::array::from_fn(|i| a[i] * b[i] + c[i]);
    let mut middle = u32x4::ZERO;
    for i in 0..4 {
        let below: u32x4 = low_words(cast(sums[2 * i]), cast(sums[2 * i + 1])) << 3;
        middle |= below.simd_eq(u32x4::splat((HALF << 3) as u32));
    }
    let y = narrowed(sums);
    if (middle | any_tiny(y)).any() { None } else { Some(cast(y)) }
}

/// What looks at the f64 sums of a chain for middles of two f32.
pub(super) trait Watch: Default {
    /// A sum of the pair of lanes `i`.
    fn see(&mut self, i: usize, sum: f64x2);
    /// All ones in some lane, if there was a middle.
    fn doubt(self) -> u32x4;
}

/// Sees every middle, and what may have been one if bytes of several sums are taken together: one `pminub` a sum.
pub(super) struct Hasty {
    /// The least of each byte, for the pairs of lanes that are equal modulo 4.
    least: [u8x16; 4],
}

impl Default for Hasty {
    #[inline(always)]
    fn default() -> Self {
        Self { least: [u8x16::splat(u8::MAX); 4] }
    }
}

impl Watch for Hasty {
    #[inline(always)]
    fn see(&mut self, i: usize, sum: f64x2) {
        let least = &mut self.least[i % 4];
        *least = least.min(cast(sum));
    }

    #[inline(always)]
    fn doubt(self) -> u32x4 {
        let [a, b, c, d]: [u32x4; 4] = self.least.map(cast);
        let [low, high] = [low_words(a, b), low_words(c, d)];
        // Bits 0 to 23 of a middle are 0.
        let [low, high] = [low << 8u32, high << 8u32].map(|low24: u32x4| low24.simd_eq(u32x4::ZERO));
        low | high
    }
}

/// Sees middles and nothing else.
#[derive(Default)]
pub(super) struct Careful {
    middle: u32x4,
}

impl Watch for Careful {
    #[inline(always)]
    fn see(&mut self, _: usize, sum: f64x2) {
        let below: u32x4 = cast::<_, u32x4>(sum) << 3u32;
        self.middle |= below.simd_eq(u32x4::splat((HALF << 3) as u32));
    }

    #[inline(always)]
    fn doubt(self) -> u32x4 {
        low_words(self.middle, self.middle)
    }
}

/// Two polynomials of one x; `None` where rounding twice may differ from rounding once.
#[inline(always)]
pub(super) fn horner_pair<W: Watch, const M: usize, const N: usize>(
    first: &Polynomial<M>,
    second: &Polynomial<N>,
    x: f32x16,
) -> Option<[f32x16; 2]> {
    let reach = first.reach.min(second.reach);
    if !(first.is_tame && second.is_tame) {
        return None;
    }
    let in_reach = are_within(x, reach);
    let x = widened(x);
    let mut watch = W::default();
    let first = narrowed(horner(first, &x, &mut watch));
    let second = narrowed(horner(second, &x, &mut watch));
    if (watch.doubt() | !in_reach).any() { None } else { Some([cast(first), cast(second)]) }
}

/// `first + x·polynomial(x)`; `None` where rounding twice may differ from rounding once.
#[inline(always)]
pub(super) fn horner_from<W: Watch, const N: usize>(
    first: f32x16,
    polynomial: &Polynomial<N>,
    x: f32x16,
) -> Option<f32x16> {
    if !polynomial.is_tame {
        return None;
    }
    let in_reach = are_within(x, polynomial.reach);
    let x = widened(x);
    let first = widened(first);
    let mut watch = W::default();
    let y = horner(polynomial, &x, &mut watch);
    let y = narrowed(std::array::from_fn(|i| step(rounded(y[i]), x[i], first[i], &mut watch, i)));
    if (watch.doubt() | !in_reach | any_tiny(y)).any() { None } else { Some(cast(y)) }
}

/// The f64 sums of the last step, still to be rounded.
#[inline(always)]
fn horner<const N: usize>(polynomial: &Polynomial<N>, x: &Wide, watch: &mut impl Watch) -> Wide {
    let coefficients = polynomial.coefficients.map(f64::from);
    let mut y = [f64x2::splat(coefficients[N - 1]); 8];
    let (other, level) = coefficients[..N - 1].split_at(N - 1 - polynomial.level_steps);
    for &c in level.iter().rev() {
        // Where the exponent e of the result is known, adding 1.5·2ᵉ⁺²⁹ rounds to the unit of the last place of an f32,
        // 2ᵉ⁻²³, once and to even; c takes it along without loss. Three operations instead of five, and no doubt.
        let shift = 1.5 * (1u64 << 29) as f64 * power_of_two_in(c.abs());
        for i in 0..8 {
            y[i] = (y[i] * x[i] + f64x2::splat(c + shift)) - f64x2::splat(shift);
        }
    }
    for (n, &c) in other.iter().rev().enumerate() {
        for i in 0..8 {
            let before = if n == 0 { y[i] } else { rounded(y[i]) };
            y[i] = step(before, x[i], f64x2::splat(c), watch, i);
        }
    }
    y
}

/// `y·x + c` as f64.
#[inline(always)]
fn step(y: f64x2, x: f64x2, c: f64x2, watch: &mut impl Watch, i: usize) -> f64x2 {
    let sum = y * x + c;
    watch.see(i, sum);
    sum
}

/// To the nearest number of 24 bits; middles outwards.
#[inline(always)]
fn rounded(sum: f64x2) -> f64x2 {
    cast((cast::<_, u64x2>(sum) + u64x2::splat(HALF)) & u64x2::splat(!BELOW))
}

/// The lower half of each u64.
#[inline(always)]
fn low_words(a: u32x4, b: u32x4) -> u32x4 {
    let ([a, _, b, _], [c, _, d, _]) = (a.to_array(), b.to_array());
    u32x4::new([a, b, c, d])
}

/// All ones in every lane, if |x| ≤ reach for all; a NaN is not.
#[inline(always)]
fn are_within(x: f32x16, reach: f32) -> u32x4 {
    let quads: [f32x4; 4] = cast(x);
    let [a, b, c, d] = quads.map(|x| x.abs().simd_le(f32x4::splat(reach)));
    cast((a & b) & (c & d))
}

/// All ones in some lane, if a number is zero or not clearly normal; a NaN is neither.
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

#[cfg(test)]
mod tests {
    use rand::{Rng, RngExt};

    use super::*;
    use crate::simd::{Portable, Simd, WIDTH32};

    type Lanes = [f32; WIDTH32];

    fn same(got: f32x16, expected: Lanes, what: &str, of: impl Fn(usize) -> String) {
        for (lane, (got, expected)) in got.to_array().into_iter().zip(expected).enumerate() {
            let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(same, "{what}: {got:e} instead of {expected:e}, from {}", of(lane));
        }
    }

    /// Numbers around 1 of `bits` bits.
    fn around_1(rng: &mut impl Rng, bits: u32) -> f32 {
        let mask = u32::MAX << (24 - bits);
        f32::from_bits((f32::to_bits(rng.random_range(-4.0..4.0)) & mask) | rng.random_range(0..2) << (24 - bits))
    }

    /// Mostly what kernels have, where sums are often middles if `bits` are few, and now and then one lane of any kind.
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

    /// What a middle of f32 makes of itself when something below the last place of f64 is added.
    #[test]
    fn f32_fma_is_rounded_once() {
        let mut rng = crate::Stream::new(4).rng();
        let mut quick = 0;
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
                quick += 1;
                same(got, expected, "quick fma", of);
            }
        }
        assert!(quick > ROUNDS / 4, "only {quick} of {ROUNDS} were quick");
    }

    fn steps<const N: usize>(polynomial: &Polynomial<N>, x: f32) -> f32 {
        polynomial.coefficients.into_iter().rev().reduce(|y, c| libm::fmaf(y, x, c)).unwrap()
    }

    fn check_pair<const M: usize, const N: usize>(p: &Polynomial<M>, q: &Polynomial<N>, scale: f32, rounds: u32) {
        let mut rng = crate::Stream::new(u64::from(scale.to_bits())).rng();
        let [mut hasty, mut careful] = [0; 2];
        for round in 0..rounds {
            let x = lanes(&mut rng, [24, 24, 9, 4][round as usize % 4]).map(|x| x * scale);
            let first = lanes(&mut rng, 24);
            let expected = [x.map(|x| steps(p, x)), x.map(|x| steps(q, x))];
            let from = std::array::from_fn(|i| libm::fmaf(x[i], expected[0][i], first[i]));
            let of = |i: usize| format!("{:e}, {:e}, {p:?}, {q:?}", x[i], first[i]);
            let (x, first) = (f32x16::new(x), f32x16::new(first));
            let pairs = [
                Some(Portable.horner_pair_f32(p, q, x)),
                horner_pair::<Hasty, M, N>(p, q, x).inspect(|_| hasty += 1),
                horner_pair::<Careful, M, N>(p, q, x).inspect(|_| careful += 1),
            ];
            for pair in pairs.into_iter().flatten() {
                same(pair[0], expected[0], "first", of);
                same(pair[1], expected[1], "second", of);
            }
            let sums = [
                Some(Portable.horner_from_f32(first, p, x)),
                horner_from::<Hasty, M>(first, p, x),
                horner_from::<Careful, M>(first, p, x),
            ];
            for sum in sums.into_iter().flatten() {
                same(sum, from, "sum", of);
            }
        }
        // The wild lanes and the few bits of the other rounds are left over.
        assert!(hasty > rounds / 4 && careful >= hasty, "{hasty} and {careful} of {rounds} were quick");
    }

    #[test]
    fn f32_polynomials_are_rounded_in_every_step() {
        const ROUNDS: u32 = 20_000;
        // The least steps are level in the first, none in the second; the third has all kinds of exponents.
        let level = Polynomial::new(1.0, [1.5707964, -0.6459644, 0.07969203, -0.00467682, 1.5281438e-4]);
        let steep = Polynomial::new(1.0, [1.0, -1.2337005, 0.8, 1.3, -0.9]);
        assert_eq!((level.level_steps, steep.level_steps), (3, 0));
        check_pair(&level, &steep, 0.25, ROUNDS);
        check_pair(&steep, &level, 0.25, ROUNDS);
        let all_level = Polynomial::new(0.125, [1.5, 1.25, -1.5, 1.75]);
        assert_eq!(all_level.level_steps, 3);
        let spread = Polynomial::new(0.5, [1e-6, 1e3, -1e-12, 3.1, 1.1, -5.2]);
        check_pair(&all_level, &spread, 0.03, ROUNDS);
        check_pair(&Polynomial::new(6.0, [1.4756646, 1.6310328, 0.4967765, 0.04057642]), &steep, 0.25, ROUNDS);

        let mut rng = crate::Stream::new(7).rng();
        for _ in 0..1000 {
            let reach = rng.random_range(0.05..1.0);
            let [p, q] = [0; 2].map(|_| Polynomial::new(reach, [0; 4].map(|_| around_1(&mut rng, 24) + 1e-3)));
            check_pair(&p, &q, reach / 4.0, 50);
        }
    }

    /// A product that is all but half of the least f32 and a sum that is not normal: its middle is no f32's in f64.
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
    fn polynomials_that_may_leave_the_normal_range_are_known() {
        assert!(Polynomial::new(1.0, [1.0, 1e-19]).is_tame);
        assert!(!Polynomial::new(1.0, [1.0, 1e-21]).is_tame);
        assert!(!Polynomial::new(1.0, [0.0, 1.0]).is_tame);
        assert!(!Polynomial::new(1e10, [1.0, 1.0, 1.0, 1e3]).is_tame);
        let mut rng = crate::Stream::new(6).rng();
        let wild = Polynomial::new(1.0, [0.0, 1e-30, 1e-38, 3e38]);
        for _ in 0..1000 {
            let x = lanes(&mut rng, 24).map(|x| x * 1e-9);
            let got = Portable.horner_pair_f32(&wild, &wild, x.into())[0];
            same(got, x.map(|x| steps(&wild, x)), "wild", |i| format!("{:e}", x[i]));
        }
    }
}
