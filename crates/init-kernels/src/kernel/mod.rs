//! Kernels: how each group of 32 elements is sampled from raw steps.

mod central;
mod group;
mod normal;
mod parameters;
mod precision;
mod truncated;
mod uniform;

pub(crate) use group::Kernel;
pub(crate) use normal::Normal;
pub(crate) use parameters::Parameters;
pub(crate) use precision::Precision;
pub(crate) use truncated::{Clamped, Far, Interior, Narrow, TRUNCATED_REACH, Truncation, is_inactive, is_narrow};
pub(crate) use uniform::Uniform;
