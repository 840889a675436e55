//! `fanin list`: the initializers and the schemes, from the tables of the library.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use clap::Args;
use init_core::{
    Initializer, Layout, Parameter, Shape, Spec,
    initializer::{DefaultValue, Kind, Value},
    scheme::{Scheme, SchemeSpec},
    text::nearest,
};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome, excerpt},
    style,
    table::{self, Table, paragraph},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Describe this initializer or scheme: its parameters, defaults, source and an example
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// List the schemes for whole models instead; a rule of a recipe selects one with `scheme`
    /// instead of `init`
    #[arg(long, conflicts_with = "name")]
    schemes: bool,

    /// Print JSON: an array, or one object for NAME. A parameter whose `default` is null is
    /// required, or computed as `computed` describes
    #[arg(long)]
    json: bool,
}

/// An initializer in JSON.
#[derive(Debug, Serialize)]
struct InitializerRow {
    name: &'static str,
    aliases: &'static [&'static str],
    summary: &'static str,
    source: &'static str,
    needs_fans: bool,
    structured: bool,
    parameters: Vec<ParameterRow>,
}

/// A scheme in JSON.
#[derive(Debug, Serialize)]
struct SchemeRow {
    name: &'static str,
    summary: &'static str,
    source: &'static str,
    parameters: Vec<ParameterRow>,
}

/// A parameter of an initializer or of a scheme in JSON.
#[derive(Debug, Serialize)]
struct ParameterRow {
    name: &'static str,
    takes: String,
    required: bool,
    default: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    computed: Option<&'static str>,
}

/// The entry of a name: an initializer or a scheme.
enum Entry {
    Initializer(&'static Spec),
    Scheme(&'static SchemeSpec),
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut out = io::stdout().lock();
    let (json, text) = match (&options.name, options.schemes) {
        (Some(name), _) => match find(name)? {
            Entry::Initializer(spec) => (serde_json::to_string(&initializer_row(spec)), describe_initializer(spec)),
            Entry::Scheme(spec) => (serde_json::to_string(&scheme_row(spec)), describe_scheme(spec)),
        },
        (None, true) => {
            let rows: Vec<_> = Scheme::all().iter().map(|spec| scheme_row(spec)).collect();
            let lines = Scheme::all().iter().map(|spec| (spec.name, spec.summary));
            (serde_json::to_string(&rows), overview("scheme", lines))
        }
        (None, false) => {
            let rows: Vec<_> = Spec::all().iter().map(|spec| initializer_row(spec)).collect();
            let lines = Spec::all().iter().map(|spec| (spec.name, spec.summary));
            (serde_json::to_string(&rows), overview("initializer", lines))
        }
    };
    if options.json {
        writeln!(out, "{}", json.map_err(Failure::failed)?)?;
    } else {
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// Finds an initializer or a scheme by its name or alias.
fn find(name: &str) -> Outcome<Entry> {
    if let Some(spec) = Spec::find(name) {
        return Ok(Entry::Initializer(spec));
    }
    if let Some(spec) = Scheme::all().iter().find(|spec| spec.name == name) {
        return Ok(Entry::Scheme(spec));
    }
    let names = Spec::all().iter().flat_map(|spec| [&[spec.name], spec.aliases].concat());
    let names = names.chain(Scheme::all().iter().map(|spec| spec.name));
    let near = nearest(name, &names.collect::<Vec<_>>());
    let guess = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let name = excerpt(name);
    Err(Failure::input(format_args!(
        "unknown initializer or scheme `{name}`: {guess}`fanin list` and `fanin list --schemes` name them all"
    )))
}

/// One line for each, as wide as the terminal allows.
fn overview(kind: &str, lines: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    let mut table = table::table(&[kind, "description"], &[]).wrap(&["description"]);
    for (name, summary) in lines {
        table.add_row([name, summary]);
    }
    let hint = "`fanin list NAME` describes one: parameters, defaults, source, example";
    format!("{table}\n{}", paragraph(hint))
}

fn describe_initializer(spec: &Spec) -> String {
    let mut page = format!("{}\n\n{}\n", style::bold(&paragraph(&spec.to_string())), paragraph(spec.summary));
    let mut line = |what: &str, text: &str| {
        if !text.is_empty() {
            let _ = write!(page, "\n{}", paragraph(&format!("{what}: {text}")));
        }
    };
    line("aliases", &spec.aliases.join(", "));
    line("source", spec.source);
    line("needs fans", if spec.needs_fans { "yes, a shape of at least two dimensions" } else { "no" });
    line("resolves to", if spec.structured { "a structure" } else { "a distribution" });
    page += &parameters(spec.parameters);
    if let Some((text, shape, resolved)) = example(spec) {
        let dims: Vec<_> = shape.dims().iter().map(usize::to_string).collect();
        let quoted = if text.contains('(') { format!("\"{text}\"") } else { text };
        let _ = write!(page, "\n\nExample: fanin resolve {quoted} {}", dims.join(" "));
        let _ = write!(page, "\n{}", paragraph(&format!("  {resolved}")));
    }
    page
}

fn describe_scheme(spec: &SchemeSpec) -> String {
    let mut page = format!("{}\n\n{}\n", style::bold(&paragraph(&spec.to_string())), paragraph(spec.summary));
    let _ = write!(page, "\n{}", paragraph(&format!("source: {}", spec.source)));
    page += &parameters(spec.parameters);
    if let Some(text) = scheme_example(spec) {
        page += "\n\nExample, a rule of a recipe:\n  [[rule]]\n  match = \"*.weight\"\n";
        let _ = write!(page, "  scheme = \"{text}\"");
    }
    page
}

/// The table of parameters, after an empty line.
fn parameters(parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return String::new();
    }
    let mut table: Table = table::table(&["parameter", "takes", "default"], &[]).wrap(&["takes", "default"]);
    for parameter in parameters {
        let default = match &parameter.default {
            DefaultValue::Required => "required".to_owned(),
            default => default.to_string(),
        };
        table.add_row([parameter.name.to_owned(), parameter.kind.to_string(), default]);
    }
    format!("\n\n{table}")
}

/// A scheme with the parameters that it needs: those without a default, and where that is not enough, one more.
fn scheme_example(spec: &SchemeSpec) -> Option<String> {
    let more = spec.parameters.iter().filter(|parameter| matches!(parameter.default, DefaultValue::Computed(_)));
    let more = std::iter::once(None).chain(more.map(Some));
    let mut texts = more.map(|more| with_required(spec.name, spec.parameters, more));
    texts.find(|text| text.parse::<Scheme>().is_ok())
}

/// The name, with a value for each parameter that has no default, and for one more if it is given.
fn with_required(name: &str, parameters: &[Parameter], more: Option<&Parameter>) -> String {
    let is_more = |parameter: &Parameter| more.is_some_and(|more| more.name == parameter.name);
    let required =
        parameters.iter().filter(|parameter| parameter.default == DefaultValue::Required || is_more(parameter));
    let given: Vec<_> = required
        .map(|parameter| match parameter.kind {
            Kind::OneOf(words) => format!("{}={}", parameter.name, words[0]),
            kind => {
                let value = [0.5, 2.0, 1.0].into_iter().find(|&value| kind.allows(value)).unwrap_or_default();
                format!("{}={value}", parameter.name)
            }
        })
        .collect();
    if given.is_empty() { name.to_owned() } else { format!("{name}({})", given.join(", ")) }
}

/// An initializer, a shape that it is made for, and what it resolves to.
fn example(spec: &Spec) -> Option<(String, Shape, String)> {
    /// A matrix, the kernel of a convolution, a bias, and the kernel of a short-time Fourier
    /// transform.
    const SHAPES: [&str; 4] = ["256,784", "64,64,3,3", "1024", "256,1,129"];
    let text = with_required(spec.name, spec.parameters, None);
    let initializer: Initializer = text.parse().ok()?;
    SHAPES.into_iter().find_map(|shape| {
        let shape: Shape = shape.parse().ok()?;
        let resolved = initializer.resolve(&shape, &Layout::default()).ok()?;
        Some((text.clone(), shape, resolved.to_string()))
    })
}

fn initializer_row(spec: &Spec) -> InitializerRow {
    InitializerRow {
        name: spec.name,
        aliases: spec.aliases,
        summary: spec.summary,
        source: spec.source,
        needs_fans: spec.needs_fans,
        structured: spec.structured,
        parameters: spec.parameters.iter().map(parameter_row).collect(),
    }
}

fn scheme_row(spec: &SchemeSpec) -> SchemeRow {
    SchemeRow {
        name: spec.name,
        summary: spec.summary,
        source: spec.source,
        parameters: spec.parameters.iter().map(parameter_row).collect(),
    }
}

fn parameter_row(parameter: &Parameter) -> ParameterRow {
    let (default, computed) = match &parameter.default {
        DefaultValue::Value(value) => (Some(json(value)), None),
        DefaultValue::Computed(formula) => (None, Some(*formula)),
        _ => (None, None),
    };
    let required = parameter.default == DefaultValue::Required;
    ParameterRow { name: parameter.name, takes: parameter.kind.to_string(), required, default, computed }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        word => word.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_initializer_and_scheme_has_an_example_that_is_read() {
        for spec in Spec::all() {
            assert!(example(spec).is_some(), "{spec}");
        }
        for spec in Scheme::all() {
            assert!(scheme_example(spec).is_some(), "{spec}");
        }
    }
}
