//! The order of the tensors in a report.

use std::cmp::Ordering;

use clap::ValueEnum;
use init_model::check::{Moments, Verdict};

use super::report::{Report, Row};
use crate::natural::natural;

/// The key that tensors are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Key {
    /// In the order of the file
    File,
    /// By name, h.2 before h.10
    Name,
    /// By number of elements, smallest first
    Elements,
    Mean,
    Std,
    Min,
    Max,
    Kurtosis,
    /// By distance from expectation: impossible values, then the largest absolute z-score
    Z,
    /// By verdict: faulty, then not judged, then expected
    Verdict,
}

/// Sorts the tensors of a report. Those without the statistic come last, and equal ones keep the
/// order of the file.
pub(super) fn sort(report: &mut Report<'_>, key: Key, reverse: bool) {
    let mut order: Vec<(usize, Row<'_>)> =
        (0..report.found.measured.len()).map(|index| (index, report.row(index))).collect();
    match key {
        Key::File if reverse => order.reverse(),
        Key::File => {}
        _ => order.sort_by(|(_, a), (_, b)| compare(key, reverse, a, b)),
    }
    report.order = order.into_iter().map(|(index, _)| index).collect();
}

fn compare(key: Key, reverse: bool, a: &Row<'_>, b: &Row<'_>) -> Ordering {
    let turned = |order: Ordering| if reverse { order.reverse() } else { order };
    let statistic = |of: fn(&Row<'_>) -> f64| match (of(a), of(b)) {
        (x, y) if x.is_nan() || y.is_nan() => x.is_nan().cmp(&y.is_nan()),
        (x, y) => turned(x.total_cmp(&y)),
    };
    match key {
        Key::File => Ordering::Equal,
        Key::Name => turned(natural(&a.tensor.name, &b.tensor.name)),
        Key::Elements => turned(a.elements().cmp(&b.elements())),
        Key::Mean => statistic(|row| row.statistic(Moments::mean)),
        Key::Std => statistic(|row| row.statistic(Moments::std)),
        Key::Min => statistic(|row| row.statistic(Moments::min)),
        Key::Max => statistic(|row| row.statistic(Moments::max)),
        Key::Kurtosis => statistic(|row| row.statistic(Moments::kurtosis)),
        Key::Z => statistic(|row| -row.distance()),
        Key::Verdict => turned(rank(&a.judged.verdict).cmp(&rank(&b.judged.verdict))),
    }
}

fn rank(verdict: &Verdict) -> usize {
    match verdict {
        Verdict::Faulty(_) => 0,
        Verdict::NotJudged(_) => 1,
        Verdict::Expected => 2,
    }
}
