//! Instructions that fills take: counted one by one in a child process, so that no noise of the machine reaches them.

mod case;
mod figures;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod trace;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod worker;

pub use case::{Case, Question, cases};
pub use figures::{Figures, TOLERANCE, compare, limits};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use trace::{TraceError, child, count};
