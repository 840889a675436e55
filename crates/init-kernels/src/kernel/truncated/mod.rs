//! Truncated normal values by the inverse of the distribution function: one word per element, no
//! rejection.
//!
//! Five regimes, chosen once per tensor by its bounds α and β, in standard deviations from the
//! mean:
//!
//! * [`Central`](super::central::Central): both within 2.0005, on both sides of 0, as almost always
//!   in practice: in f32;
//! * inactive: both so far out that no normal value reaches them: the values are those of the
//!   normal distribution;
//! * [`Interior`]: all other bounds that leave some of [−12, 12]: both tails are exact sums, so
//!   that neither loses digits;
//! * [`Far`]: beyond 12, where the tail is so steep that values are measured from the near bound;
//! * [`Narrow`]: so narrow that the density is linear between the bounds.

mod clamped;
mod far;
mod interior;
mod narrow;
mod regime;

pub(crate) use clamped::Clamped;
pub(crate) use far::Far;
pub(crate) use interior::Interior;
pub(crate) use narrow::Narrow;
pub(crate) use regime::{TRUNCATED_REACH, Truncation, is_inactive, is_narrow};

#[cfg(test)]
mod tests;
