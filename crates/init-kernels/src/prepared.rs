//! Distributions as the numbers that kernels outside this crate compute with.

/// A distribution prepared for one element type: the kernel that samples it and the kernel's
/// numbers.
///
/// A kernel written elsewhere, as for a GPU, takes the same decisions and starts from the same
/// numbers as the kernels of this crate. `docs/value-format.md` says what it computes from them.
///
/// | kernel | parameters |
/// |---|---|
/// | `constant` | value |
/// | `uniform`, `tiny_uniform` | scale, centre, lowest, highest |
/// | `normal` | mean, std |
/// | `central` | scale, centre, mean, std, lowest, highest |
/// | `interior` | mean, std, below, above, mass, lowest, highest |
/// | `far` | upper, a, beyond, ln_mills, std, bound, lowest, highest |
/// | `narrow` | half_slope, low, width, lowest, highest |
///
/// Numbers of the f32 kernels are exact in f64. `tiny_uniform` multiplies a word by its unit before
/// it multiplies by the scale. `upper` is 1 for the upper tail and 0 for the lower one; `std` of
/// `far` points away from the mean.
///
/// ```
/// use init_kernels::{Prepared, init_core::{DType, Distribution}};
///
/// let prepared = Prepared::new(DType::F32, &Distribution::Uniform { low: -1.0, high: 1.0 })?;
/// assert_eq!(prepared.kernel, "uniform");
/// assert_eq!(prepared.parameters[0], ("scale", 2f64.powi(-31)));
/// # Ok::<(), init_kernels::FillError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Prepared {
    /// The name of the kernel.
    pub kernel: &'static str,
    /// The names and values of its numbers, in the order of the table.
    pub parameters: Vec<(&'static str, f64)>,
}
