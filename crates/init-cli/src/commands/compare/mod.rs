mod json;
mod page;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_core::{Activation, Nonlinearity, UnknownWord};
use init_data::{Data, Labels, trainer::Training};
use init_kernels::Stream;
use init_model::Replacement;

use self::json::Report;
use crate::{
    comparison::{Kind, Network, Start, Task, run_all, summaries},
    failure::{Failure, Outcome},
    model::seed,
    plot::{MOST_CURVES, draw_curves, picture},
    progress,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The examples, one a line: comma-separated numbers, the last the class; a .csv or .csv.gz file
    #[arg(long, value_name = "FILE.csv")]
    data: PathBuf,

    /// Where networks begin: initializers, standard (U(±1/√fan_in)), lsuv, weight_norm, pca, kmeans or rbm, with commas
    /// between
    #[arg(long, value_name = "SCHEMES", default_value = "standard,xavier_uniform,kaiming_normal,lsuv")]
    init: String,

    /// Hidden layers
    #[arg(long, value_name = "LAYERS", default_value = "8", value_parser = depth, allow_negative_numbers = true)]
    depth: usize,

    /// Units of each hidden layer
    #[arg(long, value_name = "UNITS", default_value = "64", value_parser = count, allow_negative_numbers = true)]
    width: usize,

    /// The activation after each hidden layer, such as relu, tanh or sigmoid
    #[arg(long, value_name = "NAME", default_value = "relu", value_parser = activation)]
    act: Activation,

    /// The negative slope of leaky_relu
    #[arg(short, long, value_name = "SLOPE", default_value_t = Nonlinearity::DEFAULT_SLOPE, allow_negative_numbers = true)]
    a: f64,

    /// Trainings of each scheme, each with its own weights and order of examples
    #[arg(long, value_name = "N", default_value = "5", value_parser = seeds, allow_negative_numbers = true)]
    seeds: u64,

    /// The first seed, which also decides which examples are for the test
    #[arg(long, value_name = "N", default_value = "0", value_parser = seed, allow_negative_numbers = true)]
    seed: u64,

    /// How often each example is seen
    #[arg(long, value_name = "N", default_value = "50", value_parser = count, allow_negative_numbers = true)]
    epochs: usize,

    /// Examples of a step
    #[arg(long, value_name = "EXAMPLES", default_value = "32", value_parser = count, allow_negative_numbers = true)]
    batch: usize,

    /// The step along the gradient
    #[arg(long, value_name = "RATE", default_value = "0.01", allow_negative_numbers = true)]
    learning_rate: f64,

    /// Of each step, what goes on into the next
    #[arg(long, value_name = "PART", default_value = "0.9", allow_negative_numbers = true)]
    momentum: f64,

    /// The share of the examples that is for the test, of each class as much
    #[arg(long, value_name = "SHARE", default_value = "0.2", value_parser = share, allow_negative_numbers = true)]
    test: f64,

    /// Epochs of each machine of rbm
    #[arg(long, value_name = "N", default_value = "30", value_parser = count, allow_negative_numbers = true)]
    pretraining: usize,

    /// Reconstruct the examples, through a narrow layer in the middle, instead of naming their class
    #[arg(long)]
    autoencoder: bool,

    /// Units of that layer
    #[arg(long, value_name = "UNITS", default_value = "10", value_parser = count, allow_negative_numbers = true)]
    code: usize,

    /// Whether the last column is the class; an autoencoder needs none
    #[arg(long, value_name = "last|none", default_value = "last", value_parser = labels)]
    labels: Labels,

    /// A picture of the learning curves, as .svg or .png; may be given several times
    #[arg(long, value_name = "OUT.svg", value_parser = picture)]
    plot: Vec<PathBuf>,

    /// One JSON object with every curve instead of the table
    #[arg(long)]
    json: bool,

    /// No progress bar and no table
    #[arg(short, long)]
    quiet: bool,
}

/// The most hidden layers, schemes and seeds.
const MOST_LAYERS: usize = 1000;
const MOST_SCHEMES: usize = 32;
const MOST_SEEDS: u64 = 1000;

pub(crate) fn run(options: &Options) -> Outcome {
    let starts = options.starts()?;
    let task = options.task()?;
    let last = options.seed.checked_add(options.seeds - 1).ok_or_else(|| {
        let most = u64::MAX - (options.seeds - 1);
        Failure::input(format_args!(
            "--seed {} leaves no {} seeds from it on; give at most {most}",
            options.seed, options.seeds
        ))
    })?;
    let seeds: Vec<u64> = (options.seed..=last).collect();
    // All that can be refused is refused before the first long step.
    for start in starts.iter().filter(|start| start.steps(&task) == 0) {
        start.network(&task, Stream::new(options.seed), &|| ())?;
    }
    for path in &options.plot {
        Replacement::new(path)?;
    }

    let steps: u64 = starts.iter().map(|start| start.steps(&task) + options.epochs as u64).sum();
    let bar = progress::steps(steps * options.seeds, options.quiet);
    let trials = run_all(&task, starts, &seeds, &|| bar.inc(1));
    bar.finish_and_clear();
    let trials = trials?;
    let summaries = summaries(&task, &trials);

    for path in &options.plot {
        draw_curves(path, &page::axes(&task, &page::title(&task, &seeds)), &page::curves(&trials))?;
    }
    let mut out = io::stdout().lock();
    if options.json {
        let report = Report::new(&task, options.test, &seeds, &trials, &summaries);
        writeln!(out, "{}", serde_json::to_string(&report).map_err(Failure::failed)?)?;
    } else if !options.quiet {
        write!(out, "{}", page::page(&task, &seeds, &trials, &summaries))?;
    }
    Ok(())
}

impl Options {
    fn starts(&self) -> Outcome<Vec<Start>> {
        if !self.a.is_finite() {
            return Err(Failure::input(format_args!("-a is {}, but a slope is a finite number", self.a)));
        }
        let starts = Start::read_list(&self.init)?;
        if starts.len() > MOST_SCHEMES {
            let given = starts.len();
            return Err(Failure::input(format_args!(
                "--init has {given} schemes: at most {MOST_SCHEMES} are compared"
            )));
        }
        if !self.plot.is_empty() && starts.len() > MOST_CURVES {
            return Err(Failure::input(format_args!(
                "--plot has colours for {MOST_CURVES} schemes, and --init has {}; take fewer, or draw from --json",
                starts.len()
            )));
        }
        Ok(starts)
    }

    fn task(&self) -> Outcome<Task> {
        let kind = if self.autoencoder { Kind::Reconstruction } else { Kind::Classes };
        let mut hidden = vec![self.width; self.depth];
        if self.autoencoder {
            if self.depth.is_multiple_of(2) {
                return Err(Failure::input(format_args!(
                    "an autoencoder has its narrow layer in the middle, and {} hidden layers have no middle; give an odd --depth",
                    self.depth
                )));
            }
            hidden[self.depth / 2] = self.code;
        }
        if !self.autoencoder && self.labels == Labels::Absent {
            return Err(Failure::input("--labels none leaves no classes to tell apart; give --autoencoder too"));
        }
        let data = Data::read(&self.data, self.labels)?;
        let network = Network { hidden, activation: self.act, slope: self.a };
        let training = Training {
            epochs: self.epochs,
            batch: self.batch,
            learning_rate: self.learning_rate,
            momentum: self.momentum,
        };
        Task::new(&data, kind, network, training, self.pretraining as u64, self.test, self.seed)
    }
}

fn activation(text: &str) -> Result<Activation, String> {
    text.parse().map_err(|error: UnknownWord| error.to_string())
}

fn labels(text: &str) -> Result<Labels, String> {
    match text {
        "last" => Ok(Labels::Last),
        "none" => Ok(Labels::Absent),
        _ => Err("it is last or none".to_owned()),
    }
}

fn depth(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(depth @ 1..=MOST_LAYERS) => Ok(depth),
        _ => Err(format!("it is a whole number from 1 to {MOST_LAYERS}")),
    }
}

fn seeds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seeds @ 1..=MOST_SEEDS) => Ok(seeds),
        _ => Err(format!("it is a whole number from 1 to {MOST_SEEDS}")),
    }
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse::<u32>() {
        Ok(count @ 1..) => Ok(count as usize),
        _ => Err(format!("it is a whole number from 1 to {}", u32::MAX)),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("it is a number above 0 and below 1".to_owned()),
    }
}
