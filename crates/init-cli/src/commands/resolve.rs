use std::io::{self, Write};

use clap::Args;
use init_core::{Distribution, Shape, Structured};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    figure::full,
    layout::LayoutOptions,
    scheme::initializer,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The initializer, such as "kaiming_normal(mode=fan_out)"
    #[arg(value_name = "INITIALIZER")]
    initializer: String,

    /// The shape, such as 256,784
    #[arg(long, value_name = "DIMENSIONS", allow_hyphen_values = true)]
    shape: String,

    #[command(flatten)]
    layout: LayoutOptions,

    /// One JSON object; an infinite bound is null
    #[arg(long)]
    json: bool,
}

/// What an initializer comes to. Figures that the distribution does not have are left out.
#[derive(Debug, Default, Serialize)]
struct Resolved {
    fan_in: Option<f64>,
    fan_out: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    std: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let shape: Shape = options.shape.parse().map_err(Failure::input)?;
    let layout = options.layout.layout()?.unwrap_or_default();
    let initializer = initializer(&options.initializer)?;
    let found = initializer.resolve(&shape, &layout).map_err(Failure::input)?;
    let fans = layout.fans(&shape).ok();
    let mut resolved = found.distribution().map_or_else(Resolved::default, figures);
    resolved.fan_in = fans.map(|fans| fans.fan_in);
    resolved.fan_out = fans.map(|fans| fans.fan_out);
    resolved.distribution = found.distribution().map(Distribution::name);
    resolved.structure = found.structured().map(Structured::to_string);

    let mut out = io::stdout().lock();
    if options.json {
        let json = serde_json::to_string(&resolved).map_err(Failure::failed)?;
        writeln!(out, "{json}")?;
    } else {
        write!(out, "{}", page(&resolved, found.distribution()))?;
    }
    Ok(())
}

fn figures(law: &Distribution) -> Resolved {
    let none = Resolved::default();
    match *law {
        Distribution::Constant(value) => Resolved { value: Some(value), ..none },
        Distribution::Uniform { low, high } => Resolved { low: Some(low), high: Some(high), ..none },
        Distribution::Normal { mean, std } => Resolved { mean: Some(mean), std: Some(std), ..none },
        Distribution::TruncatedNormal { mean, std, low, high } => {
            Resolved { low: Some(low), high: Some(high), mean: Some(mean), std: Some(std), ..none }
        }
        _ => none,
    }
}

fn page(resolved: &Resolved, law: Option<&Distribution>) -> String {
    let mut page = String::new();
    let mut line = |what: &str, figure: Option<f64>| {
        if let Some(figure) = figure {
            page += &format!("{what:<13} {}\n", full(figure));
        }
    };
    line("fan_in", resolved.fan_in);
    line("fan_out", resolved.fan_out);
    line("low", resolved.low);
    line("high", resolved.high);
    line("mean", resolved.mean);
    line("std", resolved.std);
    line("value", resolved.value);
    if let Some(law @ Distribution::TruncatedNormal { .. }) = law {
        line("actual mean", Some(law.mean()));
        line("actual std", Some(law.std()));
    }
    match (resolved.distribution, &resolved.structure) {
        (_, Some(structure)) => format!("{:<13} {structure}\n{page}", "structure"),
        (law, None) => format!("{:<13} {}\n{page}", "distribution", law.unwrap_or_default()),
    }
}
