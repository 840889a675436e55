use std::ops::ControlFlow;

use init_core::{Activation, Initializer};
use init_data::{
    FirstLayer, Lsuv, Network,
    rbm::{self, Stack, Stacking, Visible},
    weight_norm,
};
use init_kernels::Stream;

use super::{Kind, Task};
use crate::{
    failure::{Failure, Outcome},
    scheme::{Scheme, parts},
};

/// Where a network begins, and the word that asked for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    /// As it was given.
    pub(crate) name: String,
    way: Way,
}

#[derive(Clone, Debug, PartialEq)]
enum Way {
    /// Weights drawn from an initializer, biases zero.
    Drawn(Initializer),
    /// Orthonormal, then of unit variance layer by layer.
    Lsuv,
    /// N(0, 0.05²), then each unit of mean 0 and variance 1.
    WeightNorm,
    /// The first layer from the data, the others as `lsuv` has them.
    First(FirstLayer),
    /// A stack of restricted Boltzmann machines.
    Rbm,
}

/// Words beside initializers, and what is said of them below the table.
const WORDS: [(&str, Way, &str); 5] = [
    ("lsuv", Way::Lsuv, "orthonormal, then scaled layer by layer to unit variance on the training data"),
    (
        "weight_norm",
        Way::WeightNorm,
        "N(0, 0.05²), then each unit scaled and shifted to mean 0 and variance 1 on the training data",
    ),
    ("pca", Way::First(FirstLayer::Pca), "the first layer from principal components, the others as lsuv has them"),
    ("kmeans", Way::First(FirstLayer::KMeans), "the first layer from spherical k-means, the others as lsuv has them"),
    (
        "rbm",
        Way::Rbm,
        "a stack of Bernoulli machines, trained layer by layer before, as `fanin pretrain` does it; its hidden units are sigmoid, \
         whatever --act says",
    ),
];

impl Start {
    /// Reads several, with commas between them.
    pub(crate) fn read_list(text: &str) -> Outcome<Vec<Self>> {
        let starts = parts(text).into_iter().map(Self::read).collect::<Outcome<Vec<_>>>()?;
        for (index, start) in starts.iter().enumerate() {
            if starts[..index].iter().any(|before| before.name == start.name) {
                return Err(Failure::input(format_args!("--init has `{}` twice; give it once", start.name)));
            }
        }
        Ok(starts)
    }

    fn read(text: &str) -> Outcome<Self> {
        let name = text.trim();
        if let Some((word, way, _)) = WORDS.into_iter().find(|(word, ..)| *word == name) {
            return Ok(Self { name: word.to_owned(), way });
        }
        let scheme = Scheme::read(text).map_err(|failure| match failure {
            Failure::Input(message) => {
                let words = WORDS.map(|(word, ..)| word).join(", ");
                let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
                let rest = if rest.is_empty() { String::new() } else { format!("\n{rest}") };
                Failure::Input(format!("{first}; --init takes standard, {words} too{rest}"))
            }
            failure => failure,
        })?;
        Ok(Self { name: scheme.name, way: Way::Drawn(scheme.initializer) })
    }

    /// What the word does not say by itself.
    pub(crate) fn note(&self) -> Option<&'static str> {
        let of_word = WORDS.into_iter().find(|(word, ..)| *word == self.name).map(|(.., note)| note);
        of_word.or((self.name == "standard")
            .then_some("U(±1/√fan_in) with biases of zero; PyTorch draws its biases like this too"))
    }

    /// φ of the hidden layers.
    pub(crate) fn activation(&self, task: &Task) -> Activation {
        if self.way == Way::Rbm { Activation::Sigmoid } else { task.network.activation }
    }

    /// How many steps of progress it takes to begin.
    pub(crate) fn steps(&self, task: &Task) -> u64 {
        let machines = match task.kind {
            Kind::Classes => task.network.hidden.len(),
            Kind::Reconstruction => task.network.hidden.len() / 2 + 1,
        };
        if self.way == Way::Rbm { task.pretraining * machines as u64 } else { 0 }
    }

    /// The network before it is trained. Weights are drawn as [`Network::drawn`] draws them.
    pub(crate) fn network(&self, task: &Task, stream: Stream, step: &dyn Fn()) -> Outcome<Network> {
        let refused = |error: &dyn std::fmt::Display| Failure::input(format_args!("{}: {error}", self.name));
        let (sizes, inputs) = (task.sizes(), &task.train.inputs);
        let (activation, slope) = (task.network.activation, task.network.slope);
        let drawn = |initializer: &Initializer| {
            Network::drawn(&sizes, activation, slope, initializer, stream).map_err(|error| refused(&error))
        };
        let mut network = match &self.way {
            Way::Drawn(initializer) => drawn(initializer)?,
            Way::Lsuv => {
                let lsuv = Lsuv::default().drawn(&sizes, activation, slope, inputs, stream);
                lsuv.map_err(|error| refused(&error))?.0
            }
            Way::WeightNorm => {
                let mut network = drawn(&init("normal(0, 0.05)")?)?;
                weight_norm(&mut network, inputs).map_err(|error| refused(&error))?;
                network
            }
            Way::First(first) => {
                let mut network = drawn(&init("orthogonal")?)?;
                first.set(&mut network, inputs, stream.child("first")).map_err(|error| refused(&error))?;
                Lsuv::default().scale(&mut network, inputs).map_err(|error| refused(&error))?;
                network
            }
            Way::Rbm => pretrained(task, stream, step).map_err(|error| refused(&error))?,
        };
        if let Some(last) = network.layers.last_mut() {
            last.activation = task.output_activation();
        }
        Ok(network)
    }
}

fn init(text: &str) -> Outcome<Initializer> {
    text.parse().map_err(Failure::failed)
}

/// A stack up to the last hidden layer, or to the code, and what is still missing: an output layer, or the way back.
fn pretrained(task: &Task, stream: Stream, step: &dyn Fn()) -> Result<Network, Box<dyn std::error::Error>> {
    let all = &task.network.hidden;
    let hidden = match task.kind {
        Kind::Classes => all.clone(),
        Kind::Reconstruction => all[..=all.len() / 2].to_vec(),
    };
    let training = vec![rbm::Training::default(); hidden.len()];
    let stacking = Stacking { visible: Visible::Bernoulli, hidden, training, epochs: task.pretraining };
    let stack = Stack::train(&task.train.inputs, &stacking, stream.child("rbm"), |_| {
        step();
        ControlFlow::Continue(())
    })?;
    if task.kind == Kind::Reconstruction {
        return Ok(stack.to_autoencoder());
    }
    let mut network = stack.to_network();
    let last = [all.last().copied().unwrap_or_default(), task.outputs()];
    let output = Network::drawn(&last, Activation::Linear, 0.0, &"xavier_uniform".parse()?, stream.child("output"))?;
    network.layers.extend(output.layers);
    Ok(network)
}
