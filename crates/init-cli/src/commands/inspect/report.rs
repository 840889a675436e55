use std::{collections::BTreeSet, path::Path};

use init_core::{Distribution, Resolved};
use init_model::{
    Entry, FALSE_ALARM, Fault, Inspection, Judged, Judgement, Measured, Moments, Plan, Tensor, Unjudged, Verdict,
};

use crate::figure::{grouped, rounded};

/// What was measured, and what is to be said of it.
#[derive(Debug)]
pub(super) struct Report<'a> {
    pub(super) file: &'a Path,
    pub(super) found: &'a Inspection,
    /// What the file is compared with.
    pub(super) against: Option<Against<'a>>,
    pub(super) judgement: &'a Judgement,
    /// The measured tensors, in the order in which they are shown.
    pub(super) order: Vec<usize>,
}

/// A plan, and the entry in it of each tensor of the file.
#[derive(Debug)]
pub(super) struct Against<'a> {
    /// What a message calls the plan.
    pub(super) model: String,
    pub(super) plan: &'a Plan,
    pub(super) entries: Vec<&'a Entry>,
}

/// One tensor and all that is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) tensor: &'a Tensor,
    pub(super) measured: &'a Measured,
    pub(super) entry: Option<&'a Entry>,
    pub(super) judged: &'a Judged,
}

impl<'a> Row<'a> {
    pub(super) fn law(&self) -> Option<&'a Distribution> {
        self.entry?.distribution()
    }

    pub(super) fn elements(&self) -> u64 {
        self.tensor.shape.iter().map(|&dim| dim as u64).product()
    }

    pub(super) fn moments(&self) -> Option<&'a Moments> {
        self.measured.moments.as_ref()
    }

    /// A figure of the values; NaN where there are none.
    pub(super) fn figure(&self, of: fn(&Moments) -> f64) -> f64 {
        self.moments().map_or(f64::NAN, of)
    }

    pub(super) fn mean_z(&self) -> Option<f64> {
        self.judged.comparison?.mean_z
    }

    pub(super) fn std_z(&self) -> Option<f64> {
        self.judged.comparison?.std_z
    }

    /// How far it is from what was meant, beyond all measure if it has values that cannot be; NaN where nothing says.
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

/// How many tensors have each verdict.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) expected: usize,
    pub(super) faulty: usize,
    pub(super) not_judged: usize,
    pub(super) elements: u64,
    pub(super) nan: u64,
    pub(super) infinite: u64,
}

/// Faulty tensors that are named one by one.
const LISTED: usize = 20;

impl<'a> Report<'a> {
    /// A measured tensor by its index.
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

    /// What is measured, on one line.
    pub(super) fn title(&self) -> String {
        let file = self.file.display().to_string();
        match &self.against {
            Some(against) => format!("{} against {}", file.escape_debug(), against.model.escape_debug()),
            None => file.escape_debug().to_string(),
        }
    }

    /// What a table of figures would hide, and the sum of it all.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.rows().filter_map(|row| left_out(&row)).collect();
        let faulty = self
            .rows()
            .filter(|row| matches!(&row.judged.verdict, Verdict::Faulty(faults) if *faults != [Fault::NotFinite]));
        let faulty: Vec<_> = faulty.collect();
        lines.extend(
            faulty.iter().take(LISTED).map(|row| format!("{}: {}", row.tensor.name.escape_debug(), row.judged.verdict)),
        );
        if let Some(more) = faulty.len().checked_sub(LISTED).filter(|&more| more > 0) {
            lines.push(format!("and {more} more that are not as expected; --sort verdict has them first"));
        }
        if self.rows().any(|row| matches!(&row.judged.verdict, Verdict::Faulty(faults) if faults.iter().any(|fault| matches!(fault, Fault::DType(_))))) {
            lines.push("tensors of another dtype than planned: give the --dtype that was given to `init`".to_owned());
        }
        lines.extend(self.without_law());
        lines.push(self.sum());
        lines
    }

    /// Which tensors only `verify` can judge.
    fn without_law(&self) -> Option<String> {
        let rows = self.rows().filter(|row| row.judged.verdict == Verdict::NotJudged(Unjudged::NoLaw));
        let names: Vec<_> = rows.filter_map(|row| row.entry.map(|entry| &entry.resolved)).map(Resolved::name).collect();
        let kinds: BTreeSet<_> = names.iter().copied().collect();
        let tensors = if names.len() == 1 { "tensor is no draw" } else { "tensors are no draws" };
        let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| {
            format!("{} {tensors} of a law ({kinds}) and not judged; `fanin verify` compares bit for bit", names.len())
        })
    }

    pub(super) fn sum(&self) -> String {
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

    /// What is told apart from chance.
    pub(super) fn limit(&self) -> String {
        let Judgement { scores, limit, .. } = *self.judgement;
        let once = grouped((1.0 / FALSE_ALARM).round() as u64);
        match scores {
            0 => "there are no z-scores to judge".to_owned(),
            _ => format!(
                "a z-score is off beyond ±{}, which chance does once in {once} files of {} scores",
                rounded(limit, 3),
                grouped(scores)
            ),
        }
    }
}

fn left_out(row: &Row<'_>) -> Option<String> {
    let name = row.tensor.name.escape_debug();
    let Some(moments) = row.moments() else {
        return row
            .tensor
            .dtype
            .is_none()
            .then(|| format!("{name}: not measured, it is not of type F32, F64, BF16 or F16"));
    };
    let (nan, infinite) = (moments.nan(), moments.infinite());
    (nan + infinite > 0).then(|| {
        format!("{name}: {} NaN and {} infinite values, left out of the figures", grouped(nan), grouped(infinite))
    })
}
