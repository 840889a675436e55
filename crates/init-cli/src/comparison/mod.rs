//! Comparison of initial weights: networks trained from each, with several seeds.

mod start;
mod summary;
mod task;
mod trials;

pub(crate) use start::Start;
pub(crate) use summary::{Standing, Summary, median, summaries};
pub(crate) use task::{NetworkShape, Task, TaskKind};
pub(crate) use trials::{Trials, run_all};
