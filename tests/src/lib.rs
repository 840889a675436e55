//! What the tests of fanin share.
//!
//! * [`oracle`]: the value format as a plain scalar program;
//! * [`cases`]: every sampler in each of its regimes, and awkward parameters;
//! * [`host`]: a host that has set another floating-point mode.

pub mod cases;
#[cfg(target_arch = "x86_64")]
pub mod host;
pub mod oracle;
