//! The report on the tensors of a file: statistics, verdicts and their summary.

use std::{collections::BTreeSet, path::Path};

use init_core::{Distribution, Resolved};
use init_model::{
    Entry, Inspection, Judgement, Plan, Tensor,
    check::{FALSE_ALARM, Fault, Judged, Measured, Moments, Unjudged, Verdict},
};

use crate::number::{grouped, rounded};

/// The statistics of a file and the verdicts on them.
#[derive(Debug)]
pub(super) struct Report<'a> {
    pub(super) file: &'a Path,
    pub(super) found: &'a Inspection<'a>,
    /// The plan that the file is compared with.
    pub(super) against: Option<Against<'a>>,
    pub(super) judgement: &'a Judgement,
    /// The indices of the measured tensors, in the order of the report.
    pub(super) order: Vec<usize>,
}

/// A plan, and the entry in it of each tensor of the file.
#[derive(Debug)]
pub(super) struct Against<'a> {
    /// The name of the model in messages.
    pub(super) model: String,
    pub(super) plan: &'a Plan,
    pub(super) entries: Vec<&'a Entry>,
}

/// One tensor, its statistics, its entry in the plan and its verdict.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) tensor: &'a Tensor,
    pub(super) measured: &'a Measured,
    pub(super) entry: Option<&'a Entry>,
    pub(super) judged: &'a Judged,
}

impl<'a> Row<'a> {
    pub(super) fn distribution(&self) -> Option<&'a Distribution> {
        self.entry?.distribution()
    }

    pub(super) fn elements(&self) -> u64 {
        self.tensor.elements()
    }

    pub(super) fn moments(&self) -> Option<&'a Moments> {
        self.measured.moments.as_ref()
    }

    /// Returns a statistic of the values; NaN if there are none.
    pub(super) fn statistic(&self, of: fn(&Moments) -> f64) -> f64 {
        self.moments().map_or(f64::NAN, of)
    }

    pub(super) fn mean_z(&self) -> Option<f64> {
        self.judged.comparison?.mean_z
    }

    pub(super) fn std_z(&self) -> Option<f64> {
        self.judged.comparison?.std_z
    }

    /// Returns the distance from what was expected: infinite for impossible values, NaN if there is
    /// nothing to compare.
    pub(super) fn distance(&self) -> f64 {
        if let Verdict::Faulty(faults) = &self.judged.verdict
            && faults.iter().any(|fault| matches!(fault, Fault::NotFinite | Fault::OutOfBounds))
        {
            return f64::INFINITY;
        }
        let scores = [self.mean_z(), self.std_z()].into_iter().flatten();
        scores.fold(f64::NAN, |most, z| most.max(z.abs()))
    }
}

/// The number of tensors with each verdict, and of values.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) expected: usize,
    pub(super) faulty: usize,
    pub(super) not_judged: usize,
    pub(super) elements: u64,
    pub(super) nan: u64,
    pub(super) infinite: u64,
}

/// The number of faulty tensors that are named one by one.
const LISTED: usize = 20;

impl<'a> Report<'a> {
    /// Returns a measured tensor by its index.
    pub(super) fn row(&self, index: usize) -> Row<'a> {
        let measured = &self.found.measured[index];
        Row {
            tensor: self.found.tensor(measured),
            measured,
            entry: self.against.as_ref().map(|against| against.entries[measured.tensor]),
            judged: &self.judgement.tensors[index],
        }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        self.order.iter().map(|&index| self.row(index))
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in self.rows() {
            match row.judged.verdict {
                Verdict::Expected => counts.expected += 1,
                Verdict::Faulty(_) => counts.faulty += 1,
                Verdict::NotJudged(_) => counts.not_judged += 1,
            }
            counts.elements += row.elements();
            counts.nan += row.moments().map_or(0, Moments::nan);
            counts.infinite += row.moments().map_or(0, Moments::infinite);
        }
        counts
    }

    /// Returns the title: the file, and the plan that it is compared with.
    pub(super) fn title(&self) -> String {
        let file = self.file.display().to_string();
        match &self.against {
            Some(against) => format!("{} against {}", file.escape_debug(), against.model.escape_debug()),
            None => file.escape_debug().to_string(),
        }
    }

    /// Returns the notes below the table, and the summary.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.rows().filter_map(|row| excluded(&row)).collect();
        let faulty = self
            .rows()
            .filter(|row| matches!(&row.judged.verdict, Verdict::Faulty(faults) if *faults != [Fault::NotFinite]));
        let faulty: Vec<_> = faulty.collect();
        lines.extend(
            faulty.iter().take(LISTED).map(|row| format!("{}: {}", row.tensor.name.escape_debug(), row.judged.verdict)),
        );
        if let Some(more) = faulty.len().checked_sub(LISTED).filter(|&more| more > 0) {
            lines.push(format!("and {more} more that are not as expected; --sort verdict lists them first"));
        }
        let is_dtype = |fault: &Fault| matches!(fault, Fault::DType(_));
        let has_dtype = |verdict: &Verdict| matches!(verdict, Verdict::Faulty(faults) if faults.iter().any(is_dtype));
        if self.rows().any(|row| has_dtype(&row.judged.verdict)) {
            lines.push("tensors of another dtype than planned: give the --dtype that was given to `init`".to_owned());
        }
        lines.extend(self.without_distribution());
        lines.push(self.summary());
        lines
    }

    /// Returns a note on the tensors that only `verify` can judge.
    fn without_distribution(&self) -> Option<String> {
        let rows = self.rows().filter(|row| row.judged.verdict == Verdict::NotJudged(Unjudged::NoDistribution));
        let names: Vec<_> = rows.filter_map(|row| row.entry.map(|entry| &entry.resolved)).map(Resolved::name).collect();
        let kinds: BTreeSet<_> = names.iter().copied().collect();
        let tensors = if names.len() == 1 { "tensor is" } else { "tensors are" };
        let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| {
            format!(
                "{} {tensors} structured ({kinds}) and not judged; `fanin verify` compares bit for bit",
                names.len()
            )
        })
    }

    /// Returns the summary of all verdicts.
    pub(super) fn summary(&self) -> String {
        let counts = self.counts();
        let all = self.order.len();
        let tensors = if all == 1 { "tensor" } else { "tensors" };
        if self.against.is_none() {
            let odd = counts.nan + counts.infinite;
            let finite =
                if odd == 0 { "all finite".to_owned() } else { format!("{} of them not finite", grouped(odd)) };
            return format!("{} {tensors}, {} values, {finite}", grouped(all as u64), grouped(counts.elements));
        }
        let expected = grouped(counts.expected as u64);
        format!("{expected} of {} {tensors} as expected; {}", grouped(all as u64), self.limit())
    }

    /// Returns the limit of the z-scores, in words.
    pub(super) fn limit(&self) -> String {
        let Judgement { scores, limit, .. } = *self.judgement;
        let once = grouped((1.0 / FALSE_ALARM).round() as u64);
        match scores {
            0 => "there are no z-scores to judge".to_owned(),
            _ => format!(
                "the limit of a z-score is ±{}, which 1 in {once} correct files of {} scores exceeds by chance",
                rounded(limit, 3),
                grouped(scores)
            ),
        }
    }
}

/// Returns a note on values that are not in the statistics.
fn excluded(row: &Row<'_>) -> Option<String> {
    let name = row.tensor.name.escape_debug();
    let Some(moments) = row.moments() else {
        return row
            .tensor
            .dtype
            .is_none()
            .then(|| format!("{name}: not measured, its type is none of f32, f64, bf16 and f16"));
    };
    let (nan, infinite) = (moments.nan(), moments.infinite());
    (nan + infinite > 0).then(|| {
        format!("{name}: {} NaN and {} infinite values, excluded from the statistics", grouped(nan), grouped(infinite))
    })
}
