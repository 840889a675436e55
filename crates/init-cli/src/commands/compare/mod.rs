//! `fanin compare`: small networks trained from different initial weights.

mod json;
mod page;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_core::{Activation, Nonlinearity};
use init_data::{Data, Labels, trainer::Training};
use init_kernels::{Progress, Stream};
#[cfg(feature = "plot")]
use init_model::Replacement;

use self::json::Report;
use super::trace::parse_activation;
#[cfg(feature = "plot")]
use crate::plot::{MAX_CURVES, draw_curves, parse_picture};
use crate::{
    comparison::{NetworkShape, Start, Task, TaskKind, run_all, summaries},
    failure::{Failure, Outcome},
    model::seed,
    progress,
    signal::Signals,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Examples, one per line of comma-separated numbers, the last one the class; a .csv or .csv.gz
    /// file
    #[arg(long, value_name = "FILE.csv")]
    data: PathBuf,

    /// Schemes to compare, separated by commas: initializers, standard (uniform on ±1/√fan_in),
    /// lsuv, weight_norm, pca, kmeans or rbm
    #[arg(long, value_name = "SCHEMES", default_value = "standard,xavier_uniform,kaiming_normal,lsuv")]
    init: String,

    /// Number of hidden layers
    #[arg(long, value_name = "LAYERS", default_value = "8", value_parser = parse_depth, allow_negative_numbers = true)]
    depth: usize,

    /// Number of units of each hidden layer
    #[arg(long, value_name = "UNITS", default_value = "64", value_parser = parse_count, allow_negative_numbers = true)]
    width: usize,

    /// Activation after each hidden layer, such as relu, tanh or sigmoid
    #[arg(long, value_name = "NAME", default_value = "relu", value_parser = parse_activation)]
    act: Activation,

    /// Negative slope of leaky_relu
    #[arg(short, long, value_name = "SLOPE", default_value_t = Nonlinearity::DEFAULT_SLOPE)]
    #[arg(allow_negative_numbers = true)]
    a: f64,

    /// Number of training runs per scheme, each with its own weights and order of examples
    #[arg(long, value_name = "N", default_value = "5", value_parser = parse_seeds, allow_negative_numbers = true)]
    seeds: u64,

    /// First seed, which also selects the test examples
    #[arg(long, value_name = "N", default_value = "0", value_parser = seed, allow_negative_numbers = true)]
    seed: u64,

    /// Number of passes over the training examples
    #[arg(long, value_name = "N", default_value = "50", value_parser = parse_count, allow_negative_numbers = true)]
    epochs: usize,

    /// Batch size
    #[arg(long, value_name = "EXAMPLES", default_value = "32", value_parser = parse_count)]
    #[arg(allow_negative_numbers = true)]
    batch: usize,

    /// Learning rate of stochastic gradient descent
    #[arg(long, value_name = "RATE", default_value = "0.01", allow_negative_numbers = true)]
    learning_rate: f64,

    /// Momentum coefficient
    #[arg(long, value_name = "COEFFICIENT", default_value = "0.9", allow_negative_numbers = true)]
    momentum: f64,

    /// Fraction of the examples for testing, the same for each class
    #[arg(long, value_name = "FRACTION", default_value = "0.2", value_parser = parse_fraction)]
    #[arg(allow_negative_numbers = true)]
    test: f64,

    /// Number of pretraining epochs per machine, for rbm
    #[arg(long, value_name = "N", default_value = "30", value_parser = parse_count, allow_negative_numbers = true)]
    pretraining: usize,

    /// Train autoencoders, with a narrow layer in the middle, instead of classifiers
    #[arg(long)]
    autoencoder: bool,

    /// Number of units of the narrow layer
    #[arg(long, value_name = "UNITS", default_value = "10", value_parser = parse_count, allow_negative_numbers = true)]
    code: usize,

    /// Whether the last column is the class; autoencoders need none
    #[arg(long, value_name = "last|none", default_value = "last", value_parser = parse_labels)]
    labels: Labels,

    /// Plot the learning curves to a .svg or .png file, which is overwritten if it exists;
    /// repeatable
    #[cfg(feature = "plot")]
    #[arg(long, value_name = "OUT.svg", value_parser = parse_picture)]
    plot: Vec<PathBuf>,

    /// Print one JSON object, with all curves, instead of the table
    #[arg(long)]
    json: bool,

    /// Print no progress bar and no table
    #[arg(short, long)]
    quiet: bool,
}

/// The maximum number of hidden layers.
const MAX_LAYERS: usize = 1000;

/// The maximum number of schemes.
const MAX_SCHEMES: usize = 32;

/// The maximum number of seeds.
const MAX_SEEDS: u64 = 1000;

pub(crate) fn run(options: &Options) -> Outcome {
    let starts = options.starts()?;
    let task = options.task()?;
    let last = options.seed.checked_add(options.seeds - 1).ok_or_else(|| {
        let max = u64::MAX - (options.seeds - 1);
        Failure::input(format_args!("--seed must be at most {max} for {} seeds, got {}", options.seeds, options.seed))
    })?;
    let seeds: Vec<u64> = (options.seed..=last).collect();
    // All input is checked before the first long step.
    for start in starts.iter().filter(|start| start.steps(&task) == 0) {
        start.network(&task, Stream::new(options.seed), Progress::none())?;
    }
    #[cfg(feature = "plot")]
    for path in &options.plot {
        Replacement::new(path)?;
    }

    let steps: u64 = starts.iter().map(|start| start.steps(&task) + options.epochs as u64).sum();
    let bar = progress::steps(steps * options.seeds, options.quiet);
    let signals = Signals::catch().map_err(Failure::failed)?;
    let report = |epochs| {
        bar.inc(epochs);
        signals.flow()
    };
    let trials = run_all(&task, starts, &seeds, Progress::new(&report));
    bar.finish_and_clear();
    let trials = match (trials?, signals.noted()) {
        (Some(trials), _) => trials,
        (None, Some(signal)) => {
            let message = "interrupted before the comparison was complete; nothing was written";
            return Err(Failure::Interrupted(message.to_owned(), signal));
        }
        (None, None) => return Err(Failure::failed("the comparison was cancelled")),
    };
    let summaries = summaries(&task, &trials);

    #[cfg(feature = "plot")]
    for path in &options.plot {
        draw_curves(path, &page::axes(&task, &page::title(&task, &seeds)), &page::curves(&trials))?;
    }
    let mut out = io::stdout().lock();
    if options.json {
        let report = Report::new(&task, options.test, &seeds, &trials, &summaries);
        writeln!(out, "{}", serde_json::to_string(&report).map_err(Failure::failed)?)?;
    } else if !options.quiet {
        write!(out, "{}", page::page(&task, &seeds, &trials, &summaries))?;
        #[cfg(feature = "plot")]
        for path in &options.plot {
            writeln!(out, "plot written to {}", path.display())?;
        }
    }
    Ok(())
}

impl Options {
    fn starts(&self) -> Outcome<Vec<Start>> {
        if !self.a.is_finite() {
            return Err(Failure::input(format_args!("-a must be a finite number, got {}", self.a)));
        }
        let starts = Start::read_list(&self.init)?;
        if starts.len() > MAX_SCHEMES {
            let given = starts.len();
            return Err(Failure::input(format_args!("--init must have at most {MAX_SCHEMES} schemes, got {given}")));
        }
        #[cfg(feature = "plot")]
        if !self.plot.is_empty() && starts.len() > MAX_CURVES {
            return Err(Failure::input(format_args!(
                "--plot has colours for at most {MAX_CURVES} schemes, got {}; compare fewer, or plot the curves \
                 from --json",
                starts.len()
            )));
        }
        Ok(starts)
    }

    fn task(&self) -> Outcome<Task> {
        let kind = if self.autoencoder { TaskKind::Reconstruction } else { TaskKind::Classes };
        let mut hidden = vec![self.width; self.depth];
        if self.autoencoder {
            if self.depth.is_multiple_of(2) {
                return Err(Failure::input(format_args!(
                    "--depth must be odd with --autoencoder, whose narrow layer is in the middle, got {}",
                    self.depth
                )));
            }
            hidden[self.depth / 2] = self.code;
        }
        if !self.autoencoder && self.labels == Labels::Absent {
            return Err(Failure::input("--labels none leaves no classes to learn; give --autoencoder too"));
        }
        let data = Data::read(&self.data, self.labels)?;
        let network = NetworkShape { hidden, activation: self.act, slope: self.a };
        let training = Training {
            epochs: self.epochs,
            batch: self.batch,
            learning_rate: self.learning_rate,
            momentum: self.momentum,
        };
        Task::new(&data, kind, network, training, self.pretraining as u64, self.test, self.seed)
    }
}

fn parse_labels(text: &str) -> Result<Labels, String> {
    match text {
        "last" => Ok(Labels::Last),
        "none" => Ok(Labels::Absent),
        _ => Err("must be last or none".to_owned()),
    }
}

fn parse_depth(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(depth @ 1..=MAX_LAYERS) => Ok(depth),
        _ => Err(format!("must be a whole number from 1 to {MAX_LAYERS}")),
    }
}

fn parse_seeds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seeds @ 1..=MAX_SEEDS) => Ok(seeds),
        _ => Err(format!("must be a whole number from 1 to {MAX_SEEDS}")),
    }
}

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse::<u32>() {
        Ok(count @ 1..) => Ok(count as usize),
        _ => Err(format!("must be a whole number from 1 to {}", u32::MAX)),
    }
}

fn parse_fraction(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(fraction) if fraction > 0.0 && fraction < 1.0 => Ok(fraction),
        _ => Err("must be a number above 0 and below 1".to_owned()),
    }
}
