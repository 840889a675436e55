//! `truncated_normal`: the normal distribution between bounds.

use crate::{
    distribution::{family::STD_CUT_AT_2, independent::Distribution},
    initializer::{
        definition::{Definition, Request},
        parameter_error::ParameterError,
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec, Value},
        values::{Values, computed, flag, number, real},
    },
    resolved::Resolved,
};

pub(super) static SPEC: Spec = Spec {
    name: "truncated_normal",
    aliases: &["trunc_normal"],
    summary: "normal between bounds: low and high absolute, lower and upper in standard deviations",
    source: "PyTorch trunc_normal_ (low, high); JAX, Keras, TensorFlow (lower, upper)",
    needs_fans: false,
    structured: false,
    parameters: &[
        number("mean", Kind::Finite, 0.0),
        number("std", Kind::Positive, 1.0),
        computed("low", Kind::LowerBound, "mean + lower*std").alias(&["a"]),
        computed("high", Kind::UpperBound, "mean + upper*std").alias(&["b"]),
        computed("lower", Kind::LowerBound, "-2"),
        computed("upper", Kind::UpperBound, "2"),
        flag("corrected"),
    ],
    examples: &[
        "truncated_normal",
        "truncated_normal(std=0.02, corrected)",
        "truncated_normal(std=0.5, low=-0.1, high=1)",
        "truncated_normal(lower=3, upper=inf)",
    ],
    build: |v| {
        Ok(Initializer::TruncatedNormal {
            mean: v.number(0),
            std: v.number(1),
            low: v.optional(2),
            high: v.optional(3),
            lower: v.optional(4),
            upper: v.optional(5),
            corrected: v.flag(6).unwrap_or(false),
        })
    },
};

pub(super) struct TruncatedNormal {
    pub(super) mean: f64,
    pub(super) std: f64,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    pub(super) corrected: bool,
}

impl TruncatedNormal {
    /// Returns the bounds in standard deviations, for those that are given so or left out.
    fn in_deviations(&self) -> (f64, f64) {
        (self.lower.unwrap_or(-2.0), self.upper.unwrap_or(2.0))
    }

    /// Returns the absolute bounds for a standard deviation.
    fn bounds(&self, std: f64) -> (f64, f64) {
        let (lower, upper) = self.in_deviations();
        (self.low.unwrap_or(self.mean + lower * std), self.high.unwrap_or(self.mean + upper * std))
    }
}

impl Definition for TruncatedNormal {
    fn values(&self) -> Values {
        let [low, high, lower, upper] =
            [self.low, self.high, self.lower, self.upper].map(|bound| bound.map(Value::Number));
        Values::from([real(self.mean), real(self.std), low, high, lower, upper, Some(Value::Flag(self.corrected))])
    }

    fn check(&self) -> Result<(), ParameterError> {
        let initializer = SPEC.name;
        let mismatch = |parameter, reason| Err(ParameterError::Mismatch { initializer, parameter, reason });
        if self.low.is_some() && self.lower.is_some() {
            return mismatch("lower", "is the lower bound in standard deviations: give it or `low`, not both");
        }
        if self.high.is_some() && self.upper.is_some() {
            return mismatch("upper", "is the upper bound in standard deviations: give it or `high`, not both");
        }
        if self.corrected && (self.low.is_some() || self.high.is_some()) {
            return mismatch("corrected", "needs bounds in standard deviations: give `lower` and `upper`");
        }
        let (low, high) = self.bounds(self.std);
        if low > high {
            return Err(ParameterError::LowAboveHigh { initializer, low, high });
        }
        let (lower, upper) = self.in_deviations();
        if self.corrected && lower >= upper {
            return mismatch("corrected", "needs a lower bound below the upper bound");
        }
        Ok(())
    }

    fn resolve(&self, _: &Request<'_>) -> Result<Resolved, ResolveError> {
        let (lower, upper) = self.in_deviations();
        let std = if self.corrected { self.std / std_after(lower, upper) } else { self.std };
        let (low, high) = self.bounds(std);
        Ok(Distribution::TruncatedNormal { mean: self.mean, std, low, high }.into())
    }
}

/// Returns the standard deviation of N(0, 1) after truncation.
fn std_after(low: f64, high: f64) -> f64 {
    if (low, high) == (-2.0, 2.0) {
        return STD_CUT_AT_2;
    }
    Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low, high }.std()
}
