//! Statistics: exact laws in a dtype, samples from the kernels, and how probable what was seen is.
//!
//! * [`laws`]: one example of each sampler and regime; [`sample`]: values of it, as many as wanted;
//! * [`Cells`]: the exact law of the *rounded* values as a partition of the dtype; [`Histogram`]: counts in it, χ² and
//!   Kolmogorov–Smirnov;
//! * [`Moments`]: exact and measured;
//! * [`Pairs`]: counts and correlations of two values;
//! * [`Tail`]: counts far out;
//! * [`chi_square_sf`], [`kolmogorov_sf`], [`poisson_at_least`]: the laws of the statistics.
//!
//! Seeds are fixed, so a test gives the same verdict every time. A correct sampler under another seed would fail one whose
//! probability limit is [`ALPHA`] that often.

mod cells;
mod gamma;
mod histogram;
mod kolmogorov;
mod laws;
mod moments;
mod pairs;
mod sample;
mod tail;

pub use cells::Cells;
pub use gamma::{chi_square_sf, poisson_at_least, poisson_at_most};
pub use histogram::{Fit, Histogram};
pub use kolmogorov::kolmogorov_sf;
pub use laws::laws;
pub use moments::{Moments, Sums};
pub use pairs::{Pairs, Score};
pub use sample::{CHUNK, sample, sample_chunks};
pub use tail::{Tail, discrete_tail};

/// The probability with which one test rejects a correct sampler: with some 300 of them, 3 in 10,000 for all.
pub const ALPHA: f64 = 1e-6;

/// The standard errors allowed to a moment or correlation: beyond lies a probability of 6e-7.
pub const STANDARD_ERRORS: f64 = 5.0;
