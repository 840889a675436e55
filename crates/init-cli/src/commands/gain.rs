use std::io::{self, Write};

use clap::Args;
use init_core::{Activation, GainFamily, Nonlinearity, UnknownWord};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    figure::full,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The activation function, such as tanh, gelu or leaky_relu
    #[arg(value_name = "NAME")]
    name: String,

    /// The negative slope of leaky_relu
    #[arg(short, long, value_name = "SLOPE", default_value_t = Nonlinearity::DEFAULT_SLOPE, allow_negative_numbers = true)]
    a: f64,

    /// One JSON object; PyTorch's gain is null where it has none
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
        return Err(Failure::input(format_args!("-a is {}, but a slope is a finite number", options.a)));
    }
    let torch = options.name.parse::<Nonlinearity>();
    // PyTorch's words for a layer without an activation, such as conv2d.
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
    writeln!(out, "{activation:<22} {torch:<20} PyTorch's calculate_gain")?;
    for (family, gain, what) in [
        ("exact", exact, "1 / √E[φ²]: keeps the forward pass"),
        ("centred", centred, "1 / std φ: the same with standardised weights"),
        ("backward", backward, "1 / √E[φ′²]: keeps the backward pass"),
    ] {
        let name = format!("{family}({activation})");
        writeln!(out, "{name:<22} {:<20} {what}", full(gain))?;
    }
    Ok(())
}
