//! The report as a picture.

use std::path::Path;

use init_core::Distribution;
use init_model::check::{Moments, Verdict};

use super::report::{Report, Row};
use crate::{
    depth::groups,
    failure::{Failure, Outcome},
    number::{grouped, rounded},
    plot::{Depths, Kind, MAX_KINDS, MAX_PANELS, TensorPanel, draw_tensors},
};

/// Checks that a picture has room for that many tensors.
pub(super) fn check_room(tensors: usize) -> Outcome {
    if tensors <= MAX_PANELS {
        return Ok(());
    }
    Err(Failure::input(format_args!(
        "--plot has room for {MAX_PANELS} tensors, got {}; choose some with --tensor, as in `--tensor \
         'h.0.*'`, or give \
         --html, which has all of them",
        grouped(tensors as u64)
    )))
}

/// Draws the picture of a report.
pub(super) fn draw(path: &Path, report: &Report<'_>) -> Outcome {
    let panels: Vec<_> = report.rows().map(panel).collect();
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).escape_debug().to_string();
    let file = name(&report.file.display().to_string());
    let title =
        report.against.as_ref().map_or(file.clone(), |against| format!("{file} against {}", name(&against.model)));
    draw_tensors(path, &title, &report.summary(), &panels, depths(report).as_ref())
}

fn panel(row: Row<'_>) -> TensorPanel<'_> {
    let [std, min, max] = [Moments::std, Moments::min, Moments::max].map(|of| row.statistic(of));
    let expected = row.distribution().map(|all| format!(", expected {}", rounded(all.std(), 4))).unwrap_or_default();
    let values = if std.is_nan() {
        row.tensor.type_name().to_owned()
    } else if min == max {
        format!("all {}", rounded(min, 4))
    } else {
        format!("std {}{expected}", rounded(std, 4))
    };
    TensorPanel {
        name: row.tensor.name.escape_debug().to_string(),
        note: format!("{:?} · {values}", row.tensor.shape),
        is_right: match row.judged.verdict {
            Verdict::Expected => Some(true),
            Verdict::Faulty(_) => Some(false),
            Verdict::NotJudged(_) => None,
        },
        fault: match &row.judged.verdict {
            verdict @ Verdict::Faulty(_) => verdict.to_string(),
            _ => String::new(),
        },
        without: match row.moments() {
            _ if row.tensor.dtype.is_none() => "not measured",
            Some(_) => "no finite values",
            None => "no values",
        },
        histogram: row.measured.histogram.as_ref(),
        distribution: row.distribution(),
    }
}

/// Returns the kinds of tensors that vary, those of the most tensors; none if there are none.
fn depths(report: &Report<'_>) -> Option<Depths> {
    let rows: Vec<_> = report.rows().collect();
    let std = |row: &Row<'_>| row.statistic(Moments::std);
    let mut kinds: Vec<_> = groups(rows.iter().map(|row| row.tensor.name.as_str()))
        .into_iter()
        .filter(|group| group.members.iter().any(|&(_, index)| std(&rows[index]) > 0.0))
        .collect();
    let sizes: Vec<_> = kinds.iter().map(|group| group.members.len()).collect();
    let mut largest: Vec<_> = (0..kinds.len()).collect();
    largest.sort_by_key(|&index| std::cmp::Reverse(sizes[index]));
    largest.truncate(MAX_KINDS);
    let all = kinds.len();
    let mut index = 0..;
    kinds.retain(|_| index.next().is_some_and(|index| largest.contains(&index)));

    let member = |(depth, index): (u64, usize)| {
        let row = &rows[index];
        (depth, std(row), row.distribution().map(Distribution::std))
    };
    let finite = |member: &(u64, f64, Option<f64>)| member.1.is_finite();
    let more = all - kinds.len();
    let kinds = kinds.into_iter().map(|group| Kind {
        name: group.name.escape_debug().to_string(),
        members: group.members.into_iter().map(member).filter(finite).collect(),
    });
    let kinds: Vec<_> = kinds.collect();
    (!kinds.is_empty()).then_some(Depths { kinds, more })
}
