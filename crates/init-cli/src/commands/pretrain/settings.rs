use clap::{Args, ValueEnum};
use init_data::rbm::{Method, Momentum, Reconstruction, Sparsity, Stacking, Training, Visible};

/// How machines are trained.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// The first machine's visible units: for values scaled into [0, 1], or standardised column by column
    #[arg(long, value_name = "bernoulli|gaussian", hide_possible_values = true, default_value = "bernoulli")]
    visible: Units,

    /// Passes over the examples, for each machine
    #[arg(long, value_name = "N", default_value = "30", value_parser = whole, allow_negative_numbers = true)]
    pub(super) epochs: u64,

    /// Examples a step
    #[arg(long, value_name = "N", default_value = "20", value_parser = units, allow_negative_numbers = true)]
    batch: usize,

    /// One for all machines, or one for each [default: 0.05; with --pcd 0.01; for Gaussian units 0.005]
    #[arg(long, value_name = "RATE[,RATE…]", value_delimiter = ',', value_parser = number)]
    #[arg(allow_negative_numbers = true)]
    learning_rate: Vec<f64>,

    /// In the first five epochs, and after them; or one for all
    #[arg(long, value_name = "PART[,PART]", value_delimiter = ',', default_value = "0.5,0.9", value_parser = number)]
    #[arg(allow_negative_numbers = true)]
    momentum: Vec<f64>,

    /// What each step takes off the weights, as a part of the learning rate
    #[arg(long, value_name = "PART", default_value = "0.0002", value_parser = number, allow_negative_numbers = true)]
    weight_decay: f64,

    /// How often hidden units should be on, from 0 to 1 [default: as it comes]
    #[arg(long, value_name = "TARGET", value_parser = number, allow_negative_numbers = true)]
    sparsity: Option<f64>,

    /// How strongly they are drawn there
    #[arg(long, value_name = "COST", default_value = "0.1", value_parser = number, allow_negative_numbers = true)]
    #[arg(requires = "sparsity")]
    sparsity_cost: f64,

    /// Contrastive divergence of K steps from the examples [default: of one]
    #[arg(long, value_name = "K", value_parser = units, conflicts_with = "pcd", allow_negative_numbers = true)]
    cd: Option<usize>,

    /// Contrastive divergence of K steps of persistent chains
    #[arg(long, value_name = "K", value_parser = units, allow_negative_numbers = true)]
    pcd: Option<usize>,

    /// Draw the visible units of the chains, instead of taking their means: for the likelihood, not for reconstructions
    #[arg(long)]
    draw_visible: bool,
}

/// What the first machine's visible units are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Units {
    Bernoulli,
    Gaussian,
}

impl Settings {
    pub(super) fn is_gaussian(&self) -> bool {
        self.visible == Units::Gaussian
    }

    /// The training of a stack whose machines have so many hidden units.
    pub(super) fn stacking(&self, hidden: &[usize]) -> Stacking {
        let visible = if self.is_gaussian() { Visible::Gaussian } else { Visible::Bernoulli };
        let rate = |index: usize| match self.learning_rate[..] {
            [] if index == 0 && self.is_gaussian() => 0.005,
            // Persistent chains have to keep up with the weights (Tieleman 2008).
            [] if self.pcd.is_some() => 0.01,
            [] => Training::default().learning_rate,
            [one] => one,
            ref several => several.get(index).copied().unwrap_or(f64::NAN),
        };
        let training = (0..hidden.len().max(self.rates())).map(|index| self.training(rate(index))).collect();
        Stacking { visible, hidden: hidden.to_vec(), training, epochs: self.epochs }
    }

    /// Learning rates that are given one for each machine.
    pub(super) fn rates(&self) -> usize {
        if self.learning_rate.len() > 1 { self.learning_rate.len() } else { 0 }
    }

    fn training(&self, learning_rate: f64) -> Training {
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
        Training {
            method,
            reconstruction,
            batch: self.batch,
            learning_rate,
            momentum,
            weight_decay: self.weight_decay,
            sparsity,
        }
    }

    /// Each option and its value, for runs that go on from another.
    pub(super) fn listed(&self, hidden: &[usize]) -> Vec<(&'static str, String)> {
        let stacking = self.stacking(hidden);
        let training = &stacking.training[0];
        let rates: Vec<String> = stacking.training.iter().map(|training| training.learning_rate.to_string()).collect();
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

/// For clap, whose own parsers of numbers do not say what would do.
pub(super) fn units(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(units @ 1..) => Ok(units),
        _ => Err("it is a whole number from 1 on".to_owned()),
    }
}

fn whole(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(epochs @ 1..=1_000_000) => Ok(epochs),
        _ => Err("it is a whole number from 1 to 1000000".to_owned()),
    }
}

pub(super) fn number(text: &str) -> Result<f64, String> {
    text.trim().parse().map_err(|_| "it is a number such as 0.1".to_owned())
}
