//! Numbers in JSON.

use serde::Serializer;

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
