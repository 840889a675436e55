//! Polynomials in f32, and what is known of their values beforehand.

use super::Simd;

/// `c[0] + c[1]·x + … + c[N − 1]·xᴺ⁻¹`, to be evaluated by Horner's rule, every step fused.
///
/// The value is defined for every x; for |x| ≤ reach it is found quickly where nothing fuses as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polynomial<const N: usize> {
    pub(super) coefficients: [f32; N],
    pub(super) reach: f32,
    /// Whether, within reach, no step can leave the normal f32, zero apart, up to 1e30.
    pub(super) is_tame: bool,
    /// Of how many steps, from the first, the result has the exponent of its coefficient wherever x is within reach.
    pub(super) level_steps: usize,
}

impl<const N: usize> Polynomial<N> {
    pub(crate) const fn new(reach: f32, coefficients: [f32; N]) -> Self {
        const LEAST_COEFFICIENT: f64 = 1e-20;
        let reach_f64 = reach as f64;
        // Greater than |y| after each step, its rounding included.
        let mut bound = (coefficients[N - 1] as f64).abs();
        let mut is_tame = bound > LEAST_COEFFICIENT;
        let mut level_steps = 0;
        let mut step = 1;
        while step < N {
            let c = (coefficients[N - 1 - step] as f64).abs();
            // y·x has 48 bits, so that y·x + c is 0 or more than c·2⁻⁵⁰.
            is_tame &= c > LEAST_COEFFICIENT;
            let product = bound * reach_f64 * (1.0 + 1e-6);
            bound = (c + product) * (1.0 + 1e-6);
            let power = power_of_two_in(c);
            if level_steps == step - 1 && c - product > power && bound < 2.0 * power {
                level_steps = step;
            }
            step += 1;
        }
        Self { coefficients, reach, is_tame: is_tame & (bound < 1e30), level_steps }
    }
}

/// The greatest power of two that is not above a normal positive number.
pub(super) const fn power_of_two_in(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0x7FF0_0000_0000_0000)
}

#[inline(always)]
fn step_by_step<S: Simd, const N: usize>(simd: S, polynomial: &Polynomial<N>, x: S::F32) -> S::F32 {
    let mut y = simd.splat_f32(polynomial.coefficients[N - 1]);
    for &c in polynomial.coefficients[..N - 1].iter().rev() {
        y = simd.fma_f32(y, x, simd.splat_f32(c));
    }
    y
}

/// [`Simd::horner_from_f32`] in fused steps.
#[inline(always)]
pub(super) fn step_by_step_from<S: Simd, const N: usize>(
    simd: S,
    first: S::F32,
    polynomial: &Polynomial<N>,
    x: S::F32,
) -> S::F32 {
    simd.fma_f32(x, step_by_step(simd, polynomial, x), first)
}

/// [`Simd::horner_pair_f32`] in fused steps.
#[inline(always)]
pub(super) fn step_by_step_pair<S: Simd, const M: usize, const N: usize>(
    simd: S,
    first: &Polynomial<M>,
    second: &Polynomial<N>,
    x: S::F32,
) -> [S::F32; 2] {
    [step_by_step(simd, first, x), step_by_step(simd, second, x)]
}

/// [`Simd::horner_f64`] in fused steps.
#[inline(always)]
pub(super) fn step_by_step_f64<S: Simd, const N: usize>(
    simd: S,
    coefficients: &[f64; N],
    first: usize,
    stride: usize,
    x: S::F64,
) -> S::F64 {
    let mut power = N - 1 - (N - 1 - first) % stride;
    let mut y = simd.splat_f64(coefficients[power]);
    while power > first {
        power -= stride;
        y = simd.fma_f64(y, x, simd.splat_f64(coefficients[power]));
    }
    y
}
