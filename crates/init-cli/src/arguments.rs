//! The command line: options that all commands share, and the list of commands.

use clap::{Parser, Subcommand};
use init_kernels::threads::MAX_THREADS;

use crate::commands::{
    bench, bits, completions, diff, gain, init, inspect, list, man, plan, presets, resolve, trace, verify,
};
#[cfg(feature = "pretrain")]
use crate::commands::{compare, pretrain};

/// Initialise neural-network weights at the speed of memory, with the same bits on every machine
#[derive(Debug, Parser)]
#[command(name = "fanin", version, max_term_width = 100, after_help = AFTER)]
pub(crate) struct Arguments {
    /// Maximum number of threads [default: FANIN_THREADS, or one per CPU]; does not affect the values
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "N", value_parser = parse_threads)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) threads: Option<usize>,

    /// Print tables with every column at full width [default: fit the terminal]
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) wide: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The heading of the options that every command has.
const GLOBAL: &str = "Global options";

/// The text under the list of commands.
const AFTER: &str = "\
Examples:
  fanin init --preset gpt2 --seed 42 -o gpt2.safetensors
  fanin plan --preset gpt2
  fanin inspect gpt2.safetensors --preset gpt2
  fanin verify gpt2.safetensors --preset gpt2

`fanin help COMMAND` describes a command.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a model's initial weights to a file
    #[command(override_usage = INIT_USAGE)]
    Init(init::Options),
    /// Show what each parameter of a model would get, without writing a file
    #[command(override_usage = PLAN_USAGE)]
    Plan(plan::Options),
    /// List the presets: published models that are built in
    Presets(presets::Options),
    /// Compute statistics of the tensors in a file, and compare them with the recipe it was made
    /// from
    Inspect(inspect::Options),
    /// Check that a file is, bit for bit, the initial state of a model and seed
    ///
    /// The exit code is 0 if it is, 1 if it is not, and 2 for bad input.
    Verify(verify::Options),
    /// Compare two files: which tensors differ, and by how much
    ///
    /// The exit code is 0 even if they differ; with --json, `same` says whether they do.
    Diff(diff::Options),
    /// Train stacked restricted Boltzmann machines, and write them as a network's initial weights
    #[cfg(feature = "pretrain")]
    Pretrain(pretrain::Options),
    /// Write a raw random stream to standard output, for test suites such as PractRand
    Bits(bits::Options),
    /// Show the distribution that an initializer resolves to for a shape, or the defaults of a
    /// layer
    #[command(override_usage = RESOLVE_USAGE)]
    Resolve(resolve::Options),
    /// Trace activations and gradients through a stack of layers, and compare initializers
    Trace(trace::Options),
    /// List the initializers or the schemes, or describe one of them
    List(list::Options),
    /// Print the gains of an activation function: PyTorch's and the exact ones
    Gain(gain::Options),
    /// Train small networks from different initial weights, and compare their test errors
    #[cfg(feature = "pretrain")]
    Compare(compare::Options),
    /// Measure the speed of each fill against this machine's memory bandwidth
    Bench(bench::Options),
    /// Show the version, value format, SIMD levels and number of threads
    Info,
    /// Print a completion script for a shell
    Completions(completions::Options),
    /// Print a manual page; read it with `man -l -`
    Man(man::Options),
}

const INIT_USAGE: &str = "\
fanin init [OPTIONS] -o <OUT.safetensors> <RECIPE.toml>
       fanin init [OPTIONS] -o <OUT.safetensors> --preset <NAME>
       fanin init [OPTIONS] -o <OUT.safetensors> --config <CONFIG.json> [--rules <RECIPE.toml>]
       fanin init [OPTIONS] -o <OUT.safetensors> --like <MODEL.safetensors> --rules <RECIPE.toml>";

const PLAN_USAGE: &str = "\
fanin plan [OPTIONS] <RECIPE.toml>
       fanin plan [OPTIONS] --preset <NAME>
       fanin plan [OPTIONS] --config <CONFIG.json> [--rules <RECIPE.toml>]
       fanin plan [OPTIONS] --like <MODEL.safetensors> --rules <RECIPE.toml>";

const RESOLVE_USAGE: &str = "\
fanin resolve [OPTIONS] <INITIALIZER> <SHAPE>...
       fanin resolve [OPTIONS] --layer <LAYER> <SIZE>...";

fn parse_threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=MAX_THREADS) => Ok(threads),
        _ => Err(format!("must be a whole number between 1 and {MAX_THREADS}, got {text}")),
    }
}
