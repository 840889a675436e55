//! Pretraining: restricted Boltzmann machines, one upon the other, as the initial weights of a network.

mod checkpoint;
mod examples;
mod pictures;
mod report;
mod settings;

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;
use init_data::rbm::{Epoch, Progress, RbmError, Stack};
use init_kernels::Stream;
use init_model::{NamedTensor, Replacement, save};

use self::{
    checkpoint::Checkpoint,
    examples::Examples,
    pictures::Image,
    report::{Figures, Likelihood, Report},
    settings::Settings,
};
use crate::{
    failure::{Failure, Outcome},
    model::seed,
    plot::picture,
    progress,
    signal::Signals,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The examples: comma-separated numbers, one example a line, plain or packed by gzip
    #[arg(long, value_name = "DATA.csv[.gz]")]
    data: PathBuf,

    /// Units: as many as there are features, then those of each machine's hidden side
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', required = true, value_parser = settings::units)]
    #[arg(allow_negative_numbers = true)]
    layers: Vec<usize>,

    /// Whether the last column is a label, which is left out [default: if there is one column more than features]
    #[arg(long, value_name = "last|none", hide_possible_values = true)]
    labels: Option<examples::LabelColumn>,

    #[command(flatten)]
    settings: Settings,

    /// The seed of every draw
    #[arg(long, value_name = "N", default_value = "0", value_parser = seed, allow_negative_numbers = true)]
    seed: u64,

    /// The part of the examples that is not learnt from: how much greater their free energy is shows overfitting
    #[arg(long, value_name = "PART", default_value = "0", value_parser = settings::number)]
    #[arg(allow_negative_numbers = true)]
    held_out: f64,

    /// The file to write; an earlier one is replaced at the end, in one step
    #[arg(short, long, value_name = "OUT.safetensors", value_parser = safetensors)]
    output: PathBuf,

    /// Go on with a run that was interrupted, from OUT.safetensors.partial; the other options are to be the same
    #[arg(long)]
    resume: bool,

    /// Write the autoencoder: the layers, then the way back through transposed weights
    #[arg(long)]
    unroll: bool,

    /// Estimate the log-likelihood of the first machine: exactly if a side is small, or by annealed importance sampling
    #[arg(long)]
    log_likelihood: bool,

    /// A picture of the first machine's filters, in SVG or PNG
    #[arg(long, value_name = "FILE.svg|png", value_parser = picture)]
    filters: Option<PathBuf>,

    /// A picture of examples and what the layers make of them and back, in SVG or PNG
    #[arg(long, value_name = "FILE.svg|png", value_parser = picture)]
    reconstructions: Option<PathBuf>,

    /// Width and height of an example as an image [default: a square]
    #[arg(long, value_name = "WxH", value_parser = pictures::image)]
    image: Option<Image>,

    /// Print the figures as JSON
    #[arg(long)]
    json: bool,

    /// No progress bar and no summary
    #[arg(short, long)]
    quiet: bool,
}

/// For clap: the name of a file that this command can write. `init` takes these endings for other formats.
fn safetensors(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is = |ending| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    if ["npy", "npz", "gguf"].into_iter().any(is) {
        return Err("machines are written as safetensors: name a file .safetensors".to_owned());
    }
    Ok(path)
}

/// How often a run keeps what it has, besides when it is interrupted.
const KEEP: Duration = Duration::from_secs(10);

pub(crate) fn run(options: &Options) -> Outcome {
    let examples = Examples::read(options)?;
    let image = options.image(examples.features())?;
    let stacking = options.settings.stacking(&options.layers[1..]);
    stacking.check(&examples.training)?;
    let checkpoint = Checkpoint::new(options, &examples);
    options.check_paths(&checkpoint)?;
    let progress = checkpoint.begin(options.resume)?;
    let signals = Signals::catch().map_err(Failure::failed)?;
    for warning in examples.warnings() {
        eprintln!("warning: {warning}");
    }

    let trained = train(options, &examples, &checkpoint, &signals, progress)?;
    let stack = &trained.stack;
    save(&options.output, &tensors(stack, options.unroll), &remarks(options, &examples), init_model::Progress::none())?;
    checkpoint.remove();
    let likelihood = options.log_likelihood.then(|| Likelihood::of(&stack.machines[0], &examples, options.seed));
    let likelihood = likelihood.transpose()?;
    if let Some(path) = &options.filters {
        pictures::filters(path, image, &stack.machines[0])?;
    }
    if let Some(path) = &options.reconstructions {
        pictures::reconstructions(path, image, &examples, stack)?;
    }

    let report = Report { options, examples: &examples, stacking: &stacking, trained: &trained, likelihood };
    for warning in report.warnings() {
        eprintln!("warning: {warning}");
    }
    let mut out = io::stdout().lock();
    if options.json {
        serde_json::to_writer_pretty(&mut out, &report.json()?).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if !options.quiet {
        write!(out, "{}", report.text()?)?;
    }
    Ok(())
}

/// Trains, shows how far it is, and keeps what there is when a signal comes.
fn train(
    options: &Options,
    examples: &Examples,
    checkpoint: &Checkpoint,
    signals: &Signals,
    progress: Progress,
) -> Outcome<Figures> {
    let stacking = options.settings.stacking(&options.layers[1..]);
    let bar = progress::epochs(stacking.epochs * stacking.hidden.len() as u64, options.quiet || options.json);
    let mut figures = Figures::new(stacking.hidden.len());
    let (mut kept, mut last) = (Instant::now(), Instant::now());
    let mut failure = None;
    let mut each = |epoch: &Epoch<'_>| {
        figures.seconds[epoch.layer] += last.elapsed().as_secs_f64();
        figures.errors = epoch.errors.to_vec();
        bar.set_position(epoch.layer as u64 * stacking.epochs + epoch.state.epochs);
        bar.set_message(format!("layer {}, reconstruction error {:.4}", epoch.layer + 1, epoch.error()));
        let signal = signals.noted();
        if signal.is_some() || kept.elapsed() > KEEP {
            if let Err(error) = checkpoint.keep(epoch) {
                failure = Some(error);
                return ControlFlow::Break(());
            }
            kept = Instant::now();
        }
        last = Instant::now();
        if signal.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let done = progress.errors.clone();
    let stack = Stack::resume(progress, &examples.training, &stacking, Stream::new(options.seed), &mut each);
    bar.finish_and_clear();
    if let Some(failure) = failure {
        return Err(failure);
    }
    match (stack, signals.noted()) {
        (Ok(stack), _) => {
            if figures.errors.is_empty() {
                figures.errors = done;
            }
            Ok(Figures { stack, ..figures })
        }
        (Err(error @ RbmError::Stopped { .. }), Some(signal)) => {
            let path = checkpoint.path().display();
            let message = format!("interrupted: {error} of {}; add --resume to go on from `{path}`", stacking.epochs);
            Err(Failure::Interrupted(message, signal))
        }
        (Err(error), _) => {
            if matches!(error, RbmError::Diverged { .. }) {
                // It would diverge again.
                checkpoint.remove();
            }
            Err(error.into())
        }
    }
}

impl Options {
    /// Finds before any work is done what could not be written after it.
    fn check_paths(&self, checkpoint: &Checkpoint) -> Outcome {
        let written = [Some(&self.output), self.filters.as_ref(), self.reconstructions.as_ref()];
        let mut paths: Vec<&Path> = written.into_iter().flatten().map(PathBuf::as_path).collect();
        paths.push(checkpoint.path());
        for path in &paths {
            drop(Replacement::new(path)?);
        }
        paths.push(&self.data);
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        for (index, path) in paths.iter().enumerate() {
            if paths[..index].iter().any(|other| real(other) == real(path)) {
                let path = path.display();
                return Err(Failure::input(format_args!("`{path}` is named twice; give every file a name of its own")));
            }
        }
        Ok(())
    }

    /// The image that an example is, if pictures are asked for.
    fn image(&self, features: usize) -> Outcome<Image> {
        let pictures = self.filters.is_some() || self.reconstructions.is_some();
        match self.image {
            Some(image) if image.width * image.height != features => Err(Failure::input(format_args!(
                "--image {}x{} has {} pixels, and the examples {features} features",
                image.width,
                image.height,
                image.width * image.height
            ))),
            Some(image) => Ok(image),
            None if pictures && features.isqrt().pow(2) != features => Err(Failure::input(format_args!(
                "{features} features are no square image; say its width and height: --image WxH"
            ))),
            None => Ok(Image { width: features.isqrt(), height: features.isqrt() }),
        }
    }
}

/// The tensors of the stack's layers, or of the autoencoder's.
fn tensors(stack: &Stack, unroll: bool) -> Vec<NamedTensor> {
    let network = if unroll { stack.to_autoencoder() } else { stack.to_network() };
    let mut tensors = Vec::new();
    for (index, layer) in network.layers.into_iter().enumerate() {
        let shape = vec![layer.weight.rows(), layer.weight.columns()];
        let mut push = |what: &str, shape, values| {
            tensors.push(NamedTensor { name: format!("layers.{index}.{what}"), shape, values });
        };
        push("weight", shape, layer.weight.values().to_vec());
        push("bias", vec![layer.bias.len()], layer.bias);
        if !unroll {
            let bias = stack.machines[index].visible_bias.clone();
            push("visible_bias", vec![bias.len()], bias);
        }
    }
    tensors
}

/// What made the weights, and how data have to be scaled for them.
fn remarks(options: &Options, examples: &Examples) -> Vec<(&'static str, String)> {
    let layers: Vec<String> = options.layers.iter().map(usize::to_string).collect();
    let activations = match (options.unroll, options.settings.is_gaussian()) {
        (true, true) => "sigmoid, the last linear",
        _ => "sigmoid",
    };
    vec![
        ("fanin.seed", options.seed.to_string()),
        ("fanin.pretrain.activation", activations.to_owned()),
        ("fanin.pretrain.layers", layers.join(",")),
        ("fanin.pretrain.scaling", examples.scaling()),
    ]
}
