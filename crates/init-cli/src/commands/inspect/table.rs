use init_core::Distribution;
use init_model::{Bound, Histogram, Moments};

use super::report::{Report, Row};
use crate::{
    figure::short,
    picture::{bars, sparkline},
    table::{self, Table},
};

/// Bins of a histogram that make one character of the table, or one line of a page.
const BINS: usize = 2;

pub(super) fn table_of(report: &Report<'_>) -> Table {
    let figures = ["mean", "std", "min", "max", "kurtosis"];
    let scores = ["bound", "z mean", "z std", "verdict"];
    let is_judged = report.against.is_some();
    let mut head = vec!["name", "shape", "dtype"];
    head.extend(figures);
    if is_judged {
        head.extend(scores);
    }
    head.push("histogram");
    let mut table = table::table(&head, &[&figures[..], &scores[1..3]].concat()).optional(&[
        "dtype",
        "kurtosis",
        "shape",
        "histogram",
        "min",
        "max",
        "bound",
        "z mean",
        "z std",
        "mean",
    ]);
    for row in report.rows() {
        table.add_row(cells(&row, is_judged));
    }
    table
}

/// With a law, each figure has the expected one under it.
fn cells(row: &Row<'_>, is_judged: bool) -> Vec<String> {
    let tensor = row.tensor;
    let name = tensor.name.escape_debug().to_string();
    let mut cells = vec![name, format!("{:?}", tensor.shape), tensor.format.clone()];
    cells.extend(figures(row).map(|(_, figure)| short(figure)));
    if let Some(law) = row.law() {
        cells[0] += "\n  expected";
        for (cell, (_, figure)) in cells[3..].iter_mut().zip(expected(law)) {
            *cell += &format!("\n{}", short(figure));
        }
    }
    if is_judged {
        let bound = row.judged.comparison.map_or("–", |all| bound(all.bound));
        cells.extend([bound.to_owned(), score(row.mean_z()), score(row.std_z()), row.judged.verdict.to_string()]);
    }
    cells.push(row.measured.histogram.as_ref().map(|bins| sparkline(&wider(bins).counts)).unwrap_or_default());
    cells
}

/// One tensor alone, with its histogram in full.
pub(super) fn sheet(row: &Row<'_>) -> String {
    let name = row.tensor.name.escape_debug();
    let mut page = format!("{name} {:?} {}\n", row.tensor.shape, row.tensor.format);
    let promised = row.law().map(expected);
    for (index, (what, figure)) in figures(row).into_iter().enumerate() {
        page += &format!("  {what:<9} {:>14}", short(figure));
        if let Some(promised) = promised {
            page += &format!("   expected {}", short(promised[index].1));
        }
        let z = match what {
            "mean" => row.mean_z(),
            "std" => row.std_z(),
            _ => None,
        };
        if z.is_some() {
            page += &format!(", z {}", score(z));
        }
        page.push('\n');
    }
    if let Some(comparison) = row.judged.comparison {
        page += &format!("  {:<9} {:>14}\n", "bound", bound(comparison.bound));
    }
    if row.entry.is_some() {
        page += &format!("  {:<9} {:>14}\n", "verdict", row.judged.verdict.to_string());
    }
    if let Some(histogram) = &row.measured.histogram {
        page += &bars(&wider(histogram), row.law());
    }
    page
}

fn figures(row: &Row<'_>) -> [(&'static str, f64); 5] {
    [
        ("mean", row.figure(Moments::mean)),
        ("std", row.figure(Moments::std)),
        ("min", row.figure(Moments::min)),
        ("max", row.figure(Moments::max)),
        ("kurtosis", row.figure(Moments::kurtosis)),
    ]
}

/// What the figures should be; of the least and the greatest, the bounds, if there are any.
fn expected(law: &Distribution) -> [(&'static str, f64); 5] {
    let finite = |bound: f64| if bound.is_finite() { bound } else { f64::NAN };
    let (low, high) = law.support();
    let (low, high) = (finite(low), finite(high));
    [("mean", law.mean()), ("std", law.std()), ("min", low), ("max", high), ("kurtosis", law.kurtosis())]
}

pub(super) fn bound(bound: Bound) -> &'static str {
    match bound {
        Bound::Open => "none",
        Bound::Kept => "kept",
        Bound::Broken => "BROKEN",
    }
}

fn score(z: Option<f64>) -> String {
    z.map_or_else(|| "–".to_owned(), |z| format!("{z:+.2}"))
}

/// A histogram of fewer bins, as characters are few.
fn wider(histogram: &Histogram) -> Histogram {
    let counts = histogram.counts.chunks(BINS).map(|bins| bins.iter().sum()).collect();
    Histogram { counts, ..*histogram }
}
