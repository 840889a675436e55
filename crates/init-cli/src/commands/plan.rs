//! `fanin plan`: what each parameter of a model gets.

use std::io;

use clap::Args;

use crate::{
    failure::Outcome,
    listing::{Format, write_listing},
    model::{Overlay, Source},
    multipliers::MultiplierOptions,
    rank::RankOptions,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    overlay: Overlay,

    #[command(flatten)]
    rank: RankOptions,

    #[command(flatten)]
    multipliers: MultiplierOptions,

    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Print one JSON object: short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let recipe = options.overlay.recipe(&options.source)?;
    let plan = options.rank.plan(recipe.plan()?)?;
    let multipliers = options.multipliers.begin(&plan, None)?;
    let format = if options.json { Format::Json } else { options.format };
    write_listing(&mut io::stdout().lock(), &recipe, &plan, format)?;
    multipliers.map_or(Ok(()), |file| Ok(file.commit()?))
}
