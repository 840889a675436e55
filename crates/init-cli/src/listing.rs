//! A plan as a table, JSON or CSV.

use std::io::Write;

use clap::ValueEnum;
use init_core::{DType, Distribution, Resolved, scheme::Multipliers};
use init_model::{Entry, Plan, Recipe, plan::Packed, recipe::Fields};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    json,
    multipliers::Factors,
    number::{full, grouped, short},
    table::{self, Table, paragraph},
};

/// How a plan is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns and totals
    Table,
    /// One JSON object, in full precision
    Json,
    /// One line per parameter, in full precision
    Csv,
}

/// Writes the plan of a recipe, which may leave the seed at its default.
pub(crate) fn write_listing(out: &mut impl Write, recipe: &Recipe, plan: &Plan, format: Format) -> Outcome {
    match format {
        Format::Table => {
            writeln!(out, "{}", table_of(plan))?;
            writeln!(out, "{}", totals(recipe, plan))?;
            if !plan.multipliers().is_empty() {
                let all = plan.multipliers().iter();
                let all: Vec<_> = all.map(|(name, by)| format!("{} × {}", name.escape_debug(), short(*by))).collect();
                let line = format!("multipliers of the model: {}", all.join(", "));
                writeln!(out, "{}", paragraph(&line))?;
            }
        }
        Format::Json => writeln!(out, "{}", serde_json::to_string(&Listing::of(plan)).map_err(Failure::failed)?)?,
        Format::Csv => out.write_all(&csv(plan).map_err(Failure::failed)?)?,
    }
    Ok(())
}

/// A plan in JSON.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    seed: u64,
    parameters: u64,
    bytes: u64,
    /// The `[multipliers]` of the recipe, which apply to the whole model.
    #[serde(skip_serializing_if = "Fields::is_empty")]
    multipliers: &'a Fields,
    /// DeepNorm's α, where the whole model has the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    residual: Option<f64>,
    tensors: Vec<Row>,
}

/// A parameter in JSON and CSV.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    elements: u64,
    bytes: u64,
    #[serde(serialize_with = "json::whole")]
    fan_in: Option<f64>,
    #[serde(serialize_with = "json::whole")]
    fan_out: Option<f64>,
    initializer: String,
    /// The distribution or the structure that the initializer resolves to.
    values: String,
    /// The names of the parameters that are packed into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<String>,
    /// The multipliers that training applies.
    #[serde(flatten)]
    factors: Factors,
}

impl<'a> Listing<'a> {
    fn of(plan: &'a Plan) -> Self {
        Self {
            seed: plan.seed(),
            parameters: plan.elements(),
            bytes: plan.bytes(),
            multipliers: plan.multipliers(),
            residual: plan.residual(),
            tensors: plan.entries().iter().map(Row::of).collect(),
        }
    }
}

impl Row {
    fn of(entry: &Entry) -> Self {
        Self {
            name: entry.name.clone(),
            shape: entry.shape.dims().to_vec(),
            dtype: entry.dtype.to_string(),
            elements: entry.shape.numel(),
            bytes: entry.bytes(),
            fan_in: entry.fans.map(|fans| fans.fan_in),
            fan_out: entry.fans.map(|fans| fans.fan_out),
            initializer: entry.initializer.to_string(),
            values: entry.resolved.to_string(),
            blocks: entry.packed.as_ref().map(Packed::names).unwrap_or_default().to_vec(),
            factors: Factors::of(entry),
        }
    }
}

fn csv(plan: &Plan) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "name",
        "shape",
        "dtype",
        "elements",
        "bytes",
        "fan_in",
        "fan_out",
        "initializer",
        "values",
        "blocks",
        "scheme",
        "forward",
        "learning_rate",
        "weight_decay",
        "residual",
    ])?;
    for entry in plan.entries() {
        let row = Row::of(entry);
        let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        writer.write_record([
            row.name,
            entry.shape.to_string(),
            row.dtype,
            row.elements.to_string(),
            row.bytes.to_string(),
            number(row.fan_in),
            number(row.fan_out),
            row.initializer,
            row.values,
            row.blocks.join(", "),
            row.factors.scheme.unwrap_or_default(),
            full(row.factors.forward),
            full(row.factors.learning_rate),
            full(row.factors.weight_decay),
            row.factors.residual.map(full).unwrap_or_default(),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Returns the totals of a recipe's plan on one line.
pub(crate) fn totals(recipe: &Recipe, plan: &Plan) -> String {
    let mut dtypes: Vec<_> = plan.entries().iter().map(|entry| entry.dtype).collect();
    dtypes.sort_unstable();
    dtypes.dedup();
    let dtypes: Vec<_> = dtypes.iter().map(DType::to_string).collect();
    format!(
        "{} parameters in {} tensor{}, {} bytes of {}, seed {}{}",
        grouped(plan.elements()),
        plan.entries().len(),
        if plan.entries().len() == 1 { "" } else { "s" },
        grouped(plan.bytes()),
        dtypes.join(" and "),
        plan.seed(),
        if recipe.seed.is_none() { " (default)" } else { "" },
    )
}

type Factor = fn(&Multipliers) -> f64;

/// The columns of multipliers; each is shown if it is not 1 for some parameter.
const MULTIPLIERS: [(&str, Factor); 4] = [
    ("forward", |by| by.forward),
    ("learning rate", |by| by.learning_rate),
    ("weight decay", |by| by.weight_decay),
    ("residual", |by| by.residual.unwrap_or(1.0)),
];

fn table_of(plan: &Plan) -> Table {
    let mut multipliers = MULTIPLIERS.to_vec();
    multipliers.retain(|(_, by)| plan.entries().iter().any(|entry| by(&entry.multipliers) != 1.0));
    let mut head = vec!["name", "shape", "dtype", "fan_in", "fan_out", "initializer", "values"];
    let mut right = vec!["fan_in", "fan_out"];
    for &(name, _) in &multipliers {
        head.push(name);
        right.push(name);
    }
    let mut table = table::table(&head, &right)
        .optional(&["fan_out", "fan_in", "dtype", "initializer", "shape", "weight decay", "residual", "forward"])
        .wrap(&["initializer", "values"]);
    for entry in plan.entries() {
        let fan = |fan: Option<f64>| short(fan.unwrap_or(f64::NAN));
        let row = [
            entry.name.escape_debug().to_string(),
            entry.shape.to_string(),
            entry.dtype.to_string(),
            fan(entry.fans.map(|fans| fans.fan_in)),
            fan(entry.fans.map(|fans| fans.fan_out)),
            entry.initializer.to_string(),
            values(entry),
        ];
        table.add_row(row.into_iter().chain(multipliers.iter().map(|(_, by)| short(by(&entry.multipliers)))));
    }
    table
}

/// Returns the bound or the standard deviation, and the names of the blocks that have it.
fn values(entry: &Entry) -> String {
    let values = match &entry.resolved {
        Resolved::Distribution(distribution) => brief(distribution),
        structured => structured.to_string(),
    };
    match &entry.packed {
        None => values,
        Some(packed) => format!("{values} each of {}", packed.names().join(", ").escape_debug()),
    }
}

/// Returns the numbers of a distribution with as few words as are needed.
pub(crate) fn brief(distribution: &Distribution) -> String {
    match *distribution {
        Distribution::Constant(value) => format!("= {}", short(value)),
        Distribution::Uniform { low, high } if low == -high => format!("bound {}", short(high)),
        Distribution::Uniform { low, high } => format!("{} … {}", short(low), short(high)),
        Distribution::Normal { mean: 0.0, std } => format!("std {}", short(std)),
        Distribution::Normal { mean, std } => format!("mean {} std {}", short(mean), short(std)),
        // Whatever the distribution is, these say what a layer sees of it.
        _ => {
            let (low, high) = distribution.support();
            format!("std {} in {} … {}", short(distribution.std()), short(low), short(high))
        }
    }
}
