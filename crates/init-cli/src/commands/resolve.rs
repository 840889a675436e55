//! `fanin resolve`: the distribution of an initializer for a shape, and the defaults of a layer.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use init_core::{
    Distribution, Shape, ShapeError, Structured,
    layer::{self, ConvSizes, Framework, GateOpening, LayerParameter},
};
use serde::{Serialize, Serializer};

use crate::{
    failure::{Failure, Outcome, excerpt},
    json,
    layout::LayoutOptions,
    listing::brief,
    number::full,
    scheme::initializer,
    table,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Initializer, such as xavier_uniform or "kaiming_normal(mode=fan_out)"
    #[arg(value_name = "INITIALIZER", required_unless_present = "layer", allow_negative_numbers = true)]
    initializer: Option<String>,

    /// Shape of the weight, such as 256 784 or 256,784; with --layer, the sizes of the layer
    #[arg(value_name = "SHAPE", allow_negative_numbers = true)]
    sizes: Vec<String>,

    /// Shape of the weight, such as 256,784
    #[arg(long, value_name = "SHAPE", allow_hyphen_values = true, conflicts_with_all = ["sizes", "layer"])]
    shape: Option<String>,

    /// Show a framework's default initialisation of a layer: linear IN OUT, conv IN OUT KERNEL...,
    /// embedding ROWS SIZE, norm SIZE, lstm IN HIDDEN, gru IN HIDDEN, attention SIZE HEADS
    #[arg(long, value_name = "LAYER", value_enum, hide_possible_values = true)]
    layer: Option<Layer>,

    /// Framework whose defaults --layer shows: torch, keras or flax
    #[arg(long, value_name = "NAME", requires = "layer", default_value = "torch")]
    framework: Framework,

    #[command(flatten)]
    layout: LayoutOptions,

    /// Print a JSON object, or an array for --layer; an infinite bound is null
    #[arg(long)]
    json: bool,
}

/// A layer whose defaults are known.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Layer {
    Linear,
    Conv,
    Embedding,
    Norm,
    Lstm,
    Gru,
    Attention,
}

/// The resolved initializer in JSON, without the numbers that its distribution does not have.
#[derive(Debug, Serialize)]
struct Resolved {
    #[serde(serialize_with = "json::whole")]
    fan_in: Option<f64>,
    #[serde(serialize_with = "json::whole")]
    fan_out: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structure: Option<String>,
    #[serde(flatten)]
    parameters: Parameters,
}

/// The parameters of a distribution, bounds first; none for a structure.
#[derive(Debug)]
struct Parameters(Vec<(&'static str, f64)>);

impl Parameters {
    fn of(distribution: Option<&Distribution>) -> Self {
        let mut parameters: Vec<_> = distribution.into_iter().flat_map(Distribution::parameters).collect();
        parameters.sort_by_key(|&(name, _)| !matches!(name, "low" | "high"));
        Self(parameters)
    }
}

impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// A parameter of a layer in JSON.
#[derive(Debug, Serialize)]
struct ParameterRow {
    name: &'static str,
    shape: Vec<usize>,
    layout: String,
    initializer: String,
    /// The distribution or the structure that the initializer resolves to.
    values: String,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let mut out = io::stdout().lock();
    if let Some(layer) = options.layer {
        return write_layer(&mut out, &options.parameters(layer)?, options.json);
    }
    let shape = options.shape()?;
    let layout = options.layout.layout()?.unwrap_or_default();
    let initializer = initializer(options.initializer.as_deref().unwrap_or_default())?;
    let found = initializer.resolve(&shape, &layout).map_err(Failure::input)?;
    let fans = layout.fans(&shape).ok();
    let resolved = Resolved {
        fan_in: fans.map(|fans| fans.fan_in),
        fan_out: fans.map(|fans| fans.fan_out),
        distribution: found.distribution().map(Distribution::name),
        structure: found.structured().map(Structured::to_string),
        parameters: Parameters::of(found.distribution()),
    };
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&resolved).map_err(Failure::failed)?)?;
    } else {
        write!(out, "{}", page(&resolved, found.distribution()))?;
    }
    Ok(())
}

impl Options {
    /// The shape: one text such as `256,784`, or one word per dimension.
    fn shape(&self) -> Outcome<Shape> {
        let text = match &self.shape {
            Some(text) => text.clone(),
            None if self.sizes.is_empty() => {
                return Err(Failure::input("no shape: give it after the initializer, as in `xavier_uniform 256 784`"));
            }
            None => joined(&self.sizes),
        };
        text.parse().map_err(Failure::input)
    }

    /// Returns the parameters that a framework gives to a layer of the given sizes.
    fn parameters(&self, layer: Layer) -> Outcome<Vec<LayerParameter>> {
        let words: Vec<_> = self.initializer.iter().chain(&self.sizes).cloned().collect();
        let sizes = joined(&words);
        let is_size = |word: &str| word.contains(|c: char| c.is_ascii_digit());
        // `64x64` is two sizes, and `x` is a mistake.
        let words = sizes.split(',').flat_map(|word| word.split(move |c| c == 'x' && is_size(word)));
        let sizes = words.map(str::trim).filter(|word| !word.is_empty()).map(|word| {
            word.parse().map_err(|_| {
                Failure::input(format_args!("a size of a layer must be a whole number, got `{}`", excerpt(word)))
            })
        });
        let sizes = sizes.collect::<Outcome<Vec<usize>>>()?;
        let groups = self.layout.groups_of_layer()?;
        if groups.is_some() && !matches!(layer, Layer::Conv) {
            return Err(Failure::input("`--groups` is for `--layer conv`: leave it out"));
        }
        let of = self.framework;
        let found: Result<_, ShapeError> = match (layer, &sizes[..]) {
            (Layer::Linear, &[inputs, outputs]) => layer::linear(of, inputs, outputs),
            (Layer::Conv, &[inputs, outputs, ref kernel @ ..]) if !kernel.is_empty() => {
                let groups = groups.unwrap_or(1);
                if groups == 0 || !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
                    return Err(Failure::input(format_args!(
                        "`--groups` must divide {inputs} input and {outputs} output channels, got {groups}"
                    )));
                }
                layer::conv(of, &ConvSizes { inputs, outputs, kernel: kernel.to_vec(), groups })
            }
            (Layer::Embedding, &[rows, size]) => layer::embedding(of, rows, size, None),
            (Layer::Norm, &[size]) => layer::norm(of, size),
            (Layer::Lstm, &[inputs, hidden]) => layer::lstm(of, inputs, hidden, GateOpening::Default),
            (Layer::Gru, &[inputs, hidden]) => layer::gru(of, inputs, hidden),
            (Layer::Attention, &[size, heads]) if heads > 0 && size.is_multiple_of(heads) => {
                layer::multihead_attention(of, size, heads, size / heads)
            }
            _ => {
                let wanted = match layer {
                    Layer::Linear => "linear needs two sizes: `--layer linear IN OUT`",
                    Layer::Conv => "conv needs at least three sizes: `--layer conv IN OUT KERNEL...`",
                    Layer::Embedding => "embedding needs two sizes: `--layer embedding ROWS SIZE`",
                    Layer::Norm => "norm needs one size: `--layer norm SIZE`",
                    Layer::Lstm => "lstm needs two sizes: `--layer lstm IN HIDDEN`",
                    Layer::Gru => "gru needs two sizes: `--layer gru IN HIDDEN`",
                    Layer::Attention => {
                        "attention needs two sizes, where HEADS divides SIZE: `--layer attention SIZE HEADS`"
                    }
                };
                return Err(Failure::input(format_args!("{wanted}, got {sizes:?}")));
            }
        };
        found.map_err(Failure::input)
    }
}

/// One text of all words: `256 784` and `256, 784` are `256,784`.
fn joined(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| word.trim().trim_end_matches(',')).collect();
    words.join(",")
}

fn write_layer(out: &mut impl Write, parameters: &[LayerParameter], json: bool) -> Outcome {
    let rows = parameters.iter().map(|parameter| {
        let LayerParameter { name, shape, layout, initializer } = parameter;
        let values = initializer.resolve(shape, layout).map_err(Failure::input)?;
        let (layout, initializer) = (layout.to_string(), initializer.to_string());
        Ok(ParameterRow { name, shape: shape.dims().to_vec(), layout, initializer, values: values.to_string() })
    });
    let rows = rows.collect::<Outcome<Vec<_>>>()?;
    if json {
        writeln!(out, "{}", serde_json::to_string(&rows).map_err(Failure::failed)?)?;
        return Ok(());
    }
    let mut table = table::table(&["parameter", "shape", "initializer", "resolves to"], &[])
        .wrap(&["initializer", "resolves to"])
        .optional(&["initializer"]);
    for (row, parameter) in rows.into_iter().zip(parameters) {
        let resolved = parameter.initializer.resolve(&parameter.shape, &parameter.layout).map_err(Failure::input)?;
        let values = resolved.distribution().map_or(row.values, brief);
        table.add_row([row.name.to_owned(), parameter.shape.to_string(), row.initializer, values]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}

/// One line per number.
fn page(resolved: &Resolved, distribution: Option<&Distribution>) -> String {
    let mut page = String::new();
    let mut line = |what: &str, number: Option<f64>| {
        if let Some(number) = number {
            page += &format!("{what:<13} {}\n", full(number));
        }
    };
    line("fan_in", resolved.fan_in);
    line("fan_out", resolved.fan_out);
    for &(name, value) in &resolved.parameters.0 {
        line(name, Some(value));
    }
    if let Some(truncated @ &Distribution::TruncatedNormal { mean, std, .. }) = distribution {
        // Between symmetric bounds it is the mean, up to the rounding of its computation.
        let actual = truncated.mean();
        let is_rounding = (actual - mean).abs() <= 1e-12 * std;
        line("actual mean", Some(if is_rounding { mean } else { actual }));
        line("actual std", Some(truncated.std()));
    }
    match (resolved.distribution, &resolved.structure) {
        (_, Some(structure)) => format!("{:<13} {structure}\n{page}", "structure"),
        (name, None) => format!("{:<13} {}\n{page}", "distribution", name.unwrap_or_default()),
    }
}
