//! The options of one rank of several.

use clap::Args;
use init_model::{Plan, plan::Split};

use crate::failure::{Failure, Outcome};

/// The part of a model that a run is for.
#[derive(Debug, Args)]
pub(crate) struct RankOptions {
    /// Take only the part of this rank, counted from 0
    #[arg(long, value_name = "R", requires = "world")]
    rank: Option<usize>,

    /// Number of ranks that share the model
    #[arg(long, value_name = "W", requires = "rank")]
    world: Option<usize>,

    /// Divide matching parameters among the ranks along an axis (0 rows, 1 columns); repeatable,
    /// the first match applies
    #[arg(long, value_name = "GLOB=AXIS", requires = "rank")]
    split: Vec<Split>,
}

impl RankOptions {
    /// Returns the plan of the rank, or the whole plan if no rank is named.
    pub(crate) fn plan(&self, plan: Plan) -> Outcome<Plan> {
        match (self.rank, self.world) {
            (Some(rank), Some(world)) => plan.for_rank(&self.split, rank, world).map_err(Failure::input),
            _ => Ok(plan),
        }
    }
}
