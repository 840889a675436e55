use std::cmp::Ordering;

use clap::ValueEnum;
use init_model::{Moments, Verdict};

use super::report::{Report, Row};
use crate::natural::natural;

/// What tensors are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Key {
    /// As they lie in the file
    File,
    /// By name, h.2 before h.10
    Name,
    /// The smallest first
    Elements,
    Mean,
    Std,
    Min,
    Max,
    Kurtosis,
    /// The farthest from what was meant first
    Z,
    /// What is faulty first, then what is not judged
    Verdict,
}

/// Sorts the tensors of a report. What has no such figure comes last, and equals stay in the order of the file.
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
    let figures = |of: fn(&Row<'_>) -> f64| match (of(a), of(b)) {
        (x, y) if x.is_nan() || y.is_nan() => x.is_nan().cmp(&y.is_nan()),
        (x, y) => turned(x.total_cmp(&y)),
    };
    match key {
        Key::File => Ordering::Equal,
        Key::Name => turned(natural(&a.tensor.name, &b.tensor.name)),
        Key::Elements => turned(a.elements().cmp(&b.elements())),
        Key::Mean => figures(|row| row.figure(Moments::mean)),
        Key::Std => figures(|row| row.figure(Moments::std)),
        Key::Min => figures(|row| row.figure(Moments::min)),
        Key::Max => figures(|row| row.figure(Moments::max)),
        Key::Kurtosis => figures(|row| row.figure(Moments::kurtosis)),
        Key::Z => figures(|row| -row.distance()),
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
