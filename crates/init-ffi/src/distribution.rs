//! Distributions, as plain structs and as text.

use std::ffi::c_char;

use init_core::{Initializer, Layout, Shape};

use crate::choice::{self, DtypeArg};
use crate::error::{Error, Failure};
use crate::guard::{guard, number};
use crate::memory::{put, put_text, text};
use crate::status::{Status, StatusArg};

/// A kind as a number: any `u32` may arrive in its place.
pub type DistributionKindArg = u32;

/// The kinds of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum DistributionKind {
    /// Every element `mean`.
    Constant = 1,
    /// Even over [low, high).
    Uniform = 2,
    /// Normal with `mean` and `std`.
    Normal = 3,
    /// Normal under the condition that the value lies in [low, high].
    TruncatedNormal = 4,
}

/// What independent elements are drawn from.
///
/// `fanin_constant`, `fanin_uniform`, `fanin_normal` and `fanin_truncated_normal` make one; it is checked where it is used. Numbers that
/// its kind does not name are not looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Distribution {
    /// Which law.
    pub kind: DistributionKindArg,
    /// 0, for later versions.
    pub reserved: u32,
    /// The value of a constant; the mean of a normal law, before the cut if there is one; finite.
    pub mean: f64,
    /// The standard deviation of a normal law, before the cut; finite, at least 0, above 0 if it is cut.
    pub std: f64,
    /// The lower bound; finite, or -INFINITY of a truncated normal.
    pub low: f64,
    /// The upper bound, at least `low`; finite, or INFINITY of a truncated normal.
    pub high: f64,
}

impl Distribution {
    const fn new(kind: DistributionKind, [mean, std, low, high]: [f64; 4]) -> Self {
        Self { kind: kind as u32, reserved: 0, mean, std, low, high }
    }

    pub(crate) fn from_core(law: &init_core::Distribution) -> Result<Self, Failure> {
        use init_core::Distribution::{Constant, Normal, TruncatedNormal, Uniform};
        Ok(match *law {
            Constant(value) => fanin_constant(value),
            Uniform { low, high } => fanin_uniform(low, high),
            Normal { mean, std } => fanin_normal(mean, std),
            TruncatedNormal { mean, std, low, high } => fanin_truncated_normal(mean, std, low, high),
            _ => return Err(Failure::new(Status::Unsupported, format!("{law} has no form in C in this version"))),
        })
    }

    /// The same for the kernels, which look at its numbers.
    pub(crate) fn to_core(self) -> Result<init_core::Distribution, Failure> {
        let Self { kind, reserved, mean, std, low, high } = self;
        if reserved != 0 {
            let message =
                format!("`reserved` of the distribution is {reserved}, not 0; make it by fanin_normal and its like");
            return Err(Failure::new(Status::InvalidDistribution, message));
        }
        Ok(match kind {
            kind if kind == DistributionKind::Constant as u32 => init_core::Distribution::Constant(mean),
            kind if kind == DistributionKind::Uniform as u32 => init_core::Distribution::Uniform { low, high },
            kind if kind == DistributionKind::Normal as u32 => init_core::Distribution::Normal { mean, std },
            kind if kind == DistributionKind::TruncatedNormal as u32 => {
                init_core::Distribution::TruncatedNormal { mean, std, low, high }
            }
            _ => {
                let message = format!("{kind} is no fanin_distribution_kind: possible are 1, 2, 3, 4");
                return Err(Failure::new(Status::InvalidChoice, message));
            }
        })
    }

    fn valid(self) -> Result<init_core::Distribution, Failure> {
        let law = self.to_core()?;
        law.validate()?;
        Ok(law)
    }
}

/// Every element `value`.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_constant(value: f64) -> Distribution {
    Distribution::new(DistributionKind::Constant, [value, 0.0, 0.0, 0.0])
}

/// Even over [low, high); the constant `low` if both are equal.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_uniform(low: f64, high: f64) -> Distribution {
    Distribution::new(DistributionKind::Uniform, [0.0, 0.0, low, high])
}

/// The normal law; the constant `mean` if `std` is 0.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_normal(mean: f64, std: f64) -> Distribution {
    Distribution::new(DistributionKind::Normal, [mean, std, 0.0, 0.0])
}

/// The normal law of `mean` and `std` under the condition low ≤ x ≤ high.
///
/// The bounds are values, as in PyTorch, not multiples of `std`. The cut makes the law narrower than `std`. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_truncated_normal(mean: f64, std: f64, low: f64, high: f64) -> Distribution {
    Distribution::new(DistributionKind::TruncatedNormal, [mean, std, low, high])
}

/// The mean of the elements, of a truncated normal that after the cut; NAN if the distribution is invalid.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_distribution_mean(distribution: Distribution) -> f64 {
    number(|| distribution.valid().map_or(f64::NAN, |law| law.mean()))
}

/// The standard deviation of the elements, of a truncated normal that after the cut; NAN if the distribution is invalid.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_distribution_std(distribution: Distribution) -> f64 {
    number(|| distribution.valid().map_or(f64::NAN, |law| law.std()))
}

/// Whether elements of this dtype can be drawn from the distribution: what a fill would refuse is refused here, without a buffer.
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
    // SAFETY: `error` is the caller's.
    unsafe { guard(error, body) }
}

/// Reads `normal(0, 0.02)`, `uniform(low=-1, high=1)`, `truncated_normal(std=0.02)`, `constant(1)`, `zeros` or `ones`.
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
        // SAFETY: `text` is the caller's, and ends with a NUL.
        let initializer: Initializer = unsafe { self::text("text", text)? }.parse()?;
        if initializer.needs_fans() || initializer.spec().structured {
            let message =
                format!("`{}` needs a shape to come to a distribution; use fanin_resolve", initializer.name());
            return Err(Failure::new(Status::InvalidInitializer, message));
        }
        let law = initializer.distribution(&Shape::new([1])?, &Layout::Torch)?;
        // SAFETY: `distribution` is the caller's to write.
        unsafe { put("distribution", distribution, Distribution::from_core(&law)?) }
    };
    // SAFETY: `error` is the caller's.
    unsafe { guard(error, body) }
}

/// Writes the distribution as text with a NUL, such as `normal(mean=0, std=0.02)`.
///
/// `size` bytes may be written; `FANIN_TEXT_SIZE` are always enough. What does not fit is not written in part. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_distribution_text(
    text: *mut c_char,
    size: usize,
    distribution: Distribution,
    error: *mut Error,
) -> StatusArg {
    // SAFETY: `text` is the caller's to write.
    let body = || unsafe { put_text(text, size, &distribution.valid()?.to_string()) };
    // SAFETY: `error` is the caller's.
    unsafe { guard(error, body) }
}
