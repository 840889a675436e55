//! What the tests of fanin share.
//!
//! * [`oracle`]: the value format as a plain scalar program;
//! * [`cases`]: every sampler in each of its regimes, and awkward parameters;
//! * [`levels`]: every level, dtype and number of threads, and how bits are compared;
//! * [`statistics`]: exact laws, and how probable what was seen is;
//! * [`structures`]: structured fills of all kinds;
//! * [`host`]: a host that has set another floating-point mode.

pub mod cases;
#[cfg(target_arch = "x86_64")]
pub mod host;
pub mod levels;
pub mod oracle;
pub mod statistics;
pub mod structures;
