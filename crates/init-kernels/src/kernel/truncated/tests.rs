//! The regimes of truncated normal values against exact values, and against each other.

use super::{
    Truncation,
    clamped::Regime,
    far::{Far, Side},
};
use crate::{
    simd::{Portable, Simd},
    uniforms::Unit,
};

/// Returns the value of a regime, in lane 0, for the uniform variate `u`.
fn value(regime: impl Regime, u: f64) -> f64 {
    let unit = Unit { u: Portable.splat_f64(u), complement: Portable.splat_f64(1.0 - u) };
    regime.values(Portable, unit).to_array()[0]
}

fn regime_value(mean: f64, std: f64, low: f64, high: f64, u: f64) -> f64 {
    match Truncation::new(mean, std, low, high).unwrap() {
        Truncation::Interior(regime) => value(regime, u),
        Truncation::Far(regime) => value(regime, u),
        Truncation::Narrow(regime) => value(regime, u),
    }
}

/// Bound a, depth V, and δ with Q(a + δ) = V·Q(a), computed with 60 digits.
const FAR: [(f64, f64, f64); 17] = [
    (12.5, 0.9999, 7.950147933435311e-06),
    (12.5, 0.5, 0.05498405683270939),
    (12.5, 0.01, 0.3609522760872288),
    (12.5, 1e-6, 1.0543690428493488),
    (12.5, 2.3283064365386963e-10, 1.6550512178563652),
    (20.0, 0.9999, 4.987841375547204e-06),
    (20.0, 0.5, 0.03454167651402209),
    (20.0, 0.01, 0.22838949959530772),
    (20.0, 2.3283064365386963e-10, 1.0774043284774322),
    (37.0, 0.5, 0.018715326832192958),
    (37.0, 1e-6, 0.37126010445178187),
    (100.0, 0.9999, 9.999500233211488e-07),
    (100.0, 0.01, 0.046036503390309715),
    (1e4, 0.5, 6.931471712262087e-05),
    (1e4, 1e-6, 0.0013815509465467683),
    (1e8, 0.9999, 1.000050003333473e-12),
    (1e8, 2.3283064365386963e-10, 2.2180709777918222e-07),
];

#[test]
fn far_tails_are_right_relative_to_their_own_width() {
    for (a, depth, delta) in FAR {
        let far = Far::new(a, f64::INFINITY, Side::Upper, 1.0, 0.0).unwrap();
        let got = value(far, 1.0 - depth);
        // 1 − V rounds: for the smallest depths that is the largest error.
        let tolerance = 2e-9 * delta.max(1.0 / a) + 2e-16 / depth / a;
        assert!((got - delta).abs() < tolerance, "a {a}, V {depth}: {got:e} instead of {delta:e}");
    }
}

#[test]
fn each_regime_agrees_with_its_neighbour_where_they_meet() {
    for n in 1..1000 {
        let u = f64::from(n) / 1000.0;
        let close = |a: f64, b: f64, tolerance: f64| assert!((a - b).abs() < tolerance, "u {u}: {a} and {b}");
        // Interior and far, on both sides.
        let (inside, outside) = (12.0, 12.0f64.next_up());
        close(
            regime_value(0.0, 1.0, inside, f64::INFINITY, u),
            regime_value(0.0, 1.0, outside, f64::INFINITY, u),
            1e-9,
        );
        close(regime_value(0.0, 1.0, -15.0, -inside, u), regime_value(0.0, 1.0, -15.0, -outside, u), 1e-9);
        // Narrow and the others.
        for bound in [0.5, -3.0, 11.0, -11.9, 13.0, 50.0] {
            let width = 2f64.powi(-17) / f64::max(1.0, f64::abs(bound));
            let narrow = regime_value(0.0, 1.0, bound, bound + 0.999 * width, u) - bound;
            let wide = regime_value(0.0, 1.0, bound, bound + 1.01 * width, u) - bound;
            close(narrow / 0.999 / width, wide / 1.01 / width, 3e-7);
        }
    }
}

#[test]
fn the_bounds_are_the_ends() {
    for (low, high) in
        [(-2.0, 2.0), (-100.0, 100.0), (1.0, 3.0), (-7.0, -5.0), (14.0, 14.5), (-39.5, -39.0), (3.0, 3.000001)]
    {
        let (first, last) = (regime_value(0.0, 1.0, low, high, 1e-16), regime_value(0.0, 1.0, low, high, 1.0 - 1e-16));
        let near = |value: f64, bound: f64| (value - bound).abs() < 2e-9 || bound.abs() == 100.0 && value.abs() > 8.0;
        assert!(near(first, low) && near(last, high), "{low}..{high}: {first}..{last}");
    }
}

#[test]
fn bounds_beyond_1e150_standard_deviations_are_refused() {
    assert!(Truncation::new(0.0, 1e-200, 1.0, 2.0).is_err());
    assert!(Truncation::new(0.0, 1.0, 1e149, 2e149).is_ok());
}
