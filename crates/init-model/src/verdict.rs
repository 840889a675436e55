use std::fmt;

use init_core::{DType, Distribution, Resolved, normal_law};

use crate::{
    compare::{Bound, Comparison, compare},
    header::Tensor,
    inspect::{Inspection, Measured},
    plan::Entry,
    stats::Moments,
};

/// The probability that any tensor of a right file is called faulty for its mean or its standard deviation, whatever their number.
pub const FALSE_ALARM: f64 = 1e-4;

/// The fewest values from which the figures of a law that leans to one side are judged: those of fewer lean too, and their
/// tail on that side is heavier than a normal one's.
const FEWEST_OF_A_LEANING_LAW: u64 = 10_000;

/// What is to be said of the tensors of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// How many z-scores were judged.
    pub scores: u64,
    /// How far a z-score may be from 0.
    pub limit: f64,
    /// The tensors, in the order of [`Inspection::measured`].
    pub tensors: Vec<Judged>,
}

/// What is to be said of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Its figures beside those of its law; none without a law or without figures.
    pub comparison: Option<Comparison>,
    /// Whether it is as it was meant.
    pub verdict: Verdict,
}

/// Whether a tensor is as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Expected,
    /// Something does.
    Faulty(Vec<Fault>),
    /// There is nothing to judge it by.
    NotJudged(Unjudged),
}

/// What is wrong with a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has values that are NaN or infinite.
    NotFinite,
    /// It is not of the element type that was planned, which is this.
    DType(DType),
    /// It has values outside the bounds of its law.
    OutOfBounds,
    /// Its mean is farther from that of its law than chance explains.
    Mean,
    /// Its standard deviation is.
    Std,
}

/// Why there is nothing to judge a tensor by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// No plan was given.
    NoPlan,
    /// Its elements depend on each other or on their place, and so are no draws of a law. [`verify`](crate::verify()) compares them with the plan's.
    NoLaw,
    /// It is of a type that is not read as numbers.
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
/// `entries` holds, as [`pair`](crate::pair()) gives them, the entry of each tensor of the file. Without it only NaN and infinities are faults.
///
/// A mean or a standard deviation is off where its z-score is beyond ± [`limit`](Judgement::limit). With m scores the limit is the normal
/// quantile of 1 − [`FALSE_ALARM`]/2m (Bonferroni), so that it grows with the file and no right file of thousands of tensors is accused
/// more often than one of two. A normal law that is cut on one side more than on the other is judged by its
/// mean and standard deviation from 10,000 values on.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use init_model::{Fault, Recipe, Verdict, inspect, judge, pair, write};
///
/// let text = |bound| format!("[parameters]\nbias = [256]\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(-{bound}, {bound})\"");
/// let plan = |bound| Recipe::parse(&text(bound), "bias.toml").unwrap().plan().unwrap();
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &plan("0.1"), &|_| ControlFlow::Continue(()))?;
///
/// let found = inspect(&path, 8, |_| true, &|_| ())?;
/// let verdict = |bound| judge(&found, Some(&pair(&plan(bound), &found.header).unwrap())).tensors[0].verdict.clone();
/// assert_eq!(verdict("0.1"), Verdict::Expected);
/// assert_eq!(verdict("0.05"), Verdict::Faulty(vec![Fault::OutOfBounds, Fault::Std]));
/// assert_eq!(verdict("0.2"), Verdict::Faulty(vec![Fault::Std]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// If there are fewer entries than tensors in the file.
pub fn judge(found: &Inspection, entries: Option<&[&Entry]>) -> Judgement {
    let entry = |measured: &Measured| entries.map(|entries| entries[measured.tensor]);
    let compared = |measured: &Measured| {
        let law = entry(measured)?.distribution()?;
        let moments = measured.moments.as_ref()?;
        Some((law, compare(law, found.tensor(measured).dtype?, moments), scores_count(law, moments)))
    };
    let comparisons: Vec<_> = found.measured.iter().map(compared).collect();
    let judged = comparisons.iter().flatten().filter(|(.., counts)| *counts);
    let scores = judged.map(|(_, all, _)| u64::from(all.mean_z.is_some()) + u64::from(all.std_z.is_some())).sum();
    let limit = limit(scores);
    let tensors = found.measured.iter().zip(comparisons).map(|(measured, compared)| {
        let comparison = compared.map(|(_, comparison, _)| comparison);
        // A score that does not count is never beyond.
        let limit = if compared.is_some_and(|(.., counts)| counts) { limit } else { f64::INFINITY };
        let faults = faults(found.tensor(measured), entry(measured), measured.moments.as_ref(), comparison, limit);
        let verdict = if !faults.is_empty() {
            Verdict::Faulty(faults)
        } else if measured.moments.is_none() && found.tensor(measured).dtype.is_none() {
            Verdict::NotJudged(Unjudged::NotRead)
        } else {
            match entry(measured).map(|entry| &entry.resolved) {
                None => Verdict::NotJudged(Unjudged::NoPlan),
                Some(Resolved::Distribution(_)) => Verdict::Expected,
                Some(_) => Verdict::NotJudged(Unjudged::NoLaw),
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
        if comparison.bound == Bound::Broken && is_finite {
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

/// Whether the z-scores of so many values of a law are near enough to normal ones, or have lighter tails.
fn scores_count(law: &Distribution, moments: &Moments) -> bool {
    let leans = match *law {
        Distribution::TruncatedNormal { mean, std, .. } => (law.mean() - mean).abs() > 1e-9 * std,
        _ => false,
    };
    !leans || moments.finite() >= FEWEST_OF_A_LEANING_LAW
}

/// What so many z-scores of a right file all keep within, but for a probability of [`FALSE_ALARM`].
fn limit(scores: u64) -> f64 {
    let tail = FALSE_ALARM / 2.0 / scores.max(1) as f64;
    let (mut low, mut high) = (0.0, 40.0);
    // Halved until the two are neighbours.
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if normal_law::sf(middle) > tail {
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

    /// Quantiles of the normal law at 1 − 1e-4/2m, from Python's `statistics`.
    #[test]
    fn the_limit_grows_with_the_number_of_scores() {
        for (scores, expected) in [(1, 3.890_592), (2, 4.055_627), (296, 5.101_014), (6000, 5.643_460)] {
            assert!((limit(scores) - expected).abs() < 1e-6, "{scores}: {}", limit(scores));
            let within = scores as f64 * 2.0 * normal_law::sf(limit(scores));
            assert!((within / FALSE_ALARM - 1.0).abs() < 1e-9);
        }
        assert_eq!(limit(0), limit(1));
    }

    /// 4000 tensors of each size and law: at a limit of z = 3 a share of 0.0054 of them may have a score beyond, 22 of 4000; 45 is five
    /// standard errors more.
    #[test]
    fn right_tensors_of_every_size_keep_their_scores() {
        let laws = [
            Distribution::Normal { mean: 0.0, std: 0.02 },
            Distribution::Uniform { low: -0.1, high: 0.1 },
            Distribution::TruncatedNormal { mean: 0.0, std: 0.02, low: -0.04, high: 0.04 },
        ];
        for law in laws {
            for n in [1, 2, 3, 5, 10, 100, 3000] {
                let beyond = (0..4000).filter(|&index| {
                    let mut values = vec![0f64; n];
                    fill(&mut values, &law, Stream::new(7).child_index(index)).unwrap();
                    let all = compare(&law, DType::F64, &Moments::of(&values));
                    [all.mean_z, all.std_z].into_iter().flatten().any(|z| z.abs() > 3.0)
                });
                let beyond = beyond.count();
                assert!(beyond <= 45, "{law}, {n} values: {beyond}");
            }
        }
    }

    /// Values cut to one tail lean so far that few of them pass any limit made for normal scores.
    #[test]
    fn laws_that_lean_are_judged_by_many_values_only() {
        let tail = Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low: 3.0, high: f64::INFINITY };
        let even = Distribution::TruncatedNormal { mean: 0.5, std: 1.0, low: -1.5, high: 2.5 };
        let of = |n: usize| Moments::of(&vec![1.0; n]);
        assert!(!scores_count(&tail, &of(9999)) && scores_count(&tail, &of(10_000)));
        assert!(scores_count(&even, &of(1)));
    }

    #[test]
    fn verdicts_in_words() {
        let faults = vec![Fault::NotFinite, Fault::DType(DType::Bf16), Fault::OutOfBounds, Fault::Mean, Fault::Std];
        assert_eq!(Verdict::Faulty(faults).to_string(), "not finite, not bf16, out of bounds, mean off, std off");
        assert_eq!(Verdict::NotJudged(Unjudged::NoLaw).to_string(), "not judged");
    }
}
