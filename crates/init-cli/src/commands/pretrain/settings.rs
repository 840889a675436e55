//! The training options of `fanin pretrain`.

use clap::{Args, ValueEnum};
use init_data::rbm::{Method, Momentum, Reconstruction, Sparsity, StackOptions, TrainingOptions, Visible};

/// The options that control training.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// Visible units of the first machine: bernoulli for values scaled to [0, 1], gaussian for
    /// standardised columns
    #[arg(long, value_name = "bernoulli|gaussian", hide_possible_values = true, default_value = "bernoulli")]
    visible: Units,

    /// Number of passes over the examples, for each machine
    #[arg(long, value_name = "N", default_value = "30", value_parser = parse_epochs, allow_negative_numbers = true)]
    pub(super) epochs: u64,

    /// Batch size
    #[arg(long, value_name = "N", default_value = "20", value_parser = parse_units, allow_negative_numbers = true)]
    batch: usize,

    /// Learning rate, one for all machines or one for each
    /// [default: 0.05; with --pcd 0.01; for Gaussian units 0.005]
    #[arg(long, value_name = "RATE[,RATE…]", value_delimiter = ',', value_parser = parse_number)]
    #[arg(allow_negative_numbers = true)]
    learning_rate: Vec<f64>,

    /// Momentum coefficient in the first five epochs and after them, or one for all epochs
    #[arg(long, value_name = "COEFFICIENT[,COEFFICIENT]", value_delimiter = ',', default_value = "0.5,0.9")]
    #[arg(value_parser = parse_number)]
    #[arg(allow_negative_numbers = true)]
    momentum: Vec<f64>,

    /// Weight decay per step, as a fraction of the learning rate
    #[arg(long, value_name = "FRACTION", default_value = "0.0002", value_parser = parse_number)]
    #[arg(allow_negative_numbers = true)]
    weight_decay: f64,

    /// Target fraction of examples for which a hidden unit is on, from 0 to 1 [default: no target]
    #[arg(long, value_name = "TARGET", value_parser = parse_number, allow_negative_numbers = true)]
    sparsity: Option<f64>,

    /// Weight of the penalty on units that miss the target
    #[arg(long, value_name = "COST", default_value = "0.1", value_parser = parse_number, allow_negative_numbers = true)]
    #[arg(requires = "sparsity")]
    sparsity_cost: f64,

    /// Contrastive divergence with K steps from the examples [default: 1]
    #[arg(long, value_name = "K", value_parser = parse_units, conflicts_with = "pcd", allow_negative_numbers = true)]
    cd: Option<usize>,

    /// Persistent contrastive divergence with K steps per batch
    #[arg(long, value_name = "K", value_parser = parse_units, allow_negative_numbers = true)]
    pcd: Option<usize>,

    /// Draw the visible units of the chains instead of using their means: better for the
    /// likelihood, not for reconstructions
    #[arg(long)]
    draw_visible: bool,
}

/// The kind of the first machine's visible units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Units {
    Bernoulli,
    Gaussian,
}

impl Settings {
    pub(super) fn is_gaussian(&self) -> bool {
        self.visible == Units::Gaussian
    }

    /// Returns the options of a stack whose machines have that many hidden units.
    pub(super) fn stack(&self, hidden: &[usize]) -> StackOptions {
        let visible = if self.is_gaussian() { Visible::Gaussian } else { Visible::Bernoulli };
        let rate = |index: usize| match self.learning_rate[..] {
            [] if index == 0 && self.is_gaussian() => 0.005,
            // Persistent chains must keep up with the weights (Tieleman 2008).
            [] if self.pcd.is_some() => 0.01,
            [] => TrainingOptions::default().learning_rate,
            [one] => one,
            ref several => several.get(index).copied().unwrap_or(f64::NAN),
        };
        let training = (0..hidden.len().max(self.rates())).map(|index| self.training(rate(index))).collect();
        StackOptions { visible, hidden: hidden.to_vec(), training, epochs: self.epochs }
    }

    /// Returns the number of learning rates, if they are given per machine; otherwise 0.
    pub(super) fn rates(&self) -> usize {
        if self.learning_rate.len() > 1 { self.learning_rate.len() } else { 0 }
    }

    fn training(&self, learning_rate: f64) -> TrainingOptions {
        let method = match (self.cd, self.pcd) {
            (_, Some(k)) => Method::Pcd(k),
            (k, None) => Method::Cd(k.unwrap_or(1)),
        };
        let reconstruction = if self.draw_visible { Reconstruction::Drawn } else { Reconstruction::Means };
        let (first, last) = match self.momentum[..] {
            [first, last] => (first, last),
            [one] => (one, one),
            _ => (f64::NAN, f64::NAN),
        };
        let momentum = Momentum { first, last, epochs: 5 };
        let sparsity = self.sparsity.map(|target| Sparsity { cost: self.sparsity_cost, ..Sparsity::new(target) });
        TrainingOptions {
            method,
            reconstruction,
            batch: self.batch,
            learning_rate,
            momentum,
            weight_decay: self.weight_decay,
            sparsity,
        }
    }

    /// Lists the options and their values, which a resumed run compares with its own.
    pub(super) fn listed(&self, hidden: &[usize]) -> Vec<(&'static str, String)> {
        let stack = self.stack(hidden);
        let training = &stack.training[0];
        let rates: Vec<String> = stack.training.iter().map(|training| training.learning_rate.to_string()).collect();
        let sparsity = training.sparsity.map_or("none".to_owned(), |sparsity| sparsity.target.to_string());
        vec![
            ("visible", if self.is_gaussian() { "gaussian" } else { "bernoulli" }.to_owned()),
            ("epochs", self.epochs.to_string()),
            ("batch", self.batch.to_string()),
            ("learning-rate", rates.join(",")),
            ("momentum", format!("{},{}", training.momentum.first, training.momentum.last)),
            ("weight-decay", self.weight_decay.to_string()),
            ("sparsity", sparsity),
            ("sparsity-cost", self.sparsity_cost.to_string()),
            (if self.pcd.is_some() { "pcd" } else { "cd" }, self.pcd.or(self.cd).unwrap_or(1).to_string()),
            ("draw-visible", self.draw_visible.to_string()),
        ]
    }
}

/// Parses a number of at least 1; clap's own parsers do not name the values allowed.
pub(super) fn parse_units(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(units @ 1..) => Ok(units),
        _ => Err("must be a whole number of at least 1".to_owned()),
    }
}

fn parse_epochs(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(epochs @ 1..=1_000_000) => Ok(epochs),
        _ => Err("must be a whole number from 1 to 1000000".to_owned()),
    }
}

pub(super) fn parse_number(text: &str) -> Result<f64, String> {
    text.trim().parse().map_err(|_| "must be a number, such as 0.1".to_owned())
}
