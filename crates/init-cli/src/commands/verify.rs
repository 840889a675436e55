//! `fanin verify`: whether a file is exactly the initial state of a model.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_model::{
    Header, Plan, Verification,
    check::{Difference, Found},
    plan::is_digest,
    verify,
};

use crate::{
    failure::{Failure, Outcome, excerpt},
    model::{MadeFrom, Overlay},
    number::{full, grouped},
    progress::watched,
    rank::RankOptions,
    table::paragraph,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// File to verify; also an index or a folder of several files
    #[arg(value_name = "FILE.safetensors")]
    file: PathBuf,

    #[command(flatten)]
    made_from: MadeFrom,

    #[command(flatten)]
    overlay: Overlay,

    #[command(flatten)]
    rank: RankOptions,

    /// Print nothing; the exit code is the result
    #[arg(short, long)]
    quiet: bool,
}

/// The number of tensors that are listed one by one.
const LISTED: usize = 20;

pub(crate) fn run(options: &Options) -> Outcome {
    let header = Header::read(&options.file)?;
    let recipe = options.made_from.recipe(options.overlay.rules.as_deref(), &options.file, &header)?;
    let recipe = recipe.ok_or_else(|| {
        Failure::input("no model: give --recipe, --config, --preset, or --like with --rules, as was given to `init`")
    })?;
    let mut recipe = options.overlay.over(recipe)?;
    let origin = options.overlay.seed_of(&options.file, &header, &mut recipe.seed)?;
    let plan = options.rank.plan(recipe.plan()?)?;

    let found = watched(plan.bytes(), options.quiet, "", |progress| verify(&header, &plan, progress))?;
    if !options.quiet {
        let mut out = io::stdout().lock();
        for line in report(options, &plan, &origin, &found) {
            writeln!(out, "{}", paragraph(&line))?;
        }
    }
    if found.is_exact() { Ok(()) } else { Err(Failure::Differs) }
}

/// Returns the lines of the report.
fn report(options: &Options, plan: &Plan, origin: &str, found: &Verification<'_>) -> Vec<String> {
    let (file, made_from) = (options.file.display(), options.made_from.name());
    let all = plan.entries().len();
    let tensors = if all == 1 { "tensor" } else { "tensors" };
    let seed = format!("seed {} ({origin})", plan.seed());
    if found.is_exact() {
        let values = grouped(plan.elements());
        return vec![format!(
            "{file} is exactly the initial state of {made_from} with {seed}: {all} {tensors}, {values} values, bit for \
             bit"
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
    lines.extend(notes(found.header));
    lines
}

fn line(found: &Verification<'_>, difference: &Difference) -> String {
    let tensor = found.tensor(difference);
    let name = tensor.name.escape_debug();
    match difference.found {
        Found::DType { expected } => format!("  {name}: {} in the file, {expected} expected", tensor.type_name()),
        Found::Values { count, flat, expected, found } => {
            let index = index(flat, &tensor.shape);
            let all = tensor.elements();
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

/// Returns the index in each dimension, outermost first.
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

/// Returns the reasons in the file's metadata why it may differ.
fn notes(header: &Header) -> Vec<String> {
    let mut lines = Vec::new();
    let ours = init_kernels::VALUE_FORMAT.to_string();
    if let Some(theirs) = header.metadata().get("fanin.value_format").filter(|theirs| **theirs != ours) {
        lines.push(format!("the file has value format {}, and this version of fanin gives {ours}", excerpt(theirs)));
    }
    if header.metadata().get("fanin.plan").is_some_and(|digest| !is_digest(digest)) {
        lines.push("the file was written by an earlier version of fanin, whose values may differ".to_owned());
    }
    lines
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
