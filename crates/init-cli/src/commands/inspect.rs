use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use comfy_table::Table;
use init_core::Distribution;
use init_model::{Bound, Comparison, Header, Inspection, Measured, Moments, compare, inspect, pair};

use crate::{
    failure::{Failure, Outcome},
    figure::{grouped, short},
    model::MadeFrom,
    picture::{bars, sparkline},
    table,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file to measure; an index of several or their folder stands for all of them
    #[arg(value_name = "FILE.safetensors")]
    file: PathBuf,

    // What made it: the expected figures stand beside the measured.
    #[command(flatten)]
    made_from: MadeFrom,

    /// The recipe whose rules are for the tensors of --like
    #[arg(long, value_name = "RECIPE.toml")]
    rules: Option<PathBuf>,

    /// One tensor only, with its histogram in full
    #[arg(long, value_name = "NAME")]
    tensor: Option<String>,
}

/// Bins of a histogram: wide enough for a shape, narrow enough for a table's column.
const BINS: usize = 24;

pub(crate) fn run(options: &Options) -> Outcome {
    let header = Header::read(&options.file)?;
    if let Some(name) = &options.tensor
        && !header.tensors().iter().any(|tensor| tensor.name == *name)
    {
        return Err(Failure::input(format_args!(
            "`{}` has no tensor `{name}`; leave --tensor out to see what it has",
            options.file.display()
        )));
    }
    let recipe = options.made_from.recipe(options.rules.as_deref(), &options.file, &header)?;
    let plan = recipe.map(|recipe| recipe.plan()).transpose()?;
    let laws: Option<Vec<Option<Distribution>>> = plan
        .as_ref()
        .map(|plan| pair(plan, &header))
        .transpose()?
        .map(|entries| entries.iter().map(|entry| entry.distribution().copied()).collect());

    let found = inspect(&options.file, BINS, |tensor| options.tensor.as_ref().is_none_or(|name| tensor.name == *name))?;
    let report = Report { found: &found, laws };
    let mut out = io::stdout().lock();
    match found.measured.as_slice() {
        [only] => write!(out, "{}", report.page(only))?,
        _ => writeln!(out, "{}", report.table())?,
    }
    for line in report.remarks() {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What was measured, and, if a recipe is given, the law of each tensor of the file that has one.
struct Report<'a> {
    found: &'a Inspection,
    laws: Option<Vec<Option<Distribution>>>,
}

impl Report<'_> {
    fn law(&self, measured: &Measured) -> Option<&Distribution> {
        self.laws.as_ref()?[measured.tensor].as_ref()
    }

    fn comparison(&self, measured: &Measured, moments: &Moments) -> Option<Comparison> {
        let dtype = self.found.tensor(measured).dtype?;
        Some(compare(self.law(measured)?, dtype, moments))
    }

    fn table(&self) -> Table {
        let figures = ["mean", "std", "min", "max", "kurtosis"];
        let scores = ["bound", "z mean", "z std"];
        let mut head = vec!["name", "shape", "dtype"];
        head.extend(figures);
        if self.laws.is_some() {
            head.extend(scores);
        }
        head.push("histogram");
        let mut table = table::table(&head, &[&figures[..], &scores[1..]].concat());
        for measured in &self.found.measured {
            table.add_row(self.row(measured));
        }
        table
    }

    /// With a law, each figure has the expected one under it.
    fn row(&self, measured: &Measured) -> Vec<String> {
        let tensor = self.found.tensor(measured);
        let moments = measured.moments.as_ref();
        let name = tensor.name.escape_debug().to_string();
        let mut row = vec![name, format!("{:?}", tensor.shape), tensor.format.clone()];
        row.extend(figures(moments).map(|(_, figure)| short(figure)));
        if let Some(law) = self.law(measured) {
            row[0] += "\n  expected";
            for (cell, (_, figure)) in row[3..].iter_mut().zip(expected(law)) {
                *cell += &format!("\n{}", short(figure));
            }
            let comparison = moments.and_then(|moments| self.comparison(measured, moments));
            row.extend([
                comparison.map_or("–", |all| bound(all.bound)).to_owned(),
                score(comparison.and_then(|all| all.mean_z)),
                score(comparison.and_then(|all| all.std_z)),
            ]);
        } else if self.laws.is_some() {
            row.extend(["–"; 3].map(str::to_owned));
        }
        row.push(measured.histogram.as_ref().map(|histogram| sparkline(&histogram.counts)).unwrap_or_default());
        row
    }

    /// One tensor on a page of its own.
    fn page(&self, measured: &Measured) -> String {
        let tensor = self.found.tensor(measured);
        let law = self.law(measured);
        let moments = measured.moments.as_ref();
        let comparison = moments.and_then(|moments| self.comparison(measured, moments));
        let name = tensor.name.escape_debug();
        let mut page = format!("{name} {:?} {}\n", tensor.shape, tensor.format);
        let promised = law.map(expected);
        for (index, (what, figure)) in figures(moments).into_iter().enumerate() {
            page += &format!("  {what:<9} {:>14}", short(figure));
            if let Some(promised) = promised {
                page += &format!("   expected {}", short(promised[index].1));
            }
            let z = comparison.and_then(|all| match what {
                "mean" => all.mean_z,
                "std" => all.std_z,
                _ => None,
            });
            if z.is_some() {
                page += &format!(", z {}", score(z));
            }
            page.push('\n');
        }
        if let Some(comparison) = comparison {
            page += &format!("  {:<9} {:>14}\n", "bound", bound(comparison.bound));
        }
        if let Some(histogram) = &measured.histogram {
            page += &bars(histogram, law);
        }
        page
    }

    /// What a table of figures would hide.
    fn remarks(&self) -> Vec<String> {
        let of = |measured: &Measured| {
            let name = self.found.tensor(measured).name.escape_debug();
            let Some(moments) = measured.moments else {
                return self
                    .found
                    .tensor(measured)
                    .dtype
                    .is_none()
                    .then(|| format!("{name}: not measured, it is not of type F32, F64, BF16 or F16"));
            };
            let (nan, infinite) = (moments.nan(), moments.infinite());
            (nan + infinite > 0).then(|| {
                format!(
                    "{name}: {} NaN and {} infinite values, left out of the figures",
                    grouped(nan),
                    grouped(infinite)
                )
            })
        };
        self.found.measured.iter().filter_map(of).collect()
    }
}

fn figures(moments: Option<&Moments>) -> [(&'static str, f64); 5] {
    let figure = |of: fn(&Moments) -> f64| moments.map_or(f64::NAN, of);
    [
        ("mean", figure(Moments::mean)),
        ("std", figure(Moments::std)),
        ("min", figure(Moments::min)),
        ("max", figure(Moments::max)),
        ("kurtosis", figure(Moments::kurtosis)),
    ]
}

/// What the figures should be; of the least and the greatest, the bounds, if there are any.
fn expected(law: &Distribution) -> [(&'static str, f64); 5] {
    let finite = |bound: f64| if bound.is_finite() { bound } else { f64::NAN };
    let (low, high) = law.support();
    let (low, high) = (finite(low), finite(high));
    [("mean", law.mean()), ("std", law.std()), ("min", low), ("max", high), ("kurtosis", law.kurtosis())]
}

fn bound(bound: Bound) -> &'static str {
    match bound {
        Bound::Open => "none",
        Bound::Kept => "kept",
        Bound::Broken => "BROKEN",
    }
}

fn score(z: Option<f64>) -> String {
    z.map_or_else(|| "–".to_owned(), |z| format!("{z:+.2}"))
}
