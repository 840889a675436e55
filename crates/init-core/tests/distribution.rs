//! Distributions: valid parameters, moments, probabilities, text form.

use init_core::{Distribution, Initializer, Layout, Shape};

const INFINITY: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn truncated(mean: f64, std: f64, low: f64, high: f64) -> Distribution {
    Distribution::TruncatedNormal { mean, std, low, high }
}

#[test]
fn valid_distributions_pass() {
    for distribution in [
        Distribution::Constant(-3.0),
        Distribution::Uniform { low: 1.0, high: 1.0 },
        Distribution::Uniform { low: f64::MIN, high: f64::MAX },
        Distribution::Normal { mean: 1.0, std: 0.0 },
        truncated(0.0, 1.0, -INFINITY, INFINITY),
        truncated(0.0, 1.0, 2.0, 2.0),
    ] {
        assert_eq!(distribution.validate(), Ok(()));
        assert!(distribution.mean().is_finite() && distribution.std().is_finite(), "{distribution}");
    }
}

#[test]
fn errors_name_the_invalid_parameter() {
    for (distribution, word) in [
        (Distribution::Constant(NAN), "`value` of a constant distribution must be a finite number, got NaN"),
        (
            Distribution::Uniform { low: -INFINITY, high: 1.0 },
            "`low` of a uniform distribution must be a finite number, got -inf",
        ),
        (Distribution::Uniform { low: 0.0, high: NAN }, "`high`"),
        (Distribution::Uniform { low: 2.0, high: 1.0 }, "is 2, above its `high`, 1"),
        (Distribution::Normal { mean: INFINITY, std: 1.0 }, "`mean`"),
        (Distribution::Normal { mean: 0.0, std: -0.1 }, "must be a finite number of at least 0, got -0.1"),
        (truncated(NAN, 1.0, 0.0, 1.0), "`mean`"),
        (
            truncated(0.0, 0.0, 0.0, 1.0),
            "`std` of a truncated_normal distribution must be a finite number above 0, got 0",
        ),
        (truncated(0.0, 1.0, INFINITY, INFINITY), "`low`"),
        (truncated(0.0, 1.0, -INFINITY, -INFINITY), "`high`"),
        (truncated(0.0, 1.0, NAN, 1.0), "NaN"),
        (truncated(0.0, 1.0, 3.0, 1.0), "above"),
    ] {
        let error = distribution.validate().unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        // Invalid parameters give unspecified numbers, but no panic.
        let _ = (
            distribution.mean(),
            distribution.std(),
            distribution.kurtosis(),
            distribution.support(),
            distribution.cdf(0.5),
        );
    }
}

#[test]
fn moments_have_their_closed_forms() {
    let distribution = Distribution::Uniform { low: -1.0, high: 3.0 };
    assert_eq!((distribution.mean(), distribution.std(), distribution.kurtosis()), (1.0, 4.0 / 12_f64.sqrt(), 1.8));
    let wide = Distribution::Uniform { low: f64::MIN, high: f64::MAX };
    assert_eq!((wide.mean(), wide.std()), (0.0, f64::MAX / 3_f64.sqrt()));
    assert_eq!((wide.cdf(0.0), wide.cdf(f64::MAX)), (0.5, 1.0));
    let distribution = Distribution::Normal { mean: 2.0, std: 0.5 };
    assert_eq!((distribution.mean(), distribution.std(), distribution.kurtosis()), (2.0, 0.5, 3.0));
    for point in [Distribution::Constant(2.0), Distribution::Normal { mean: 2.0, std: 0.0 }] {
        assert_eq!((point.mean(), point.std(), point.support()), (2.0, 0.0, (2.0, 2.0)));
        assert!(point.kurtosis().is_nan());
        assert_eq!([1.9, 2.0, 2.1].map(|x| point.cdf(x)), [0.0, 1.0, 1.0]);
    }
}

#[test]
fn probabilities_run_from_0_to_1() {
    let distribution = Distribution::Normal { mean: 1.0, std: 2.0 };
    assert_eq!(distribution.cdf(1.0), 0.5);
    assert_eq!((distribution.cdf(-INFINITY), distribution.cdf(INFINITY)), (0.0, 1.0));
    assert!(distribution.cdf(NAN).is_nan());
    let distribution = truncated(0.0, 1.0, -2.0, 2.0);
    assert_eq!([-2.1, -2.0, 0.0, 2.0, 2.1].map(|x| distribution.cdf(x)), [0.0, 0.0, 0.5, 1.0, 1.0]);
}

#[test]
fn a_printed_distribution_parses_as_its_initializer() {
    for (distribution, text) in [
        (Distribution::Constant(0.1), "constant(value=0.1)"),
        (Distribution::Uniform { low: -0.5, high: 1e-9 }, "uniform(low=-0.5, high=1e-9)"),
        (Distribution::Normal { mean: 0.0, std: 0.02 }, "normal(mean=0, std=0.02)"),
        (truncated(0.0, 1.0, -INFINITY, 2.0), "truncated_normal(mean=0, std=1, low=-inf, high=2)"),
    ] {
        assert_eq!(distribution.to_string(), text);
        let asked: Initializer = text.parse().unwrap();
        let shape = Shape::new([3]).unwrap();
        assert_eq!(asked.distribution(&shape, &Layout::Torch), Ok(distribution));
    }
}
