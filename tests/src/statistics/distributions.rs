//! The distributions under statistical test.

use crate::cases::{Case, normal, truncated, uniform};

/// Returns one example of each sampler, and of each regime of the truncated normal; all of them fit
/// every dtype.
#[must_use]
pub fn distributions() -> Vec<Case> {
    vec![
        ("uniform", uniform(-0.0759555, 0.0759555)),
        ("uniform, asymmetric", uniform(-0.3, 1.7)),
        ("normal", normal(0.0, 0.02)),
        ("normal, shifted", normal(-1.5, 0.7)),
        ("truncated, 2 sigma", truncated(0.0, 0.02, -0.04, 0.04)),
        ("truncated, asymmetric centre", truncated(0.1, 1.0, -1.0, 1.6)),
        ("truncated, asymmetric", truncated(0.0, 1.0, -1.0, 3.0)),
        ("truncated, one-sided", truncated(0.0, 1.0, 0.5, f64::INFINITY)),
        ("truncated, 100 sigma", truncated(0.0, 0.5, -50.0, 50.0)),
        ("truncated, far above", truncated(0.0, 1.0, 20.0, f64::INFINITY)),
        ("truncated, far below", truncated(0.0, 1.0, -20.4, -20.0)),
        ("truncated, narrow", truncated(0.0, 1e3, -1e-3, 2e-3)),
    ]
}
