//! The report as a table, or as a sheet for one tensor.

use init_core::Distribution;
use init_model::check::{Bound, Histogram, Moments};

use super::report::{Report, Row};
use crate::{
    number::short,
    picture::{bars, sparkline},
    table::{self, Table},
};

/// The bins of a histogram per character of the table, or per line of a sheet.
const BINS: usize = 2;

/// Returns the table of a report.
pub(super) fn table_of(report: &Report<'_>) -> Table {
    let statistics = ["mean", "std", "min", "max", "kurtosis"];
    let scores = ["bound", "z mean", "z std", "verdict"];
    let is_judged = report.against.is_some();
    let mut head = vec!["name", "shape", "dtype"];
    head.extend(statistics);
    if is_judged {
        head.extend(scores);
    }
    head.push("histogram");
    let mut table = table::table(&head, &[&statistics[..], &scores[1..3]].concat()).optional(&[
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

/// Returns the cells of a row; with a distribution, each statistic has the expected one below it.
fn cells(row: &Row<'_>, is_judged: bool) -> Vec<String> {
    let tensor = row.tensor;
    let name = tensor.name.escape_debug().to_string();
    let mut cells = vec![name, format!("{:?}", tensor.shape), tensor.type_name().to_owned()];
    cells.extend(statistics(row).map(|(_, statistic)| short(statistic)));
    if let Some(distribution) = row.distribution() {
        cells[0] += "\n  expected";
        for (cell, (_, statistic)) in cells[3..].iter_mut().zip(expected(distribution)) {
            *cell += &format!("\n{}", short(statistic));
        }
    }
    if is_judged {
        let bound = row.judged.comparison.map_or("–", |all| bound(all.bound));
        cells.extend([bound.to_owned(), score(row.mean_z()), score(row.std_z()), row.judged.verdict.to_string()]);
    }
    cells.push(row.measured.histogram.as_ref().map(|bins| sparkline(&wider(bins).counts)).unwrap_or_default());
    cells
}

/// Returns the sheet of one tensor, with its full histogram.
pub(super) fn sheet(row: &Row<'_>) -> String {
    let name = row.tensor.name.escape_debug();
    let mut page = format!("{name} {:?} {}\n", row.tensor.shape, row.tensor.type_name());
    let promised = row.distribution().map(expected);
    for (index, (what, statistic)) in statistics(row).into_iter().enumerate() {
        page += &format!("  {what:<9} {:>14}", short(statistic));
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
        page += &bars(&wider(histogram), row.distribution());
    }
    page
}

fn statistics(row: &Row<'_>) -> [(&'static str, f64); 5] {
    [
        ("mean", row.statistic(Moments::mean)),
        ("std", row.statistic(Moments::std)),
        ("min", row.statistic(Moments::min)),
        ("max", row.statistic(Moments::max)),
        ("kurtosis", row.statistic(Moments::kurtosis)),
    ]
}

/// Returns the expected statistics; minimum and maximum are the bounds, if there are any.
fn expected(distribution: &Distribution) -> [(&'static str, f64); 5] {
    let finite = |bound: f64| if bound.is_finite() { bound } else { f64::NAN };
    let (low, high) = distribution.support();
    let (low, high) = (finite(low), finite(high));
    [
        ("mean", distribution.mean()),
        ("std", distribution.std()),
        ("min", low),
        ("max", high),
        ("kurtosis", distribution.kurtosis()),
    ]
}

/// Returns the word for a bound.
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

/// Returns a histogram of fewer bins, one per character.
fn wider(histogram: &Histogram) -> Histogram {
    let counts = histogram.counts.chunks(BINS).map(|bins| bins.iter().sum()).collect();
    Histogram { counts, ..*histogram }
}
