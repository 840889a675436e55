//! Numbers and histograms in JSON.

use init_core::distribution::Histogram;
use serde::{Serialize, Serializer};

/// Writes a whole number without a fraction: `784`, not `784.0`.
pub(crate) fn whole<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    /// Beyond it, f64 cannot distinguish neighbouring whole numbers.
    const EXACT: f64 = (1_u64 << 53) as f64;
    match *number {
        Some(number) if number.fract() == 0.0 && (0.0..=EXACT).contains(&number) => {
            serializer.serialize_u64(number as u64)
        }
        Some(number) => serializer.serialize_f64(number),
        None => serializer.serialize_none(),
    }
}

/// A histogram: bins of equal width.
#[derive(Debug, Serialize)]
pub(crate) struct Bins<'a> {
    low: f64,
    high: f64,
    counts: &'a [u64],
}

impl<'a> From<&'a Histogram> for Bins<'a> {
    fn from(histogram: &'a Histogram) -> Self {
        Self { low: histogram.low, high: histogram.high, counts: &histogram.counts }
    }
}
