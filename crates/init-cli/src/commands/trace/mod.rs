mod json;
mod page;
mod planned;
mod warning;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use indicatif::ProgressBar;
use init_core::{Activation, Distribution, Nonlinearity, UnknownWord};
use init_data::{Drawn, Matrix, Stack, Trace};
use init_kernels::{Stream, fill};
use init_model::Recipe;

use self::{json::Report, planned::Planned};
use crate::{
    failure::{Failure, Outcome},
    model::seed,
    plot::{Panel, draw_traces, picture},
    progress,
    scheme::Scheme,
};

/// The most layers, and schemes beside each other.
const MOST_LAYERS: usize = 10_000;
const MOST_SCHEMES: usize = 16;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A recipe whose weights of two dimensions, in its order, are the layers
    #[arg(value_name = "RECIPE.toml", conflicts_with_all = ["depth", "width", "init"])]
    recipe: Option<PathBuf>,

    /// Without a recipe: the number of layers
    #[arg(long, value_name = "LAYERS", value_parser = depth, allow_negative_numbers = true)]
    depth: Option<usize>,

    /// Without a recipe: inputs and outputs of every layer
    #[arg(long, value_name = "UNITS", value_parser = size, allow_negative_numbers = true)]
    width: Option<usize>,

    /// Without a recipe: the initializer of every weight, or `standard`, which is ±1/√fan_in
    #[arg(long, value_name = "INITIALIZER")]
    init: Option<String>,

    /// More of them, with commas between: the same layers once with each, without biases
    #[arg(long, value_name = "INITIALIZERS")]
    compare: Option<String>,

    /// The activation after every layer, such as tanh, relu or linear
    #[arg(long, value_name = "NAME", value_parser = activation)]
    act: Activation,

    /// The negative slope of leaky_relu
    #[arg(short, long, value_name = "SLOPE", default_value_t = Nonlinearity::DEFAULT_SLOPE, allow_negative_numbers = true)]
    a: f64,

    /// Examples, of independent inputs from N(0, 1); as many gradients come back, likewise from N(0, 1)
    #[arg(long, value_name = "EXAMPLES", default_value = "256", value_parser = size, allow_negative_numbers = true)]
    batch: usize,

    /// The seed of every stream [default: the recipe's, or 0]
    #[arg(long, value_name = "N", value_parser = seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// A picture of the histograms, as .svg or .png; may be given several times
    #[arg(long, value_name = "OUT.svg", value_parser = picture)]
    plot: Vec<PathBuf>,

    /// One JSON object instead of tables
    #[arg(long)]
    json: bool,

    /// No progress bar and no tables
    #[arg(short, long)]
    quiet: bool,
}

/// What all schemes have in common.
#[derive(Debug)]
struct Setting {
    activation: Activation,
    sizes: Vec<usize>,
    batch: usize,
    seed: u64,
}

/// A scheme and what it makes of the signals.
#[derive(Debug)]
struct Measured {
    name: String,
    trace: Trace,
}

pub(crate) fn run(options: &Options) -> Outcome {
    if !options.a.is_finite() {
        return Err(Failure::input(format_args!("-a is {}, but a slope is a finite number", options.a)));
    }
    let (planned, sizes, seed) = match &options.recipe {
        Some(path) => {
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
    if count > MOST_SCHEMES {
        return Err(Failure::input(format_args!("{count} schemes were given: at most {MOST_SCHEMES} are compared")));
    }

    let setting = Setting { activation: options.act, sizes, batch: options.batch, seed };
    let stream = Stream::new(seed);
    // All that can be refused is refused before the first long step.
    let drawn = schemes.into_iter().map(|Scheme { name, initializer }| {
        let drawn = Drawn::new(&setting.sizes, options.act, options.a, &initializer, stream);
        let drawn = drawn.map_err(|error| Failure::input(format_args!("{name}: {error}")))?;
        Ok((name, drawn))
    });
    let drawn = drawn.collect::<Outcome<Vec<_>>>()?;

    let steps = 2 * count * (setting.sizes.len() - 1);
    let bar = progress::steps(steps as u64, options.quiet);
    let mut measured = Vec::with_capacity(count);
    if let Some((name, planned)) = planned {
        measured.push(setting.measure(name, &planned, &bar)?);
    }
    for (name, drawn) in drawn {
        measured.push(setting.measure(name, &drawn, &bar)?);
    }
    bar.finish_and_clear();

    let title = page::title(&setting);
    let panels: Vec<_> =
        measured.iter().map(|measured| Panel { title: &measured.name, trace: &measured.trace }).collect();
    for path in &options.plot {
        draw_traces(path, &title, &panels)?;
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
    }
    Ok(())
}

impl Options {
    fn sizes(&self) -> Outcome<Vec<usize>> {
        match (self.depth, self.width, &self.init) {
            (Some(depth), Some(width), Some(_)) => Ok(vec![width; depth + 1]),
            _ => Err(Failure::input(
                "no stack: give a recipe, or --depth, --width and --init, as in `--depth 5 --width 1000 --init xavier_uniform`",
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

impl Setting {
    fn measure(&self, name: String, stack: &impl Stack, bar: &ProgressBar) -> Outcome<Measured> {
        let [first, .., last] = self.sizes[..] else { return Err(Failure::failed("a stack has a layer")) };
        let stream = Stream::new(self.seed).child("trace");
        let batch = normal(self.batch, first, stream.child("input"))?;
        let gradient = normal(self.batch, last, stream.child("gradient"))?;
        let trace = Trace::measure(stack, batch, gradient, &mut || bar.inc(1))?;
        Ok(Measured { name, trace })
    }
}

fn normal(rows: usize, columns: usize, stream: Stream) -> Outcome<Matrix> {
    let mut values = Matrix::zeros(rows, columns);
    let law = Distribution::Normal { mean: 0.0, std: 1.0 };
    fill(values.values_mut(), &law, stream).map_err(Failure::failed)?;
    Ok(values)
}

fn activation(text: &str) -> Result<Activation, String> {
    text.parse().map_err(|error: UnknownWord| error.to_string())
}

fn depth(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(depth @ 1..=MOST_LAYERS) => Ok(depth),
        _ => Err(format!("it is a whole number from 1 to {MOST_LAYERS}")),
    }
}

fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 1..) => Ok(size),
        _ => Err("it is a whole number of at least 1".to_owned()),
    }
}
