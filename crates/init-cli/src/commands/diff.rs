//! `fanin diff`: which tensors differ between two files, and by how much.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_model::{Diff, Header, Tensor, check::Change, diff};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    number::{grouped, short},
    progress::watched,
    table::{self, Table, paragraph},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// First file, such as the initial state; also an index or a folder of several files
    #[arg(value_name = "A.safetensors")]
    before: PathBuf,

    /// Second file, such as a later checkpoint
    #[arg(value_name = "B.safetensors")]
    after: PathBuf,

    /// Print one JSON object; a number that is not finite is null
    #[arg(long)]
    json: bool,

    /// Print no progress bar
    #[arg(short, long)]
    quiet: bool,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let (before, after) = (Header::read(&options.before)?, Header::read(&options.after)?);
    let bytes = before.tensors().iter().map(|tensor| tensor.bytes).sum();
    let found = watched(bytes, options.quiet, "", |progress| diff(&before, &after, progress))?;
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&Report::of(&found)).map_err(Failure::failed)?)?;
        return Ok(());
    }
    if found.changes.iter().any(|change| change.differing.is_some() && !change.is_equal()) {
        writeln!(out, "{}", table_of(&found))?;
    }
    for line in notes(options, &found) {
        writeln!(out, "{}", paragraph(&line))?;
    }
    Ok(())
}

/// Returns the table of the tensors that differ and could be compared.
fn table_of(found: &Diff) -> Table {
    let numbers = ["elements", "differing", "max change", "rms change", "rms / rms of A"];
    let mut table = table::table(&[&["name", "shape", "dtype"], &numbers[..]].concat(), &numbers).optional(&[
        "dtype",
        "shape",
        "elements",
        "rms change",
        "differing",
        "max change",
    ]);
    for change in &found.changes {
        let Some(differing) = change.differing.filter(|_| !change.is_equal()) else { continue };
        let Change { before, after, statistics, .. } = change;
        let dtype = if before.type_name() == after.type_name() {
            before.type_name().to_owned()
        } else {
            format!("{} → {}", before.type_name(), after.type_name())
        };
        let number = |number: Option<f64>| short(number.unwrap_or(f64::NAN));
        table.add_row([
            before.name.escape_debug().to_string(),
            format!("{:?}", before.shape),
            dtype,
            grouped(before.elements()),
            grouped(differing),
            number(statistics.map(|change| change.max)),
            number(statistics.map(|change| change.rms())),
            number(statistics.map(|change| change.relative())),
        ]);
    }
    table
}

/// Returns the notes below the table, and the summary.
fn notes(options: &Options, found: &Diff) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &found.changes {
        let Change { before, after, differing, statistics } = change;
        let name = before.name.escape_debug();
        if before.shape != after.shape {
            lines.push(format!("{name}: {:?} in A and {:?} in B", before.shape, after.shape));
        } else if differing.is_none() {
            lines.push(format!("{name}: {} in A and {} in B, not compared", before.type_name(), after.type_name()));
        } else if let Some(statistics) = statistics.filter(|change| change.not_finite > 0) {
            let pairs = grouped(statistics.not_finite);
            let pairs = format!("{pairs} pair{}", if statistics.not_finite == 1 { "" } else { "s" });
            lines.push(format!("{name}: {pairs} with NaN or infinity, excluded from the changes"));
        }
    }
    for (tensors, file) in [(&found.only_before, &options.before), (&found.only_after, &options.after)] {
        let only = |tensor: &Tensor| {
            format!(
                "{}: {:?} {}, only in {}",
                tensor.name.escape_debug(),
                tensor.shape,
                tensor.type_name(),
                file.display()
            )
        };
        lines.extend(tensors.iter().map(only));
    }
    let equal = found.changes.iter().filter(|change| change.is_equal()).count();
    let alone = found.only_before.len() + found.only_after.len();
    let differ = found.changes.len() - equal;
    let mut summary = format!(
        "{differ} of {} common tensors differ, {equal} {} equal, bit for bit",
        found.changes.len(),
        if equal == 1 { "is" } else { "are" }
    );
    if alone > 0 {
        summary += &format!("; {alone} {} only in one file", if alone == 1 { "is" } else { "are" });
    }
    lines.push(summary);
    lines
}

/// The output of `--json`.
#[derive(Debug, Serialize)]
struct Report<'a> {
    same: bool,
    tensors: Vec<Row<'a>>,
    only_a: Vec<&'a str>,
    only_b: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    shape: (&'a [usize], &'a [usize]),
    dtype: (&'a str, &'a str),
    equal: bool,
    /// Null if the shapes differ, or the types do and one is not supported as numbers.
    differing: Option<u64>,
    not_finite: Option<u64>,
    max: Option<f64>,
    rms: Option<f64>,
    rms_a: Option<f64>,
    relative: Option<f64>,
}

impl<'a> Report<'a> {
    fn of(found: &'a Diff) -> Self {
        let names = |tensors: &'a [Tensor]| tensors.iter().map(|tensor| tensor.name.as_str()).collect::<Vec<_>>();
        let alone = found.only_before.len() + found.only_after.len();
        Self {
            same: alone == 0 && found.changes.iter().all(Change::is_equal),
            tensors: found.changes.iter().map(Row::of).collect(),
            only_a: names(&found.only_before),
            only_b: names(&found.only_after),
        }
    }
}

impl<'a> Row<'a> {
    fn of(change: &'a Change) -> Self {
        let Change { before, after, differing, statistics } = change;
        Self {
            name: &before.name,
            shape: (&before.shape, &after.shape),
            dtype: (before.type_name(), after.type_name()),
            equal: change.is_equal(),
            differing: *differing,
            not_finite: statistics.map(|change| change.not_finite),
            max: statistics.map(|change| change.max),
            rms: statistics.map(|change| change.rms()),
            rms_a: statistics.map(|change| change.rms_before()),
            relative: statistics.map(|change| change.relative()),
        }
    }
}
