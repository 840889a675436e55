use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_model::{Difference, Found, Header, Plan, Verification, verify};

use crate::{
    failure::{Failure, Outcome},
    figure::{full, grouped},
    model::{MadeFrom, Overlay},
    progress,
    rank::RankOptions,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file to verify; an index of several or their folder stands for all of them
    #[arg(value_name = "FILE.safetensors")]
    file: PathBuf,

    #[command(flatten)]
    made_from: MadeFrom,

    #[command(flatten)]
    overlay: Overlay,

    #[command(flatten)]
    rank: RankOptions,

    /// No progress bar, and nothing but the exit code
    #[arg(short, long)]
    quiet: bool,
}

/// The tensors that are listed one by one.
const LISTED: usize = 20;

pub(crate) fn run(options: &Options) -> Outcome {
    let header = Header::read(&options.file)?;
    let recipe = options.made_from.recipe(options.overlay.rules.as_deref(), &options.file, &header)?;
    let recipe = recipe.ok_or_else(|| {
        Failure::input("no model: give --recipe, --config, --preset, or --like with --rules, as it was given to `init`")
    })?;
    let mut recipe = options.overlay.over(recipe)?;
    let origin = seed(options, &header, &mut recipe.seed)?;
    let plan = options.rank.plan(recipe.plan()?)?;

    let bar = progress::bar(plan.bytes(), options.quiet);
    let result = verify(&options.file, &plan, &|compared| bar.inc(compared));
    bar.finish_and_clear();
    let found = result?;
    if !options.quiet {
        let mut out = io::stdout().lock();
        for line in report(options, &plan, &origin, &found) {
            writeln!(out, "{line}")?;
        }
    }
    if found.is_exact() { Ok(()) } else { Err(Failure::Differs) }
}

/// Takes the file's own seed where none is given, and says where the seed is from.
fn seed(options: &Options, header: &Header, seed: &mut Option<u64>) -> Outcome<String> {
    if options.overlay.seed.is_some() {
        return Ok("as given".to_owned());
    }
    match (header.metadata().get("fanin.seed"), *seed) {
        (Some(remark), earlier) => {
            let found = remark.parse().map_err(|_| {
                Failure::input(format_args!(
                    "`{}` says of itself that its seed is `{}`, which is no seed; give --seed",
                    options.file.display(),
                    cut(remark)
                ))
            })?;
            *seed = Some(found);
            let other = earlier.filter(|&earlier| earlier != found);
            let other = other.map(|earlier| format!("; the recipe has {earlier}")).unwrap_or_default();
            Ok(format!("from the file's own remark{other}"))
        }
        (None, Some(_)) => Ok("from the recipe; the file names none".to_owned()),
        (None, None) => Ok("the default; neither the file nor the recipe names one".to_owned()),
    }
}

fn report(options: &Options, plan: &Plan, origin: &str, found: &Verification) -> Vec<String> {
    let (file, made_from) = (options.file.display(), options.made_from.name());
    let all = plan.entries().len();
    let tensors = if all == 1 { "tensor" } else { "tensors" };
    let seed = format!("seed {} ({origin})", plan.seed());
    if found.is_exact() {
        let values = grouped(plan.elements());
        return vec![format!(
            "{file} is exactly the initial state of {made_from} with {seed}: {all} {tensors}, {values} values, bit for bit"
        )];
    }
    let mut lines = vec![format!("{file} is NOT the initial state of {made_from} with {seed}")];
    lines.extend(found.differences.iter().take(LISTED).map(|difference| line(found, difference)));
    if let Some(more) = found.differences.len().checked_sub(LISTED).filter(|&more| more > 0) {
        lines.push(format!("  and {more} more"));
    }
    let values: u64 = (found.differences.iter())
        .map(|difference| match difference.found {
            Found::Values { count, .. } => count,
            Found::DType { .. } => 0,
        })
        .sum();
    let differing = found.differences.len();
    let of = grouped(plan.elements());
    lines.push(format!("{differing} of {all} {tensors} differ, in {} of {of} values", grouped(values)));
    if found.differences.iter().any(|difference| matches!(difference.found, Found::DType { .. })) {
        lines.push("tensors of another dtype were not compared; give the --dtype that was given to `init`".to_owned());
    }
    lines.extend(other_format(&found.header));
    lines
}

fn line(found: &Verification, difference: &Difference) -> String {
    let tensor = found.tensor(difference);
    let name = tensor.name.escape_debug();
    match difference.found {
        Found::DType { expected } => format!("  {name}: {} in the file, {expected} expected", tensor.format),
        Found::Values { count, flat, expected, found } => {
            let index = index(flat, &tensor.shape);
            let all: u64 = tensor.shape.iter().map(|&dim| dim as u64).product();
            format!(
                "  {name}: {} of {} values differ, first at flat index {flat}, {index:?}: expected {}, found {}",
                grouped(count),
                grouped(all),
                full(expected),
                full(found)
            )
        }
    }
}

/// The index in each dimension, outermost first.
fn index(mut flat: u64, shape: &[usize]) -> Vec<u64> {
    let mut index: Vec<u64> = shape
        .iter()
        .rev()
        .map(|&dim| {
            let at = flat % dim as u64;
            flat /= dim as u64;
            at
        })
        .collect();
    index.reverse();
    index
}

/// A file of another value format cannot have these bits.
fn other_format(header: &Header) -> Option<String> {
    let ours = init_kernels::VALUE_FORMAT.to_string();
    let theirs = header.metadata().get("fanin.value_format").filter(|theirs| **theirs != ours)?;
    Some(format!("the file says that it has value format {}, and this program gives {ours}", cut(theirs)))
}

/// A remark of a file, as much of it as a line can hold.
fn cut(remark: &str) -> String {
    remark.escape_debug().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_indices_in_each_dimension() {
        assert_eq!(index(777, &[256, 784]), [0, 777]);
        assert_eq!(index(784, &[256, 784]), [1, 0]);
        assert_eq!(index(23, &[2, 3, 4]), [1, 2, 3]);
        assert_eq!(index(0, &[]), Vec::<u64>::new());
    }
}
