//! `fanin trace`: activations and gradients through a stack of layers.

mod json;
mod measured;
mod page;
mod planned;
mod warning;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_core::{Activation, Nonlinearity, UnknownWord};
use init_data::{
    DrawnLayers, LayerSource,
    trace::{Trace, TraceError},
};
use init_kernels::{Progress, Stream};
use init_model::Recipe;

use self::{
    json::Report,
    measured::{MeasureError, Setting},
    planned::Planned,
};
#[cfg(feature = "plot")]
use crate::plot::{Panel, draw_traces, parse_picture};
use crate::{
    failure::{Failure, Outcome},
    model::seed,
    progress,
    scheme::Scheme,
    signal::Signals,
};

/// The maximum number of layers.
const MAX_LAYERS: usize = 10_000;

/// The maximum number of schemes.
const MAX_SCHEMES: usize = 16;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A recipe; its two-dimensional weights, in order, are the layers
    #[arg(value_name = "RECIPE.toml", conflicts_with_all = ["depth", "width", "init"])]
    recipe: Option<PathBuf>,

    /// Number of layers, without a recipe
    #[arg(long, value_name = "LAYERS", value_parser = parse_depth, allow_negative_numbers = true)]
    depth: Option<usize>,

    /// Number of inputs and outputs of every layer, without a recipe
    #[arg(long, value_name = "UNITS", value_parser = parse_size, allow_negative_numbers = true)]
    width: Option<usize>,

    /// Initializer of every weight, without a recipe; `standard` is uniform on ±1/√fan_in
    #[arg(long, value_name = "INITIALIZER")]
    init: Option<String>,

    /// More initializers to compare, separated by commas, each for the same layers without biases
    #[arg(long, value_name = "INITIALIZERS")]
    compare: Option<String>,

    /// Activation after every layer, such as tanh, relu or linear
    #[arg(long, value_name = "NAME", value_parser = parse_activation)]
    act: Activation,

    /// Negative slope of leaky_relu
    #[arg(short, long, value_name = "SLOPE", default_value_t = Nonlinearity::DEFAULT_SLOPE)]
    #[arg(allow_negative_numbers = true)]
    a: f64,

    /// Batch size: the number of inputs, and of gradients at the output, all drawn from N(0, 1)
    #[arg(long, value_name = "EXAMPLES", default_value = "256", value_parser = parse_size)]
    #[arg(allow_negative_numbers = true)]
    batch: usize,

    /// Seed of every stream [default: the recipe's, or 0]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// Plot the histograms to a .svg or .png file, which is overwritten if it exists; repeatable
    #[cfg(feature = "plot")]
    #[arg(long, value_name = "OUT.svg", value_parser = parse_picture)]
    plot: Vec<PathBuf>,

    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,

    /// Print no progress bar and no tables
    #[arg(short, long)]
    quiet: bool,
}

pub(crate) fn run(options: &Options) -> Outcome {
    if !options.a.is_finite() {
        return Err(Failure::input(format_args!("-a must be a finite number, got {}", options.a)));
    }
    let (planned, sizes, seed) = match &options.recipe {
        Some(path) => {
            // Said here, since the hint of `init` is a preset, which this command does not take.
            if !path.exists() {
                return Err(Failure::input(format_args!(
                    "`{}` does not exist; name a recipe, or give --depth, --width and --init",
                    path.display()
                )));
            }
            let mut recipe = Recipe::read(path)?;
            recipe.seed = options.seed.or(recipe.seed);
            let planned = Planned::new(&recipe, options.act, options.a)?;
            let sizes = planned.sizes();
            (Some((path.display().to_string(), planned)), sizes, recipe.seed.unwrap_or(0))
        }
        None => (None, options.sizes()?, options.seed.unwrap_or(0)),
    };
    Trace::fits(&sizes, options.batch)?;
    let schemes = options.schemes()?;
    let count = schemes.len() + usize::from(planned.is_some());
    if count > MAX_SCHEMES {
        return Err(Failure::input(format_args!("at most {MAX_SCHEMES} schemes can be compared, got {count}")));
    }

    let setting = Setting { activation: options.act, sizes, batch: options.batch, seed };
    let stream = Stream::new(seed);
    // All input is checked before the first long step.
    let drawn = schemes.into_iter().map(|Scheme { name, initializer }| {
        let drawn = DrawnLayers::new(&setting.sizes, options.act, options.a, &initializer, stream);
        let drawn = drawn.map_err(|error| Failure::input(format_args!("{name}: {error}")))?;
        Ok((name, drawn))
    });
    let drawn = drawn.collect::<Outcome<Vec<_>>>()?;

    let steps = 2 * count * (setting.sizes.len() - 1);
    let bar = progress::steps(steps as u64, options.quiet);
    let signals = Signals::catch().map_err(Failure::failed)?;
    let report = |layers| {
        bar.inc(layers);
        signals.flow()
    };
    let progress = Progress::new(&report);
    let measure = |name, layers: &dyn LayerSource| {
        setting.measure(name, layers, progress).map_err(|error| match (error, signals.noted()) {
            (MeasureError::Trace(TraceError::Cancelled(_)), Some(signal)) => Failure::Interrupted(
                "interrupted before the trace was complete; nothing was written".to_owned(),
                signal,
            ),
            (MeasureError::Trace(error), _) => error.into(),
            (MeasureError::Fill(error), _) => Failure::failed(error),
        })
    };
    let mut measured = Vec::with_capacity(count);
    if let Some((name, planned)) = planned {
        measured.push(measure(name, &planned)?);
    }
    for (name, drawn) in drawn {
        measured.push(measure(name, &drawn)?);
    }
    bar.finish_and_clear();

    let title = page::title(&setting);
    #[cfg(feature = "plot")]
    {
        let panels = measured.iter().map(|measured| Panel { title: &measured.name, trace: &measured.trace });
        let panels: Vec<_> = panels.collect();
        for path in &options.plot {
            draw_traces(path, &title, &panels)?;
        }
    }
    let mut out = io::stdout().lock();
    if options.json {
        let report = Report::new(&setting, &measured);
        writeln!(out, "{}", serde_json::to_string(&report).map_err(Failure::failed)?)?;
    } else if !options.quiet {
        writeln!(out, "{title}")?;
        for measured in &measured {
            write!(out, "\n{}", page::page(measured))?;
        }
        #[cfg(feature = "plot")]
        for path in &options.plot {
            writeln!(out, "plot written to {}", path.display())?;
        }
    }
    Ok(())
}

impl Options {
    fn sizes(&self) -> Outcome<Vec<usize>> {
        match (self.depth, self.width, &self.init) {
            (Some(depth), Some(width), Some(_)) => Ok(vec![width; depth + 1]),
            _ => Err(Failure::input(
                "give a recipe, or --depth, --width and --init, as in `--depth 5 --width 1000 --init xavier_uniform`",
            )),
        }
    }

    fn schemes(&self) -> Outcome<Vec<Scheme>> {
        let mut schemes = Vec::new();
        if let Some(init) = &self.init {
            schemes.push(Scheme::read(init)?);
        }
        if let Some(more) = &self.compare {
            schemes.extend(Scheme::read_list(more)?);
        }
        Ok(schemes)
    }
}

pub(super) fn parse_activation(text: &str) -> Result<Activation, String> {
    text.parse().map_err(|error: UnknownWord| error.to_string())
}

fn parse_depth(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(depth @ 1..=MAX_LAYERS) => Ok(depth),
        _ => Err(format!("must be a whole number from 1 to {MAX_LAYERS}")),
    }
}

fn parse_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 1..) => Ok(size),
        _ => Err("must be a whole number of at least 1".to_owned()),
    }
}
