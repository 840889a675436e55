//! Distributions, as plain structs and as text.

use std::ffi::c_char;

use init_core::{Initializer, Layout, Shape};

use crate::{
    choice::{self, DtypeArg},
    error::{Error, Failure},
    guard::{guard, number},
    kind::{DistributionKind, DistributionKindArg},
    memory::{put, put_text, text},
    status::{Status, StatusArg},
};

/// A distribution that independent elements are drawn from.
///
/// `fanin_constant`, `fanin_uniform`, `fanin_normal` and `fanin_truncated_normal` return one; it is
/// checked where it is used. Fields that its kind does not name are ignored.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Distribution {
    /// The kind of distribution.
    pub kind: DistributionKindArg,
    /// 0; reserved for later versions.
    pub reserved: u32,
    /// The value of a constant; the mean of a normal distribution, before truncation; finite.
    pub mean: f64,
    /// The standard deviation of a normal distribution, before truncation; finite and at least 0,
    /// positive if it is truncated.
    pub std: f64,
    /// The lower bound; finite, or -INFINITY for a truncated normal.
    pub low: f64,
    /// The upper bound, at least `low`; finite, or INFINITY for a truncated normal.
    pub high: f64,
}

impl Distribution {
    const fn new(kind: DistributionKind, [mean, std, low, high]: [f64; 4]) -> Self {
        Self { kind: kind as u32, reserved: 0, mean, std, low, high }
    }

    pub(crate) fn from_core(distribution: &init_core::Distribution) -> Result<Self, Failure> {
        use init_core::Distribution::{Constant, Normal, TruncatedNormal, Uniform};
        Ok(match *distribution {
            Constant(value) => fanin_constant(value),
            Uniform { low, high } => fanin_uniform(low, high),
            Normal { mean, std } => fanin_normal(mean, std),
            TruncatedNormal { mean, std, low, high } => fanin_truncated_normal(mean, std, low, high),
        })
    }

    /// The same distribution for the kernels, which check its parameters.
    #[inline]
    pub(crate) fn to_core(self) -> Result<init_core::Distribution, Failure> {
        let Self { kind, reserved, mean, std, low, high } = self;
        if reserved != 0 {
            return Err(Self::is_reserved(reserved));
        }
        Ok(match kind {
            kind if kind == DistributionKind::Constant as u32 => init_core::Distribution::Constant(mean),
            kind if kind == DistributionKind::Uniform as u32 => init_core::Distribution::Uniform { low, high },
            kind if kind == DistributionKind::Normal as u32 => init_core::Distribution::Normal { mean, std },
            kind if kind == DistributionKind::TruncatedNormal as u32 => {
                init_core::Distribution::TruncatedNormal { mean, std, low, high }
            }
            other => return Err(choice::invalid(&choice::DISTRIBUTION_KIND, other)),
        })
    }

    #[cold]
    fn is_reserved(reserved: u32) -> Failure {
        let message = format!(
            "`reserved` of the distribution must be 0, got {reserved}; create it with fanin_normal or a similar \
             function"
        );
        Failure::new(Status::InvalidDistribution, message)
    }

    fn valid(self) -> Result<init_core::Distribution, Failure> {
        let distribution = self.to_core()?;
        distribution.validate()?;
        Ok(distribution)
    }
}

/// Returns the distribution whose elements all are `value`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_constant(value: f64) -> Distribution {
    Distribution::new(DistributionKind::Constant, [value, 0.0, 0.0, 0.0])
}

/// Returns the uniform distribution on [low, high); the constant `low` if the bounds are equal.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_uniform(low: f64, high: f64) -> Distribution {
    Distribution::new(DistributionKind::Uniform, [0.0, 0.0, low, high])
}

/// Returns the normal distribution; the constant `mean` if `std` is 0.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_normal(mean: f64, std: f64) -> Distribution {
    Distribution::new(DistributionKind::Normal, [mean, std, 0.0, 0.0])
}

/// Returns the normal distribution of `mean` and `std`, conditioned on low ≤ x ≤ high.
///
/// The bounds are values, as in PyTorch, not multiples of `std`. Truncation makes the standard
/// deviation smaller than `std`. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_truncated_normal(mean: f64, std: f64, low: f64, high: f64) -> Distribution {
    Distribution::new(DistributionKind::TruncatedNormal, [mean, std, low, high])
}

/// Returns the mean of the elements, after truncation; NAN if the distribution is invalid.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_distribution_mean(distribution: Distribution) -> f64 {
    number(|| distribution.valid().map_or(f64::NAN, |distribution| distribution.mean()))
}

/// Returns the standard deviation of the elements, after truncation; NAN if the distribution is
/// invalid.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_distribution_std(distribution: Distribution) -> f64 {
    number(|| distribution.valid().map_or(f64::NAN, |distribution| distribution.std()))
}

/// Checks whether elements of this dtype can be drawn from the distribution, as a fill would,
/// without a buffer.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_distribution_check(
    dtype: DtypeArg,
    distribution: Distribution,
    error: *mut Error,
) -> StatusArg {
    let body = || Ok(init_kernels::check_dtype(choice::dtype(dtype)?, &distribution.to_core()?)?);
    // SAFETY: the caller guarantees that `error` is NULL or may be written.
    unsafe { guard(error, body) }
}

/// Parses a distribution: `normal(0, 0.02)`, `uniform(low=-1, high=1)`,
/// `truncated_normal(std=0.02)`, `constant(1)`, `zeros` or `ones`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_distribution_parse(
    distribution: *mut Distribution,
    text: *const c_char,
    error: *mut Error,
) -> StatusArg {
    let body = || {
        // SAFETY: the caller guarantees that `text` is NULL or ends with a NUL.
        let initializer: Initializer = unsafe { self::text("text", text)? }.parse()?;
        if initializer.needs_fans() || initializer.spec().structured {
            let message =
                format!("`{}` needs a shape to resolve to a distribution; use fanin_resolve", initializer.name());
            return Err(Failure::new(Status::InvalidInitializer, message));
        }
        let parsed = initializer.distribution(&Shape::new([1])?, &Layout::Torch)?;
        // SAFETY: the caller guarantees that `distribution` is NULL or may be written.
        unsafe { put("distribution", distribution, Distribution::from_core(&parsed)?) }
    };
    // SAFETY: the caller guarantees that `error` is NULL or may be written.
    unsafe { guard(error, body) }
}

/// Writes the distribution as text that ends with a NUL, such as `normal(mean=0, std=0.02)`.
///
/// `size` bytes may be written; `FANIN_TEXT_SIZE` are always enough. If the text does not fit,
/// nothing is written. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_distribution_text(
    text: *mut c_char,
    size: usize,
    distribution: Distribution,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: the caller guarantees that `size` bytes of `text` may be written.
    let body = || unsafe { put_text(text, size, &distribution.valid()?.to_string()) };
    // SAFETY: the caller guarantees that `error` is NULL or may be written.
    unsafe { guard(error, body) }
}
