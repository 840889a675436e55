//! Distributions of independent elements, and the functions of the normal distribution.

pub(crate) mod family;
mod histogram;
pub(crate) mod independent;
pub mod normal;

pub use family::Family;
pub use histogram::Histogram;
