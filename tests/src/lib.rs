//! Code shared by the tests of fanin.
//!
//! * [`oracle`]: the value format as a scalar program;
//! * [`cases`]: every sampler in each of its regimes, and awkward parameters;
//! * [`levels`]: every level, dtype and number of threads, and the comparison of bits;
//! * [`statistics`]: exact distributions, and the p-values of samples;
//! * [`structures`]: structured fills of all kinds;
//! * [`host`]: a host program with a non-default floating-point mode.

pub mod cases;
#[cfg(target_arch = "x86_64")]
pub mod host;
pub mod levels;
pub mod oracle;
pub mod statistics;
pub mod structures;
