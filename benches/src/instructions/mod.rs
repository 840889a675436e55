//! Instruction counts of fills: single-stepped in a child process, so that the noise of the machine
//! does not matter.

mod case;
mod counts;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod trace;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod worker;

pub use case::{Case, Question, Small, cases};
pub use counts::{Counts, TOLERANCE, compare, limits};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use trace::{TraceError, child, count};
