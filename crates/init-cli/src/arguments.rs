use clap::{Parser, Subcommand};

use crate::commands::{
    bench, bits, completions, diff, gain, init, inspect, list, man, plan, presets, resolve, trace, verify,
};
#[cfg(feature = "pretrain")]
use crate::commands::{compare, pretrain};

/// Initialises neural-network weights at the speed of memory, with the same bits on every machine
#[derive(Debug, Parser)]
#[command(name = "fanin", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Threads to work with [default: one a processor]; the values do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = threads, allow_negative_numbers = true)]
    pub(crate) threads: Option<usize>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a model's initial weights, from a recipe, a config.json, a preset or an existing file's shapes
    Init(init::Options),
    /// Say what each parameter of a model would get, as a table, JSON or CSV
    Plan(plan::Options),
    /// List the published models that are known by name
    Presets(presets::Options),
    /// Measure the tensors of a file, and compare them with the recipe that made it
    Inspect(inspect::Options),
    /// Say whether a file is exactly the initial state of a model and seed: exit code 0 if it is, 1 if not
    Verify(verify::Options),
    /// Say which tensors of a file have moved away from another's, and by how much
    Diff(diff::Options),
    /// Train stacked restricted Boltzmann machines, and write them as a network's initial weights
    #[cfg(feature = "pretrain")]
    Pretrain(pretrain::Options),
    /// Write a raw random stream to standard output, for PractRand and its like
    Bits(bits::Options),
    /// Say what an initializer comes to for a shape
    Resolve(resolve::Options),
    /// Trace activations and gradients through a stack of layers, and compare initializers
    Trace(trace::Options),
    /// Name every initializer or scheme, its parameters and their defaults
    List(list::Options),
    /// Give PyTorch's and the exact gains of an activation function
    Gain(gain::Options),
    /// Train small networks on data from different initial weights, and compare their errors
    #[cfg(feature = "pretrain")]
    Compare(compare::Options),
    /// Measure how near each fill comes to this machine's memory bandwidth, at each level
    Bench(bench::Options),
    /// Say which version, value format, instruction sets and threads are in use
    Info,
    /// Print the completions of a shell, to be sourced by it
    Completions(completions::Options),
    /// Print the manual page of the program or of a command, for `man -l -`
    Man(man::Options),
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=4096) => Ok(threads),
        _ => Err("it is a whole number from 1 to 4096".to_owned()),
    }
}
