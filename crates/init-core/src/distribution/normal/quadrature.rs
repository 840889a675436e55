//! Expectations under the standard normal distribution, by adaptive quadrature.

use super::functions::pdf;

/// Integration ends here: less than 1e-57 of the mass is beyond, which is negligible times any
/// polynomial.
const END: f64 = 16.0;

/// The number of initial pieces: fine enough that no smooth function is missed between their
/// points.
const PIECES: u32 = 16;

/// The points and weights of Kronrod's 15-point rule on [0, 1) and, at every second point, the
/// weights of Gauss's 7-point rule (Kronrod 1965; computed with 40 digits).
const RULE: [(f64, f64, f64); 8] = [
    (0.991_455_371_120_812_639_2, 0.022_935_322_010_529_224_96, 0.0),
    (0.949_107_912_342_758_524_5, 0.063_092_092_629_978_553_29, 0.129_484_966_168_869_693_27),
    (0.864_864_423_359_769_072_8, 0.104_790_010_322_250_183_84, 0.0),
    (0.741_531_185_599_394_439_9, 0.140_653_259_715_525_918_75, 0.279_705_391_489_276_667_9),
    (0.586_087_235_467_691_130_3, 0.169_004_726_639_267_902_83, 0.0),
    (0.405_845_151_377_397_166_9, 0.190_350_578_064_785_409_91, 0.381_830_050_505_118_944_95),
    (0.207_784_955_007_898_467_6, 0.204_432_940_075_298_892_41, 0.0),
    (0.0, 0.209_482_141_084_727_828_01, 0.417_959_183_673_469_387_76),
];

/// Returns E f(z) for z from N(0, 1).
///
/// Adaptive Gauss–Kronrod quadrature over ±16, to about 1e-14 of E |f|, also for functions with
/// kinks and jumps, wherever they are. f is called a few thousand times, a few ten thousand with
/// kinks; it should grow no faster than a polynomial. A NaN at any point makes the result NaN.
/// Nothing is allocated.
///
/// ```
/// use init_core::distribution::normal::expectation;
///
/// assert!((expectation(|z| z * z) - 1.0).abs() < 1e-14);
/// assert!((expectation(|z| if z > 0.7 { 1.0 } else { 0.0 }) - 0.241963652223073).abs() < 1e-14);
/// ```
#[must_use]
pub fn expectation(f: impl Fn(f64) -> f64) -> f64 {
    let weighted = weighted(f);
    let whole: f64 = pieces().map(|(low, high)| kronrod(&weighted, low, high).2).sum();
    sum(&weighted, (whole * 1e-16).max(f64::MIN_POSITIVE))
}

/// Returns E f(z) to a few hundred times `tolerance`: for expectations of expectations, which are
/// no more accurate than the inner ones.
pub(crate) fn expectation_within(tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    sum(&weighted(f), tolerance)
}

fn weighted(f: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
    move |z| {
        let density = pdf(z);
        // Where the density is 0, f may overflow.
        if density == 0.0 { 0.0 } else { f(z) * density }
    }
}

fn pieces() -> impl Iterator<Item = (f64, f64)> {
    let width = 2.0 * END / f64::from(PIECES);
    (0..PIECES).map(move |i| -END + width * f64::from(i)).map(move |low| (low, low + width))
}

/// Returns the sum of the pieces, each to the tolerance of the whole.
fn sum(f: &impl Fn(f64) -> f64, tolerance: f64) -> f64 {
    let mut sum = 0.0;
    for (low, high) in pieces() {
        sum += piece(f, low, high, tolerance);
    }
    sum
}

/// Returns the integral over one piece, halved where the two rules differ, depth first and from
/// left to right.
fn piece(f: &impl Fn(f64) -> f64, low: f64, high: f64, tolerance: f64) -> f64 {
    // The pending right halves, one per level: a part below 2⁻⁵² of the piece cannot be halved.
    let mut pending = [0.0; 56];
    let (mut depth, mut at, mut end) = (0, low, high);
    let mut sum = 0.0;
    loop {
        let (fine, coarse, _) = kronrod(f, at, end);
        let middle = 0.5 * (at + end);
        if (fine - coarse).abs() > tolerance && depth < pending.len() && at < middle && middle < end {
            pending[depth] = end;
            depth += 1;
            end = middle;
            continue;
        }
        sum += fine;
        if depth == 0 {
            return sum;
        }
        depth -= 1;
        (at, end) = (end, pending[depth]);
    }
}

/// Returns Kronrod's sum, Gauss's sum, and Kronrod's sum of |f|.
fn kronrod(f: &impl Fn(f64) -> f64, low: f64, high: f64) -> (f64, f64, f64) {
    let (centre, half) = (0.5 * (low + high), 0.5 * (high - low));
    let (mut fine, mut coarse, mut absolute) = (0.0, 0.0, 0.0);
    for (x, kronrod, gauss) in RULE {
        let both = if x == 0.0 { [f(centre), 0.0] } else { [f(centre - half * x), f(centre + half * x)] };
        let pair = both[0] + both[1];
        fine += kronrod * pair;
        coarse += gauss * pair;
        absolute += kronrod * (both[0].abs() + both[1].abs());
    }
    (fine * half, coarse * half, absolute * half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_exact() {
        let mut moment = 1.0;
        for n in 1..=6 {
            moment *= f64::from(2 * n - 1);
            let found = expectation(|z| libm::pow(z, f64::from(2 * n)));
            assert!((found / moment - 1.0).abs() < 1e-14, "{n}: {found}");
            assert!(expectation(|z| libm::pow(z, f64::from(2 * n - 1))).abs() < 1e-14 * moment);
        }
        // E e^z = √e, E cos z = 1/√e.
        assert!((expectation(libm::exp) / libm::exp(0.5) - 1.0).abs() < 1e-14);
        assert!((expectation(libm::cos) - libm::exp(-0.5)).abs() < 1e-14);
    }

    #[test]
    fn jumps_and_kinks_are_found_anywhere() {
        for at in [-3.0, -0.123_456_789, 0.0, 1.0 / 3.0, 2.71, 5.5] {
            let above = crate::distribution::normal::sf(at);
            let found = expectation(|z| if z > at { 1.0 } else { 0.0 });
            assert!((found - above).abs() < 2e-15, "{at}: {found} {above}");
            let kink = expectation(|z| (z - at).max(0.0));
            assert!((kink - (pdf(at) - at * above)).abs() < 2e-15, "{at}: {kink}");
        }
    }

    #[test]
    fn nan_at_a_point_gives_nan() {
        assert!(expectation(|_| f64::NAN).is_nan());
        assert!(!expectation(|z| 1.0 / z).is_finite());
        assert_eq!(expectation(|_| 0.0), 0.0);
    }
}
