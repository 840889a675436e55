use std::io::{self, Write};

use clap::Args;
use init_core::{DefaultValue, Spec, Value};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    table,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
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
    parameters: Vec<Parameter>,
}

#[derive(Debug, Serialize)]
struct Parameter {
    name: &'static str,
    takes: String,
    required: bool,
    default: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    computed: Option<&'static str>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut out = io::stdout().lock();
    if options.json {
        let rows: Vec<_> = Spec::all().iter().map(|spec| row(spec)).collect();
        writeln!(out, "{}", serde_json::to_string(&rows).map_err(Failure::failed)?)?;
        return Ok(());
    }
    let mut table = table::table(&["initializer", "also", "what it gives"], &[]);
    for spec in Spec::all() {
        table.add_row([spec.to_string(), spec.aliases.join(", "), spec.summary.to_owned()]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}

fn row(spec: &Spec) -> Row {
    let parameters = spec.parameters.iter().map(|parameter| {
        let (default, computed) = match &parameter.default {
            DefaultValue::Value(value) => (Some(json(value)), None),
            DefaultValue::Computed(formula) => (None, Some(*formula)),
            _ => (None, None),
        };
        let required = parameter.default == DefaultValue::Required;
        Parameter { name: parameter.name, takes: parameter.kind.to_string(), required, default, computed }
    });
    Row {
        name: spec.name,
        aliases: spec.aliases,
        summary: spec.summary,
        source: spec.source,
        needs_fans: spec.needs_fans,
        structured: spec.structured,
        parameters: parameters.collect(),
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        word => word.to_string().into(),
    }
}
