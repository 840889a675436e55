//! Statistics: exact distributions in a dtype, samples from the kernels, and their p-values.
//!
//! * [`distributions`]: one example of each sampler and regime; [`sample`]: any number of its values;
//! * [`Cells`]: the exact distribution of the *rounded* values as a partition of the dtype;
//!   [`Histogram`]: counts in it, χ² and Kolmogorov–Smirnov;
//! * [`Moments`]: exact and measured;
//! * [`Pairs`]: counts and correlations of two values;
//! * [`Tail`]: counts in the tails;
//! * [`chi_square_sf`], [`kolmogorov_sf`], [`poisson_at_least`]: the distributions of the statistics.
//!
//! Seeds are fixed, so a test gives the same verdict every time. With another seed, a correct sampler
//! fails a test at the level [`ALPHA`] with that probability.

mod cells;
mod distributions;
mod gamma;
mod histogram;
mod kolmogorov;
mod moments;
mod pairs;
mod sample;
mod tail;

pub use cells::Cells;
pub use distributions::distributions;
pub use gamma::{chi_square_sf, poisson_at_least, poisson_at_most};
pub use histogram::{Fit, Histogram};
pub use kolmogorov::kolmogorov_sf;
pub use moments::{Moments, Sums};
pub use pairs::{Pairs, Score};
pub use sample::{CHUNK, is_long, sample, sample_chunks};
pub use tail::{Tail, discrete_tail};

/// The probability that one test rejects a correct sampler: for about 300 tests, 3 in 10,000 in all.
pub const ALPHA: f64 = 1e-6;

/// The maximum deviation of a moment or correlation, in standard errors: exceeded with a probability
/// of 6e-7.
pub const STANDARD_ERRORS: f64 = 5.0;
