use clap::Args;
use init_model::{Plan, Split};

use crate::failure::{Failure, Outcome};

/// Which part of a model a run is for.
#[derive(Debug, Args)]
pub(crate) struct RankOptions {
    /// Only the part of this rank, from 0 on
    #[arg(long, value_name = "R", requires = "world")]
    rank: Option<usize>,

    /// The number of ranks that share the model
    #[arg(long, value_name = "W", requires = "rank")]
    world: Option<usize>,

    /// Divide the parameters that match along an axis among the ranks: 0 rows, 1 columns; repeatable, the first match wins
    #[arg(long, value_name = "GLOB=AXIS", requires = "rank")]
    split: Vec<Split>,
}

impl RankOptions {
    /// The plan of the rank, or the whole one where no rank is named.
    pub(crate) fn plan(&self, plan: Plan) -> Outcome<Plan> {
        match (self.rank, self.world) {
            (Some(rank), Some(world)) => plan.for_rank(&self.split, rank, world).map_err(Failure::input),
            _ => Ok(plan),
        }
    }
}
