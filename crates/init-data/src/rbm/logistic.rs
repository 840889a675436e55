//! The logistic function and related ones, written so that compilers vectorise them.

/// Beyond this the functions are constant in f32, and e^x would leave its range.
const REACH: f32 = 87.0;

/// Returns e^x to 2 ulp, with x clamped to ±87. Argument reduction to [−½ln 2, ½ln 2] and a
/// polynomial of degree 7, with the coefficients of `expf` in S. L. Moshier's Cephes library 2.2.
/// All operations are exactly defined, so the bits are the same everywhere.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Added to a small number, it leaves the nearest integer in the low bits.
    const ROUNDER: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_375;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-REACH, REACH);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 5.000_000_1e-1;
    let p = p * (r * r) + r + 1.0;
    // Adds n to the exponent of p.
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// Returns 1/(1 + e^(−x)).
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Returns Σ ln(1 + e^x).
pub(super) fn softplus_sum(values: impl Iterator<Item = f32>) -> f64 {
    sum(values.map(|value| (f64::from(value.max(0.0)), f64::from(exp(-value.abs())))))
}

/// Returns Σ ln(1 + e^x) in f64.
pub(super) fn softplus_sum_f64(values: impl Iterator<Item = f64>) -> f64 {
    sum(values.map(|value| (value.max(0.0), (-value.abs()).exp())))
}

/// Returns Σ max(x, 0) + ln Π (1 + e^(−|x|)): the factors are at most 2, so that one logarithm
/// serves hundreds of them.
#[inline(always)]
fn sum(terms: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut above, mut product, mut logs) = (0f64, 1f64, 0f64);
    for (positive, power) in terms {
        above += positive;
        product *= 1.0 + power;
        if product > 1e250 {
            logs += product.ln();
            product = 1.0;
        }
    }
    above + logs + product.ln()
}

/// Returns ln(1 + e^x).
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_sigmoid_are_within_two_ulp_everywhere() {
        let mut worst = 0f64;
        for step in -870_000..=870_000 {
            let x = step as f32 * 1e-4;
            let exact = f64::from(x).exp();
            worst = worst.max((f64::from(exp(x)) / exact - 1.0).abs());
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            worst = worst.max((f64::from(sigmoid(x)) / exact - 1.0).abs());
        }
        assert!(worst < 2.0 * f64::from(f32::EPSILON), "{worst:e}");
        for (x, y) in [(f32::INFINITY, 1.0), (1e30, 1.0)] {
            assert_eq!(sigmoid(x), y);
            assert!(sigmoid(-x) < 1e-37);
        }
    }

    #[test]
    fn sums_of_softplus_equal_the_sums_of_their_terms() {
        let values: Vec<f32> = (0..5000).map(|i| ((i * 7919) % 2001) as f32 * 0.02 - 20.0).collect();
        let exact: f64 = values.iter().map(|&x| softplus(f64::from(x))).sum();
        let given = softplus_sum(values.iter().copied());
        assert!((given / exact - 1.0).abs() < 1e-8, "{given} {exact}");
        let given = softplus_sum_f64(values.iter().map(|&x| f64::from(x)));
        assert!((given / exact - 1.0).abs() < 1e-13, "{given} {exact}");
        assert_eq!(softplus_sum(std::iter::empty()), 0.0);
        assert_eq!(softplus(1000.0), 1000.0);
    }
}
