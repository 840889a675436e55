//! The report as JSON, for `--json` and for the page.

use std::collections::BTreeMap;

use init_core::Distribution;
use init_model::check::{Bound, FALSE_ALARM, Fault, Moments, Unjudged, Verdict};
use serde::Serialize;

use super::report::{self, Row};
use crate::{depth::groups, json::Bins};

/// The output of `--json`, and the data of the page. Numbers that are not finite, or do not apply,
/// are null.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    file: String,
    metadata: &'a BTreeMap<String, String>,
    /// The model that the file was compared with.
    model: Option<&'a str>,
    seed: Option<u64>,
    /// The probability that any score of a correct file is beyond ± the limit.
    false_alarm: f64,
    scores: u64,
    limit: Option<f64>,
    summary: Summary,
    tensors: Vec<Tensor<'a>>,
    /// The kinds of tensors that occur at two depths or more.
    depths: Vec<Kind>,
}

#[derive(Debug, Serialize)]
struct Summary {
    tensors: usize,
    elements: u64,
    nan: u64,
    infinite: u64,
    expected: usize,
    faulty: usize,
    not_judged: usize,
}

#[derive(Debug, Serialize)]
struct Tensor<'a> {
    name: &'a str,
    shape: &'a [usize],
    dtype: &'a str,
    elements: u64,
    nan: Option<u64>,
    infinite: Option<u64>,
    #[serde(flatten)]
    statistics: Statistics,
    histogram: Option<Compared<'a>>,
    initializer: Option<String>,
    /// The distribution or the structure that the initializer resolves to.
    values: Option<String>,
    expected: Option<Statistics>,
    mean_z: Option<f64>,
    std_z: Option<f64>,
    /// `none`, `kept` or `broken`.
    bound: Option<&'static str>,
    /// `expected`, `faulty` or `not_judged`.
    verdict: &'static str,
    /// `not_finite`, `dtype`, `out_of_bounds`, `mean` or `std`.
    faults: Vec<&'static str>,
    /// `no_plan`, `no_distribution` or `not_read`.
    reason: Option<&'static str>,
}

/// Statistics; of the expected ones, minimum and maximum are the bounds of the distribution.
#[derive(Debug, Serialize)]
struct Statistics {
    mean: f64,
    std: f64,
    min: f64,
    max: f64,
    kurtosis: f64,
}

/// A histogram, and what is expected of it.
#[derive(Debug, Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    bins: Bins<'a>,
    /// The expected number of values in each bin, to a thousandth; null if all values or all draws
    /// are equal.
    expected: Option<Vec<f64>>,
}

#[derive(Debug, Serialize)]
struct Kind {
    /// The common name, with a `*` for each number.
    name: String,
    /// The depth of each tensor, and its index in `tensors`.
    members: Vec<(u64, usize)>,
}

impl<'a> Report<'a> {
    pub(super) fn of(report: &'a report::Report<'a>) -> Self {
        let counts = report.counts();
        let names = report.rows().map(|row| row.tensor.name.as_str());
        Self {
            file: report.file.display().to_string(),
            metadata: report.found.header.metadata(),
            model: report.against.as_ref().map(|against| against.model.as_str()),
            seed: report.against.as_ref().map(|against| against.plan.seed()),
            false_alarm: FALSE_ALARM,
            scores: report.judgement.scores,
            limit: (report.judgement.scores > 0).then_some(report.judgement.limit),
            summary: Summary {
                tensors: report.order.len(),
                elements: counts.elements,
                nan: counts.nan,
                infinite: counts.infinite,
                expected: counts.expected,
                faulty: counts.faulty,
                not_judged: counts.not_judged,
            },
            depths: groups(names).into_iter().map(|group| Kind { name: group.name, members: group.members }).collect(),
            tensors: report.rows().map(tensor).collect(),
        }
    }
}

fn tensor(row: Row<'_>) -> Tensor<'_> {
    let (verdict, faults, reason) = match &row.judged.verdict {
        Verdict::Expected => ("expected", vec![], None),
        Verdict::Faulty(faults) => ("faulty", faults.iter().map(fault).collect(), None),
        Verdict::NotJudged(reason) => ("not_judged", vec![], Some(self::reason(*reason))),
    };
    Tensor {
        name: &row.tensor.name,
        shape: &row.tensor.shape,
        dtype: row.tensor.type_name(),
        elements: row.elements(),
        nan: row.moments().map(Moments::nan),
        infinite: row.moments().map(Moments::infinite),
        statistics: Statistics {
            mean: row.statistic(Moments::mean),
            std: row.statistic(Moments::std),
            min: row.statistic(Moments::min),
            max: row.statistic(Moments::max),
            kurtosis: row.statistic(Moments::kurtosis),
        },
        histogram: bins(&row),
        initializer: row.entry.map(|entry| entry.initializer.to_string()),
        values: row.entry.map(|entry| entry.resolved.to_string()),
        expected: row.distribution().map(|distribution| Statistics {
            mean: distribution.mean(),
            std: distribution.std(),
            min: distribution.support().0,
            max: distribution.support().1,
            kurtosis: distribution.kurtosis(),
        }),
        mean_z: row.mean_z(),
        std_z: row.std_z(),
        bound: row.judged.comparison.map(|comparison| match comparison.bound {
            Bound::Open => "none",
            Bound::Kept => "kept",
            Bound::Broken => "broken",
        }),
        verdict,
        faults,
        reason,
    }
}

fn bins<'a>(row: &Row<'a>) -> Option<Compared<'a>> {
    let histogram = row.measured.histogram.as_ref()?;
    let all = histogram.counts.iter().sum::<u64>() as f64;
    let has_width = |all: &&Distribution| all.std() > 0.0 && histogram.low < histogram.high;
    let expected = row.distribution().filter(has_width).map(|distribution| {
        let inside = |bin: usize| {
            let (low, high) = histogram.edges(bin);
            distribution.cdf(high) - distribution.cdf(low)
        };
        (0..histogram.counts.len()).map(|bin| (all * inside(bin) * 1e3).round() / 1e3).collect()
    });
    Some(Compared { bins: histogram.into(), expected })
}

fn fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::NotFinite => "not_finite",
        Fault::DType(_) => "dtype",
        Fault::OutOfBounds => "out_of_bounds",
        Fault::Mean => "mean",
        Fault::Std => "std",
    }
}

fn reason(reason: Unjudged) -> &'static str {
    match reason {
        Unjudged::NoPlan => "no_plan",
        Unjudged::NoDistribution => "no_distribution",
        Unjudged::NotRead => "not_read",
    }
}
