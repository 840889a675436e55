use std::io::{self, Write};

use clap::Args;
use comfy_table::Table;
use init_core::{
    DefaultValue, Parameter, Spec, Value,
    scheme::{Scheme, SchemeSpec},
};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    table,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Schemes for whole models instead, which a rule of a recipe has as `scheme` in the place of `init`
    #[arg(long)]
    schemes: bool,

    /// One JSON array; a default of null has to be given, or is computed as `computed` says
    #[arg(long)]
    json: bool,
}

/// An initializer, as a program reads it.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    summary: &'static str,
    source: &'static str,
    needs_fans: bool,
    structured: bool,
    parameters: Vec<Taken>,
}

/// A scheme, as a program reads it.
#[derive(Debug, Serialize)]
struct SchemeRow {
    name: &'static str,
    summary: &'static str,
    source: &'static str,
    parameters: Vec<Taken>,
}

/// A parameter of either.
#[derive(Debug, Serialize)]
struct Taken {
    name: &'static str,
    takes: String,
    required: bool,
    default: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    computed: Option<&'static str>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut out = io::stdout().lock();
    let (json, table) = if options.schemes { schemes() } else { initializers() };
    match options.json {
        true => writeln!(out, "{}", json.map_err(Failure::failed)?)?,
        false => writeln!(out, "{table}")?,
    }
    Ok(())
}

fn initializers() -> (serde_json::Result<String>, Table) {
    let rows: Vec<_> = Spec::all().iter().map(|spec| row(spec)).collect();
    let mut table = table::table(&["initializer", "also", "what it gives"], &[]);
    for spec in Spec::all() {
        table.add_row([spec.to_string(), spec.aliases.join(", "), spec.summary.to_owned()]);
    }
    (serde_json::to_string(&rows), table)
}

fn schemes() -> (serde_json::Result<String>, Table) {
    let row = |&&SchemeSpec { name, summary, source, parameters, .. }: &&'static SchemeSpec| SchemeRow {
        name,
        summary,
        source,
        parameters: parameters.iter().map(taken).collect(),
    };
    let rows: Vec<_> = Scheme::all().iter().map(row).collect();
    let mut table = table::table(&["scheme", "what it gives"], &[]);
    for spec in Scheme::all() {
        table.add_row([spec.to_string(), spec.summary.to_owned()]);
    }
    (serde_json::to_string(&rows), table)
}

fn row(spec: &Spec) -> Row {
    Row {
        name: spec.name,
        aliases: spec.aliases,
        summary: spec.summary,
        source: spec.source,
        needs_fans: spec.needs_fans,
        structured: spec.structured,
        parameters: spec.parameters.iter().map(taken).collect(),
    }
}

fn taken(parameter: &Parameter) -> Taken {
    let (default, computed) = match &parameter.default {
        DefaultValue::Value(value) => (Some(json(value)), None),
        DefaultValue::Computed(formula) => (None, Some(*formula)),
        _ => (None, None),
    };
    let required = parameter.default == DefaultValue::Required;
    Taken { name: parameter.name, takes: parameter.kind.to_string(), required, default, computed }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        word => word.to_string().into(),
    }
}
