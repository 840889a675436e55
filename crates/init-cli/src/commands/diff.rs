use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_model::{Change, Diff, Header, Tensor, diff};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    figure::{grouped, short},
    progress,
    table::{self, Table},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file before, such as the initial state; an index or a folder stands for all of its files
    #[arg(value_name = "A.safetensors")]
    before: PathBuf,

    /// The file after
    #[arg(value_name = "B.safetensors")]
    after: PathBuf,

    /// One JSON object; a figure that is not finite is null
    #[arg(long)]
    json: bool,

    /// No progress bar
    #[arg(short, long)]
    quiet: bool,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let bytes = Header::read(&options.before)?.tensors().iter().map(|tensor| tensor.bytes).sum();
    let bar = progress::bar(bytes, options.quiet);
    let result = diff(&options.before, &options.after, &|compared| bar.inc(compared));
    bar.finish_and_clear();
    let found = result?;
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&Report::of(&found)).map_err(Failure::failed)?)?;
        return Ok(());
    }
    if found.changes.iter().any(|change| change.differing.is_some() && !change.is_equal()) {
        writeln!(out, "{}", table_of(&found))?;
    }
    for line in remarks(options, &found) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The tensors that are not the same and could be compared.
fn table_of(found: &Diff) -> Table {
    let figures = ["elements", "differing", "max change", "rms change", "rms / rms of A"];
    let mut table = table::table(&[&["name", "shape", "dtype"], &figures[..]].concat(), &figures).optional(&[
        "dtype",
        "shape",
        "elements",
        "rms change",
        "differing",
        "max change",
    ]);
    for change in &found.changes {
        let Some(differing) = change.differing.filter(|_| !change.is_equal()) else { continue };
        let Change { before, after, figures, .. } = change;
        let dtype = if before.format == after.format {
            before.format.clone()
        } else {
            format!("{} → {}", before.format, after.format)
        };
        let figure = |figure: Option<f64>| short(figure.unwrap_or(f64::NAN));
        table.add_row([
            before.name.escape_debug().to_string(),
            format!("{:?}", before.shape),
            dtype,
            grouped(elements(before)),
            grouped(differing),
            figure(figures.map(|figures| figures.max)),
            figure(figures.map(|figures| figures.rms())),
            figure(figures.map(|figures| figures.relative())),
        ]);
    }
    table
}

fn elements(tensor: &Tensor) -> u64 {
    tensor.shape.iter().map(|&dim| dim as u64).product()
}

/// What the table has no place for, and the sum of it all.
fn remarks(options: &Options, found: &Diff) -> Vec<String> {
    let mut lines = Vec::new();
    for change in &found.changes {
        let Change { before, after, differing, figures } = change;
        let name = before.name.escape_debug();
        if before.shape != after.shape {
            lines.push(format!("{name}: {:?} in A and {:?} in B", before.shape, after.shape));
        } else if differing.is_none() {
            lines.push(format!("{name}: {} in A and {} in B, not compared", before.format, after.format));
        } else if let Some(figures) = figures.filter(|figures| figures.not_finite > 0) {
            let pairs = grouped(figures.not_finite);
            lines.push(format!("{name}: {pairs} pairs with NaN or infinity, left out of the changes"));
        }
    }
    for (tensors, file) in [(&found.only_before, &options.before), (&found.only_after, &options.after)] {
        let only = |tensor: &Tensor| {
            format!("{}: {:?} {}, only in {}", tensor.name.escape_debug(), tensor.shape, tensor.format, file.display())
        };
        lines.extend(tensors.iter().map(only));
    }
    let equal = found.changes.iter().filter(|change| change.is_equal()).count();
    let alone = found.only_before.len() + found.only_after.len();
    let differ = found.changes.len() - equal;
    let mut sum =
        format!("{differ} of {} common tensors differ, {equal} are the same, bit for bit", found.changes.len());
    if alone > 0 {
        sum += &format!("; {alone} {} only in one file", if alone == 1 { "is" } else { "are" });
    }
    lines.push(sum);
    lines
}

/// Two files' differences, as a program reads them.
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
    /// Null where the shapes differ, or types that are not read as numbers.
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
        let Change { before, after, differing, figures } = change;
        Self {
            name: &before.name,
            shape: (&before.shape, &after.shape),
            dtype: (&before.format, &after.format),
            equal: change.is_equal(),
            differing: *differing,
            not_finite: figures.map(|figures| figures.not_finite),
            max: figures.map(|figures| figures.max),
            rms: figures.map(|figures| figures.rms()),
            rms_a: figures.map(|figures| figures.rms_before()),
            relative: figures.map(|figures| figures.relative()),
        }
    }
}
