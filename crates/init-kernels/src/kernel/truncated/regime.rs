//! The choice of a regime by the bounds.

use super::{
    super::precision::Precision,
    far::{Far, Side, TooFar},
    interior::Interior,
    narrow::Narrow,
};

/// An upper bound of the distance, in standard deviations, of a value from the mean or, in a tail,
/// from the near bound.
pub(crate) const TRUNCATED_REACH: f64 = f64::NORMAL_REACH;

/// The regime of a truncation that is neither central nor inactive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Truncation {
    Interior(Interior),
    Far(Far),
    Narrow(Narrow),
}

impl Truncation {
    /// Chooses the regime of the bounds.
    pub(crate) fn new(mean: f64, std: f64, low: f64, high: f64) -> Result<Self, TooFar> {
        let (alpha, beta) = ((low - mean) / std, (high - mean) / std);
        Ok(if is_narrow(mean, std, low, high) {
            Self::Narrow(Narrow::new(alpha, beta, low, high))
        } else if alpha > 12.0 {
            Self::Far(Far::new(alpha, beta, Side::Upper, std, low)?)
        } else if beta < -12.0 {
            Self::Far(Far::new(-beta, -alpha, Side::Lower, -std, high)?)
        } else {
            Self::Interior(Interior::new(mean, std, alpha, beta))
        })
    }
}

/// Returns whether the density is linear between the bounds, to within rounding.
pub(crate) fn is_narrow(mean: f64, std: f64, low: f64, high: f64) -> bool {
    let (alpha, beta) = ((low - mean) / std, (high - mean) / std);
    (beta - alpha) * 1f64.max(alpha.abs()).max(beta.abs()) < 2f64.powi(-17)
}

/// Returns whether no normal value that reaches at most `reach` standard deviations is outside
/// the bounds.
pub(crate) fn is_inactive(reach: f64, mean: f64, std: f64, low: f64, high: f64) -> bool {
    (low - mean) / std <= -reach && (high - mean) / std >= reach
}
