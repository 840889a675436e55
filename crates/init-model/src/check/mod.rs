//! Checks of model files: statistics, verdicts, bit-for-bit verification, and the difference of two
//! files.

pub(crate) mod compare;
pub(crate) mod diff;
pub(crate) mod error;
pub(crate) mod histogram;
pub(crate) mod inspect;
pub(crate) mod moments;
pub(crate) mod pair;
pub(crate) mod verdict;
pub(crate) mod verify;

pub use init_core::distribution::Histogram;

pub use self::{
    compare::{Bound, Comparison, compare},
    diff::{Change, ChangeStatistics},
    error::CheckError,
    inspect::Measured,
    moments::Moments,
    pair::{MismatchError, ShapeMismatch, pair},
    verdict::{FALSE_ALARM, Fault, Judged, Unjudged, Verdict},
    verify::{Difference, Found},
};
