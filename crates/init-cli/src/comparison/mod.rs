//! Networks trained from different initial weights, side by side.

mod start;
mod summary;
mod task;
mod trials;

pub(crate) use start::Start;
pub(crate) use summary::{Standing, Summary, median, summaries};
pub(crate) use task::{Kind, Network, Task};
pub(crate) use trials::{Trials, run_all};
