//! `fanin pretrain`: stacked restricted Boltzmann machines as the initial weights of a network.

mod checkpoint;
mod examples;
mod options;
#[cfg(feature = "plot")]
mod pictures;
mod report;
mod settings;

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use init_data::rbm::{Ais, Epoch, RbmError, RbmStack, StackState};
use init_kernels::{Progress, Stream};
use init_model::{NamedTensor, Replacement, save};

pub(crate) use self::options::Options;
use self::{
    checkpoint::Checkpoint,
    examples::Examples,
    report::{Likelihood, Report, Trained},
};
use crate::{
    failure::{Failure, Outcome},
    progress,
    signal::Signals,
};

/// The time between checkpoints.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(10);

pub(crate) fn run(options: &Options) -> Outcome {
    let examples = Examples::read(options)?;
    #[cfg(feature = "plot")]
    let image = options.image(examples.features())?;
    let stack_options = options.settings.stack(&options.layers[1..]);
    stack_options.check(&examples.training)?;
    let checkpoint = Checkpoint::new(options, &examples);
    check_paths(options, &checkpoint)?;
    let state = checkpoint.begin(options.resume)?;
    let signals = Signals::catch().map_err(Failure::failed)?;
    for warning in examples.warnings() {
        eprintln!("warning: {warning}");
    }

    let trained = train(options, &examples, &checkpoint, &signals, state)?;
    let stack = &trained.stack;
    save(&options.output, &tensors(stack, options.unroll), &metadata(options, &examples), Progress::none())?;
    checkpoint.remove();
    let likelihood = options.log_likelihood.then(|| likelihood(options, &examples, stack, &signals)).transpose()?;
    #[cfg(feature = "plot")]
    {
        if let Some(path) = &options.filters {
            pictures::filters(path, image, &stack.machines[0])?;
        }
        if let Some(path) = &options.reconstructions {
            pictures::reconstructions(path, image, &examples, stack)?;
        }
    }

    let report = Report { options, examples: &examples, stack_options: &stack_options, trained: &trained, likelihood };
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

/// Trains with a progress bar, and saves a checkpoint at intervals and on a signal.
fn train(
    options: &Options,
    examples: &Examples,
    checkpoint: &Checkpoint,
    signals: &Signals,
    state: StackState,
) -> Outcome<Trained> {
    let stack_options = options.settings.stack(&options.layers[1..]);
    let epochs = stack_options.epochs;
    let bar = progress::epochs(epochs * stack_options.hidden.len() as u64, options.quiet || options.json);
    bar.set_position(state.errors.iter().map(|errors| errors.len() as u64).sum());
    // Set after a checkpoint only, so that a cancelled run can always be resumed.
    let stop = AtomicBool::new(false);
    let report = |epochs| {
        bar.inc(epochs);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut trained = Trained::new(stack_options.hidden.len());
    trained.errors.clone_from(&state.errors);
    let (mut saved, mut last) = (Instant::now(), Instant::now());
    let (mut reached, mut failure) = ((0, 0), None);
    let observe = |epoch: &Epoch<'_>| {
        trained.seconds[epoch.layer] += last.elapsed().as_secs_f64();
        trained.errors = epoch.errors.to_vec();
        reached = (epoch.layer + 1, epoch.state.epochs);
        bar.set_message(format!("layer {}, reconstruction error {:.4}", epoch.layer + 1, epoch.error()));
        let is_signalled = signals.noted().is_some();
        if is_signalled || saved.elapsed() > CHECKPOINT_INTERVAL {
            failure = checkpoint.save(epoch).err();
            stop.store(is_signalled || failure.is_some(), Ordering::Relaxed);
            saved = Instant::now();
        }
        last = Instant::now();
    };
    let (stream, progress) = (Stream::new(options.seed), Progress::new(&report));
    let stack = RbmStack::resume(state, &examples.training, &stack_options, stream, progress, observe);
    bar.finish_and_clear();
    if let Some(failure) = failure {
        return Err(failure);
    }
    match (stack, signals.noted()) {
        (Ok(stack), _) => Ok(Trained { stack, ..trained }),
        (Err(RbmError::Cancelled(_)), Some(signal)) => {
            let ((layer, epoch), path) = (reached, checkpoint.path().display());
            let message = format!(
                "interrupted after epoch {epoch} of {epochs} of layer {layer}; add --resume to continue from `{path}`"
            );
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

/// Computes the log-likelihood of the first machine with a progress bar.
fn likelihood(options: &Options, examples: &Examples, stack: &RbmStack, signals: &Signals) -> Outcome<Likelihood> {
    let bar = progress::steps(Ais::default().steps as u64, options.quiet || options.json);
    let report = |steps| {
        bar.inc(steps);
        signals.flow()
    };
    let likelihood = Likelihood::of(&stack.machines[0], examples, options.seed, Progress::new(&report));
    bar.finish_and_clear();
    likelihood.map_err(|error| match (error, signals.noted()) {
        (RbmError::Cancelled(_), Some(signal)) => {
            let path = options.output.display();
            let message =
                format!("interrupted before the log-likelihood was computed; the layers are written to {path}");
            Failure::Interrupted(message, signal)
        }
        (error, _) => error.into(),
    })
}

/// Checks before the training that all files can be written, and that no two are the same.
fn check_paths(options: &Options, checkpoint: &Checkpoint) -> Outcome {
    let mut paths: Vec<&Path> = vec![&options.output, checkpoint.path()];
    #[cfg(feature = "plot")]
    paths.extend(options.filters.iter().chain(&options.reconstructions).map(std::path::PathBuf::as_path));
    for path in &paths {
        drop(Replacement::new(path)?);
    }
    if !options.force && options.output.exists() {
        return Err(Failure::input(format_args!(
            "`{}` exists; name another file, or allow overwriting with --force",
            options.output.display()
        )));
    }
    paths.push(&options.data);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    for (index, path) in paths.iter().enumerate() {
        if paths[..index].iter().any(|other| real(other) == real(path)) {
            let path = path.display();
            return Err(Failure::input(format_args!("`{path}` is named twice; give each file its own name")));
        }
    }
    Ok(())
}

/// Returns the tensors of the stack's layers, or of the autoencoder.
fn tensors(stack: &RbmStack, unroll: bool) -> Vec<NamedTensor> {
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

/// Returns the metadata of the file: how the weights were made, and how data must be scaled for
/// them.
fn metadata(options: &Options, examples: &Examples) -> Vec<(&'static str, String)> {
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
