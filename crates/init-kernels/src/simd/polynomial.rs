//! Polynomials in f32, and bounds of their values that are known at compile time.

/// A polynomial `c[0] + c[1]·x + … + c[N − 1]·xᴺ⁻¹`, evaluated by Horner's rule, each step fused.
///
/// The value is defined for every x. For |x| ≤ reach it is computed fast also on hardware without
/// fused operations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polynomial<const N: usize> {
    pub(super) coefficients: [f32; N],
    pub(super) reach: f32,
    /// Whether every step, for x within reach, gives zero or a normal f32 of at most 1e30.
    pub(super) stays_normal: bool,
    /// The number of steps, from the first, whose result has the exponent of its coefficient for
    /// every x within reach.
    pub(super) fixed_exponent_steps: usize,
}

impl<const N: usize> Polynomial<N> {
    /// Returns the polynomial of these coefficients, with its bounds for |x| ≤ `reach`.
    pub(crate) const fn new(reach: f32, coefficients: [f32; N]) -> Self {
        const MIN_COEFFICIENT: f64 = 1e-20;
        let reach_f64 = reach as f64;
        // An upper bound of |y| after each step, its rounding included.
        let mut bound = (coefficients[N - 1] as f64).abs();
        let mut stays_normal = bound > MIN_COEFFICIENT;
        let mut fixed_exponent_steps = 0;
        let mut step = 1;
        while step < N {
            let c = (coefficients[N - 1 - step] as f64).abs();
            // y·x has 48 bits, so y·x + c is 0 or larger than c·2⁻⁵⁰.
            stays_normal &= c > MIN_COEFFICIENT;
            let product = bound * reach_f64 * (1.0 + 1e-6);
            bound = (c + product) * (1.0 + 1e-6);
            let power = power_of_two_in(c);
            if fixed_exponent_steps == step - 1 && c - product > power && bound < 2.0 * power {
                fixed_exponent_steps = step;
            }
            step += 1;
        }
        Self { coefficients, reach, stays_normal: stays_normal & (bound < 1e30), fixed_exponent_steps }
    }
}

/// Returns the largest power of two not above a normal positive number.
pub(super) const fn power_of_two_in(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0x7FF0_0000_0000_0000)
}
