//! `fanin gain`: the gains of an activation function.

use std::io::{self, Write};

use clap::Args;
use init_core::{Activation, Nonlinearity, UnknownWord, gain::GainFamily};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    number::full,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Activation function, such as tanh, gelu or leaky_relu; PyTorch's spellings such as ReLU are
    /// accepted
    #[arg(value_name = "NAME")]
    name: String,

    /// Negative slope of leaky_relu
    #[arg(short, long, value_name = "SLOPE", default_value_t = Nonlinearity::DEFAULT_SLOPE)]
    #[arg(allow_negative_numbers = true)]
    a: f64,

    /// Print a JSON object; `torch` is null where PyTorch has no gain
    #[arg(long)]
    json: bool,
}

/// The gains of one activation.
#[derive(Debug, Serialize)]
struct Gains {
    name: String,
    torch: Option<f64>,
    exact: f64,
    centred: f64,
    backward: f64,
}

pub(crate) fn run(options: &Options) -> Outcome {
    if !options.a.is_finite() {
        return Err(Failure::input(format_args!("`-a` must be a finite number, got {}", options.a)));
    }
    let torch = options.name.parse::<Nonlinearity>();
    // PyTorch names layers without an activation too, such as conv2d.
    let name = torch.as_ref().map_or(options.name.as_str(), |plain| plain.name());
    let activation: Activation = name.parse().map_err(|error: UnknownWord| Failure::input(error))?;
    let [exact, centred, backward] = GainFamily::ALL.map(|family| family.gain(activation, options.a));
    let torch = torch.ok().map(|plain| plain.gain(options.a));
    let gains = Gains { name: activation.to_string(), torch, exact, centred, backward };

    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&gains).map_err(Failure::failed)?)?;
        return Ok(());
    }
    let torch = gains.torch.map_or_else(|| "–".to_owned(), full);
    // As wide as its longest name.
    let width = format!("backward({activation})").len();
    writeln!(out, "{:<width$}  {torch:<18}  PyTorch's calculate_gain", gains.name)?;
    for (family, gain, what) in [
        ("exact", exact, "1/√E[φ²]: preserves the forward signal"),
        ("centred", centred, "1/std φ: for standardised weights"),
        ("backward", backward, "1/√E[φ′²]: preserves the gradients"),
    ] {
        let name = format!("{family}({activation})");
        writeln!(out, "{name:<width$}  {:<18}  {what}", full(gain))?;
    }
    Ok(())
}
