//! The distributions under test: every sampler in each of its regimes.

use init_core::Distribution;

/// A distribution, and the regime that it is an example of.
pub type Case = (&'static str, Distribution);

const INF: f64 = f64::INFINITY;

/// `U[low, high)`.
#[must_use]
pub fn uniform(low: f64, high: f64) -> Distribution {
    Distribution::Uniform { low, high }
}

/// `N(mean, std)`.
#[must_use]
pub fn normal(mean: f64, std: f64) -> Distribution {
    Distribution::Normal { mean, std }
}

/// `N(mean, std)` conditioned on `low ≤ x ≤ high`.
#[must_use]
pub fn truncated(mean: f64, std: f64, low: f64, high: f64) -> Distribution {
    Distribution::TruncatedNormal { mean, std, low, high }
}

/// Returns one example of each sampler and each regime; all of them fit every dtype.
#[must_use]
pub fn samplers() -> Vec<Case> {
    vec![
        ("constant", Distribution::Constant(0.1)),
        ("uniform", uniform(-0.0759555, 0.0759555)),
        ("normal", normal(0.0, 0.02)),
        ("truncated, central", truncated(0.0, 0.02, -0.04, 0.04)),
        ("truncated, 3 sigma", truncated(0.0, 1.0, -3.0, 3.0)),
        ("truncated, 100 sigma", truncated(0.0, 0.5, -50.0, 50.0)),
        ("truncated, one-sided", truncated(0.0, 1.0, 0.0, INF)),
        ("truncated, above 5 sigma", truncated(0.0, 1.0, 5.0, INF)),
        ("truncated, far above", truncated(0.0, 1.0, 20.0, INF)),
        ("truncated, far between", truncated(0.0, 1.0, 20.0, 20.5)),
        ("truncated, far below", truncated(0.0, 1.0, -INF, -20.0)),
        ("truncated, narrow", truncated(0.0, 1e3, -1e-3, 2e-3)),
    ]
}

/// Returns parameters that are easy to get wrong, including some that fit only the wide dtypes.
#[must_use]
pub fn awkward() -> Vec<Case> {
    let tiny = f64::from(f32::from_bits(3));
    vec![
        ("zero", Distribution::Constant(0.0)),
        ("minus zero", Distribution::Constant(-0.0)),
        ("uniform, a point", uniform(0.3, 0.3)),
        ("uniform, minus zero", uniform(-0.0, -0.0)),
        ("uniform, below zero", uniform(-1.0, -0.0)),
        ("uniform, from zero", uniform(0.0, 1.0)),
        ("uniform, asymmetric", uniform(-0.3, 1.7)),
        ("uniform, off zero", uniform(100.0, 101.0)),
        ("uniform, 2^-94", uniform(-(2_f64.powi(-94)), 2_f64.powi(-94))),
        ("uniform, 1e-33", uniform(-1e-33, 1e-33)),
        ("uniform, subnormal f32", uniform(-1e-42, 3e-42)),
        ("uniform, 1e-300", uniform(-1e-300, 1e-300)),
        ("uniform, subnormal f64", uniform(-1e-315, 3e-315)),
        ("uniform, few values", uniform(1.0, 1.0 + 2_f64.powi(-20))),
        ("uniform, the whole of f32", uniform(-3.4e38, 3.4e38)),
        ("uniform, the whole of f64", uniform(-f64::MAX, f64::MAX)),
        ("normal, a point", normal(0.3, 0.0)),
        ("normal, minus zero alone", normal(-0.0, 0.0)),
        ("normal, shifted", normal(-1.5, 0.7)),
        ("normal, subnormal f32", normal(0.0, 1e-41)),
        ("normal, subnormal f64", normal(0.0, 1e-310)),
        ("normal, shifted by little", normal(tiny, 1e-3)),
        ("normal, minus zero", normal(-0.0, 1e-30)),
        ("truncated, a point", truncated(0.0, 1.0, 0.5, 0.5)),
        ("truncated, a point between values", truncated(0.0, 1.0, 0.1, 0.1)),
        ("truncated, a point far out", truncated(0.0, 1.0, 30.0, 30.0)),
        ("truncated, asymmetric centre", truncated(0.1, 1.0, -1.0, 1.6)),
        ("truncated, edge of the centre", truncated(0.0, 1.0, -2.0005, 2.0005)),
        ("truncated, past the centre", truncated(0.0, 1.0, -2.0006, 2.0)),
        ("truncated, thin centre", truncated(0.0, 1.0, -1e-4, 1e-5)),
        ("truncated, asymmetric", truncated(0.3, 0.2, 0.0, 3.1)),
        ("truncated, shifted one-sided", truncated(3.0, 2.0, -INF, 4.0)),
        ("truncated, no bounds", truncated(1.0, 2.0, -INF, INF)),
        ("truncated, a tail below", truncated(0.0, 0.01, -INF, -0.07)),
        ("truncated, a slice of a tail", truncated(0.0, 1.0, 7.0, 7.25)),
        ("truncated, just inside", truncated(0.0, 1.0, 12.0, 13.0)),
        ("truncated, just far", truncated(0.0, 1.0, 12.0_f64.next_up(), INF)),
        ("truncated, far and shifted", truncated(-2.0, 0.1, 0.0, 1.0)),
        ("truncated, far below, between", truncated(0.0, 1.0, -30.0, -25.0)),
        ("truncated, very far", truncated(0.0, 1e-3, 1e3, 1e4)),
        ("truncated, narrow and off zero", truncated(-300.0, 1e3, 0.1, 0.104)),
        ("truncated, narrow in a tail", truncated(0.0, 1.0, 30.0, 30.0 + 2e-7)),
        ("truncated, subnormal f32", truncated(0.0, 1e-40, -2e-40, 2e-40)),
        ("truncated, subnormal f64", truncated(0.0, 1e-310, -3e-310, 1e-310)),
        ("truncated, tiny std", truncated(0.5, 1e-300, 0.0, 1.0)),
    ]
}
