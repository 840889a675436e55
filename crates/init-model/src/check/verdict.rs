//! Verdicts: whether the tensors of a file are as planned.

use std::fmt;

use init_core::{DType, Distribution, Resolved, distribution::normal};

use super::{
    compare::{Bound, Comparison, compare},
    inspect::{Inspection, Measured},
    moments::Moments,
};
use crate::{file::tensor::Tensor, plan::entry::Entry};

/// The probability that any tensor of a correct file is called faulty because of its mean or its
/// standard deviation, whatever the number of tensors.
pub const FALSE_ALARM: f64 = 1e-4;

/// The minimum number of values from which statistics of a skewed distribution are judged: those of
/// fewer are skewed too, with a heavier tail than a normal distribution.
const MIN_SKEWED: u64 = 10_000;

/// The verdicts on the tensors of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The number of z-scores that were judged.
    pub scores: u64,
    /// The largest z-score, in either direction, that is not a fault.
    pub limit: f64,
    /// The tensors, in the order of [`Inspection::measured`].
    pub tensors: Vec<Judged>,
}

/// The verdict on one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Its statistics compared with its distribution; none if it has none of either.
    pub comparison: Option<Comparison>,
    /// Whether it is as planned.
    pub verdict: Verdict,
}

/// Whether a tensor is as planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is as expected.
    Expected,
    /// It has faults.
    Faulty(Vec<Fault>),
    /// There is nothing to judge it by.
    NotJudged(Unjudged),
}

/// A fault of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has values that are NaN or infinite.
    NotFinite,
    /// It does not have the planned element type, which is this.
    DType(DType),
    /// It has finite values outside the bounds of its distribution.
    OutOfBounds,
    /// Its mean is farther from that of its distribution than chance explains.
    Mean,
    /// Its standard deviation is farther from that of its distribution than chance explains.
    Std,
}

/// Why a tensor is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// No plan was given.
    NoPlan,
    /// Its elements depend on each other or on their position, so that they are not draws of a
    /// distribution. [`verify`](crate::verify()) compares them with the plan's.
    NoDistribution,
    /// It has an element type that is not supported as numbers.
    NotRead,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected => f.write_str("as expected"),
            Self::NotJudged(_) => f.write_str("not judged"),
            Self::Faulty(faults) => {
                for (index, fault) in faults.iter().enumerate() {
                    write!(f, "{}{fault}", if index == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite => f.write_str("not finite"),
            Self::DType(planned) => write!(f, "not {planned}"),
            Self::OutOfBounds => f.write_str("out of bounds"),
            Self::Mean => f.write_str("mean off"),
            Self::Std => f.write_str("std off"),
        }
    }
}

/// Judges the tensors that were measured, each by its entry in a plan.
///
/// `entries` has the entry of each tensor of the file, as [`pair`](super::pair()) returns them.
/// Without it, only NaN and infinities are faults.
///
/// A mean or a standard deviation is a fault if its z-score is beyond ±
/// [`limit`](Judgement::limit). With m scores the limit is the normal quantile of 1 −
/// [`FALSE_ALARM`]/2m (Bonferroni): it grows with the file, so that a correct file of thousands of
/// tensors is accused no more often than one of two. Mean and standard deviation of a skewed
/// truncated normal distribution are judged from 10,000 values on.
///
/// ```
/// use init_model::{
///     Header, Progress, Recipe,
///     check::{Fault, Verdict, pair},
///     inspect, judge, write,
/// };
///
/// let text = |bound| {
///     let rule = format!("[[rule]]\nmatch = \"*\"\ninit = \"uniform(-{bound}, {bound})\"");
///     format!("[parameters]\nbias = [256]\n{rule}")
/// };
/// let plan = |bound| Recipe::parse(&text(bound), "bias.toml").unwrap().plan().unwrap();
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &plan("0.1"), Progress::none())?;
///
/// let header = Header::read(&path)?;
/// let found = inspect(&header, 8, |_| true, Progress::none())?;
/// let verdict = |bound| judge(&found, Some(&pair(&plan(bound), &header).unwrap())).tensors[0].verdict.clone();
/// assert_eq!(verdict("0.1"), Verdict::Expected);
/// assert_eq!(verdict("0.05"), Verdict::Faulty(vec![Fault::OutOfBounds, Fault::Std]));
/// assert_eq!(verdict("0.2"), Verdict::Faulty(vec![Fault::Std]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// Panics if there are fewer entries than tensors in the file.
#[must_use]
pub fn judge(found: &Inspection<'_>, entries: Option<&[&Entry]>) -> Judgement {
    let entry = |measured: &Measured| entries.map(|entries| entries[measured.tensor]);
    let compared = |measured: &Measured| {
        let distribution = entry(measured)?.distribution()?;
        let moments = measured.moments.as_ref()?;
        let comparison = compare(distribution, found.tensor(measured).dtype?, moments);
        Some((comparison, scores_count(distribution, moments)))
    };
    let comparisons: Vec<_> = found.measured.iter().map(compared).collect();
    let judged = comparisons.iter().flatten().filter(|(_, counts)| *counts);
    let scores = judged.map(|(all, _)| u64::from(all.mean_z.is_some()) + u64::from(all.std_z.is_some())).sum();
    let limit = limit(scores);
    let tensors = found.measured.iter().zip(comparisons).map(|(measured, compared)| {
        let comparison = compared.map(|(comparison, _)| comparison);
        // A score that does not count is never beyond.
        let limit = if compared.is_some_and(|(_, counts)| counts) { limit } else { f64::INFINITY };
        let faults = faults(found.tensor(measured), entry(measured), measured.moments.as_ref(), comparison, limit);
        let verdict = if !faults.is_empty() {
            Verdict::Faulty(faults)
        } else if measured.moments.is_none() && found.tensor(measured).dtype.is_none() {
            Verdict::NotJudged(Unjudged::NotRead)
        } else {
            match entry(measured).map(|entry| &entry.resolved) {
                None => Verdict::NotJudged(Unjudged::NoPlan),
                Some(Resolved::Distribution(_)) => Verdict::Expected,
                Some(_) => Verdict::NotJudged(Unjudged::NoDistribution),
            }
        };
        Judged { comparison, verdict }
    });
    Judgement { scores, limit, tensors: tensors.collect() }
}

fn faults(
    tensor: &Tensor,
    entry: Option<&Entry>,
    moments: Option<&Moments>,
    comparison: Option<Comparison>,
    limit: f64,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let is_finite = moments.is_none_or(|moments| moments.nan() + moments.infinite() == 0);
    if !is_finite {
        faults.push(Fault::NotFinite);
    }
    if let Some(entry) = entry.filter(|entry| tensor.dtype != Some(entry.dtype)) {
        faults.push(Fault::DType(entry.dtype));
    }
    if let Some(comparison) = comparison {
        let beyond = |z: Option<f64>| z.is_some_and(|z| z.abs() > limit);
        if comparison.bound == Bound::Broken {
            faults.push(Fault::OutOfBounds);
        }
        if beyond(comparison.mean_z) {
            faults.push(Fault::Mean);
        }
        if beyond(comparison.std_z) {
            faults.push(Fault::Std);
        }
    }
    faults
}

/// Whether the z-scores of that many values of a distribution are nearly normal, or have lighter
/// tails.
fn scores_count(distribution: &Distribution, moments: &Moments) -> bool {
    distribution.is_symmetric() || moments.finite() >= MIN_SKEWED
}

/// Returns the limit that all of that many z-scores of a correct file are within, except with
/// probability [`FALSE_ALARM`].
fn limit(scores: u64) -> f64 {
    let tail = FALSE_ALARM / 2.0 / scores.max(1) as f64;
    let (mut low, mut high) = (0.0, 40.0);
    // Bisection to the last bit.
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if normal::sf(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use init_kernels::{Stream, fill};

    use super::*;

    /// Quantiles of the normal distribution at 1 − 1e-4/2m, from Python's `statistics`.
    #[test]
    fn the_limit_grows_with_the_number_of_scores() {
        for (scores, expected) in [(1, 3.890_592), (2, 4.055_627), (296, 5.101_014), (6000, 5.643_460)] {
            assert!((limit(scores) - expected).abs() < 1e-6, "{scores}: {}", limit(scores));
            let within = scores as f64 * 2.0 * normal::sf(limit(scores));
            assert!((within / FALSE_ALARM - 1.0).abs() < 1e-9);
        }
        assert_eq!(limit(0), limit(1));
    }

    /// For 4000 tensors of each size and distribution, at a limit of z = 3, a share of 0.0054 of
    /// them may have a score beyond: 22 of 4000. 45 is five standard errors more.
    #[test]
    fn correct_tensors_of_every_size_are_within_the_limit() {
        let distributions = [
            Distribution::Normal { mean: 0.0, std: 0.02 },
            Distribution::Uniform { low: -0.1, high: 0.1 },
            Distribution::TruncatedNormal { mean: 0.0, std: 0.02, low: -0.04, high: 0.04 },
        ];
        for distribution in distributions {
            for n in [1, 2, 3, 5, 10, 100, 3000] {
                let beyond = (0..4000).filter(|&index| {
                    let mut values = vec![0f64; n];
                    fill(&mut values, &distribution, Stream::new(7).child_index(index)).unwrap();
                    let all = compare(&distribution, DType::F64, &Moments::of(&values));
                    [all.mean_z, all.std_z].into_iter().flatten().any(|z| z.abs() > 3.0)
                });
                let beyond = beyond.count();
                assert!(beyond <= 45, "{distribution}, {n} values: {beyond}");
            }
        }
    }

    /// Values truncated to one tail are so skewed that few of them are within a limit for normal
    /// scores.
    #[test]
    fn skewed_distributions_are_judged_by_many_values_only() {
        let tail = Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low: 3.0, high: f64::INFINITY };
        let symmetric = Distribution::TruncatedNormal { mean: 0.5, std: 1.0, low: -1.5, high: 2.5 };
        let of = |n: usize| Moments::of(&vec![1.0; n]);
        assert!(!scores_count(&tail, &of(9999)) && scores_count(&tail, &of(10_000)));
        assert!(scores_count(&symmetric, &of(1)));
    }

    #[test]
    fn verdicts_in_words() {
        let faults = vec![Fault::NotFinite, Fault::DType(DType::Bf16), Fault::OutOfBounds, Fault::Mean, Fault::Std];
        assert_eq!(Verdict::Faulty(faults).to_string(), "not finite, not bf16, out of bounds, mean off, std off");
        assert_eq!(Verdict::NotJudged(Unjudged::NoDistribution).to_string(), "not judged");
    }
}
