//! The ways to initialise the networks of a comparison.

use init_core::{Activation, Gain, Initializer};
use init_data::{
    FirstLayer, Lsuv, Network, NetworkError,
    rbm::{RbmError, RbmStack, StackOptions, TrainingOptions, Visible},
    weight_norm,
};
use init_kernels::{Progress, Stream};

use super::task::{Task, TaskKind};
use crate::{
    failure::{Failure, Outcome},
    scheme::{Scheme, parts},
};

/// A way to initialise a network, and the word that selects it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    /// The word or initializer as given.
    pub(crate) name: String,
    method: Method,
}

#[derive(Clone, Debug, PartialEq)]
enum Method {
    /// Weights drawn from an initializer, biases zero.
    Drawn(Initializer),
    /// Orthonormal weights, then unit variance layer by layer.
    Lsuv,
    /// Weights from N(0, 0.05²), then mean 0 and variance 1 of each unit.
    WeightNorm,
    /// The first layer from the data, the others as for `lsuv`.
    First(FirstLayer),
    /// A stack of restricted Boltzmann machines.
    Rbm,
}

/// The words accepted in addition to initializers, with the notes shown below the table.
const WORDS: [(&str, Method, &str); 5] = [
    ("lsuv", Method::Lsuv, "orthonormal, then scaled layer by layer to unit variance on the training data"),
    (
        "weight_norm",
        Method::WeightNorm,
        "N(0, 0.05²), then each unit scaled and shifted to mean 0 and variance 1 on the training data",
    ),
    ("pca", Method::First(FirstLayer::Pca), "the first layer from principal components, the others as for lsuv"),
    ("kmeans", Method::First(FirstLayer::KMeans), "the first layer from spherical k-means, the others as for lsuv"),
    (
        "rbm",
        Method::Rbm,
        "a stack of restricted Boltzmann machines, pretrained layer by layer as by `fanin pretrain`; its hidden units \
         are sigmoid, whatever --act says",
    ),
];

impl Start {
    /// Parses a list separated by commas.
    pub(crate) fn read_list(text: &str) -> Outcome<Vec<Self>> {
        let starts = parts(text).into_iter().map(Self::read).collect::<Outcome<Vec<_>>>()?;
        for (index, start) in starts.iter().enumerate() {
            if starts[..index].iter().any(|before| before.name == start.name) {
                return Err(Failure::input(format_args!(
                    "--init must name each scheme once, got `{}` twice",
                    start.name
                )));
            }
        }
        Ok(starts)
    }

    fn read(text: &str) -> Outcome<Self> {
        let name = text.trim();
        if let Some((word, method, _)) = WORDS.into_iter().find(|(word, ..)| *word == name) {
            return Ok(Self { name: word.to_owned(), method });
        }
        let scheme = Scheme::read(text).map_err(|failure| match failure {
            Failure::Input(message) => {
                let words = WORDS.map(|(word, ..)| word).join(", ");
                let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
                let rest = if rest.is_empty() { String::new() } else { format!("\n{rest}") };
                Failure::Input(format!("{first}; --init also takes standard, {words}{rest}"))
            }
            failure => failure,
        })?;
        Ok(Self { name: scheme.name, method: Method::Drawn(scheme.initializer) })
    }

    /// Returns the note that explains the word.
    pub(crate) fn note(&self) -> Option<&'static str> {
        let of_word = WORDS.into_iter().find(|(word, ..)| *word == self.name).map(|(.., note)| note);
        of_word.or((self.name == "standard")
            .then_some("uniform on ±1/√fan_in, with biases of zero; PyTorch draws its biases in the same way"))
    }

    /// Returns the activation of the hidden layers.
    pub(crate) fn activation(&self, task: &Task) -> Activation {
        if self.method == Method::Rbm { Activation::Sigmoid } else { task.network.activation }
    }

    /// Returns the units of progress of the initialisation: epochs of pretraining.
    pub(crate) fn steps(&self, task: &Task) -> u64 {
        let machines = match task.kind {
            TaskKind::Classes => task.network.hidden.len(),
            TaskKind::Reconstruction => task.network.hidden.len() / 2 + 1,
        };
        if self.method == Method::Rbm { task.pretraining * machines as u64 } else { 0 }
    }

    /// Initialises the network. Weights are drawn as [`Network::drawn`] does. `None` if `progress`
    /// cancels.
    pub(crate) fn network(&self, task: &Task, stream: Stream, progress: Progress<'_>) -> Outcome<Option<Network>> {
        let refused = |error: &dyn std::fmt::Display| Failure::input(format_args!("{}: {error}", self.name));
        let (sizes, inputs) = (task.sizes(), &task.train.inputs);
        let (activation, slope) = (task.network.activation, task.network.slope);
        let drawn = |initializer: &Initializer| {
            Network::drawn(&sizes, activation, slope, initializer, stream).map_err(|error| refused(&error))
        };
        let mut network = match &self.method {
            Method::Drawn(initializer) => drawn(initializer)?,
            Method::Lsuv => {
                let lsuv = Lsuv::default().drawn(&sizes, activation, slope, inputs, stream);
                lsuv.map_err(|error| refused(&error))?.0
            }
            Method::WeightNorm => {
                let mut network = drawn(&init("normal(0, 0.05)")?)?;
                weight_norm(&mut network, inputs).map_err(|error| refused(&error))?;
                network
            }
            Method::First(first) => {
                let mut network = drawn(&init("orthogonal")?)?;
                first.set(&mut network, inputs, stream.child("first")).map_err(|error| refused(&error))?;
                Lsuv::default().scale(&mut network, inputs).map_err(|error| refused(&error))?;
                network
            }
            Method::Rbm => match pretrained(task, stream, progress) {
                Ok(network) => network,
                Err(PretrainError::Rbm(RbmError::Cancelled(_))) => return Ok(None),
                Err(error) => return Err(refused(&error)),
            },
        };
        if let Some(last) = network.layers.last_mut() {
            last.activation = task.output_activation();
        }
        Ok(Some(network))
    }
}

fn init(text: &str) -> Outcome<Initializer> {
    text.parse().map_err(Failure::failed)
}

/// An error of pretraining.
#[derive(Debug, thiserror::Error)]
enum PretrainError {
    #[error(transparent)]
    Rbm(#[from] RbmError),
    #[error(transparent)]
    Output(#[from] NetworkError),
}

/// Pretrains a stack up to the last hidden layer, or up to the code, and adds the output layer, or
/// the decoder.
fn pretrained(task: &Task, stream: Stream, progress: Progress<'_>) -> Result<Network, PretrainError> {
    let all = &task.network.hidden;
    let hidden = match task.kind {
        TaskKind::Classes => all.clone(),
        TaskKind::Reconstruction => all[..=all.len() / 2].to_vec(),
    };
    let training = vec![TrainingOptions::default(); hidden.len()];
    let options = StackOptions { visible: Visible::Bernoulli, hidden, training, epochs: task.pretraining };
    let stack = RbmStack::train(&task.train.inputs, &options, stream.child("rbm"), progress, |_| {})?;
    if task.kind == TaskKind::Reconstruction {
        return Ok(stack.to_autoencoder());
    }
    let mut network = stack.to_network();
    let last = [all.last().copied().unwrap_or_default(), task.outputs()];
    let xavier = Initializer::XavierUniform { gain: Gain::Value(1.0) };
    let output = Network::drawn(&last, Activation::Linear, 0.0, &xavier, stream.child("output"))?;
    network.layers.extend(output.layers);
    Ok(network)
}
