//! From a distribution to its sampler: every number that the kernels need, worked out and checked once for a tensor.

use init_core::{DType, Distribution};

use crate::Stream;
use crate::element::sealed::{self, Narrowed};
use crate::element::{Element, Range};
use crate::error::FillError;
use crate::run::{Run, fill_constant, fill_runs};
use crate::sampler::{Central, Held, Normal32, Normal64, Truncation, Uniform32, Uniform64, is_tiny_f32, is_tiny_f64};
use crate::simd::Simd;

/// What the values of one tensor follow.
pub(crate) trait Law<E>: Sized + Send + Sync {
    /// The law of a valid distribution in this element type.
    fn new(distribution: &Distribution) -> Result<Self, FillError>;

    /// Fills runs of consecutive elements, in increasing order of their offsets.
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, runs: impl Iterator<Item = Run<'a, E>>)
    where
        E: 'a;
}

/// The laws of f32, and of the types that are rounded from it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Law32 {
    Constant(f64),
    Uniform(Uniform32<false>),
    TinyUniform(Uniform32<true>),
    Normal(Normal32),
    Central(Central),
    Truncated(Truncation, Range<f32>),
}

impl<E: Element + Narrowed> Law<E> for Law32 {
    fn new(distribution: &Distribution) -> Result<Self, FillError> {
        let held =
            |range: Range<E>| Range { lowest: range.lowest.to_f64() as f32, highest: range.highest.to_f64() as f32 };
        Ok(match Checked::<E>::new(distribution, Normal32::REACH)? {
            Checked::Constant(value) => Self::Constant(value),
            Checked::Normal { mean, std } => Self::Normal(Normal32::new(mean, std)),
            Checked::Uniform { low, high, range } => {
                if is_tiny_f32(low, high) {
                    Self::TinyUniform(Uniform32::new(low, high, held(range)))
                } else {
                    Self::Uniform(Uniform32::new(low, high, held(range)))
                }
            }
            Checked::Truncated { mean, std, low, high, regime, range } => match regime {
                Truncation::Interior(_) => match Central::new(mean, std, low, high, held(range)) {
                    Some(central) => Self::Central(central),
                    None => Self::Truncated(regime, held(range)),
                },
                Truncation::Far(_) | Truncation::Narrow(_) => Self::Truncated(regime, held(range)),
            },
        })
    }

    #[inline(always)]
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, runs: impl Iterator<Item = Run<'a, E>>) {
        match *self {
            Self::Constant(value) => fill_constant(E::from_f64(value), runs),
            Self::Uniform(sampler) => fill_runs(simd, sampler, stream, runs),
            Self::TinyUniform(sampler) => fill_runs(simd, sampler, stream, runs),
            Self::Normal(sampler) => fill_runs(simd, sampler, stream, runs),
            Self::Central(sampler) => fill_runs(simd, sampler, stream, runs),
            Self::Truncated(Truncation::Interior(regime), held) => fill_runs(simd, Held { regime, held }, stream, runs),
            Self::Truncated(Truncation::Far(regime), held) => fill_runs(simd, Held { regime, held }, stream, runs),
            Self::Truncated(Truncation::Narrow(regime), held) => fill_runs(simd, Held { regime, held }, stream, runs),
        }
    }
}

/// The laws of f64.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Law64 {
    Constant(f64),
    Uniform(Uniform64<false>),
    TinyUniform(Uniform64<true>),
    Normal(Normal64),
    Truncated(Truncation, Range<f64>),
}

impl Law<f64> for Law64 {
    fn new(distribution: &Distribution) -> Result<Self, FillError> {
        Ok(match Checked::<f64>::new(distribution, Normal64::REACH)? {
            Checked::Constant(value) => Self::Constant(value),
            Checked::Normal { mean, std } => Self::Normal(Normal64::new(mean, std)),
            Checked::Uniform { low, high, range } if is_tiny_f64(low, high) => {
                Self::TinyUniform(Uniform64::new(low, high, range))
            }
            Checked::Uniform { low, high, range } => Self::Uniform(Uniform64::new(low, high, range)),
            Checked::Truncated { regime, range, .. } => Self::Truncated(regime, range),
        })
    }

    #[inline(always)]
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, runs: impl Iterator<Item = Run<'a, f64>>) {
        match *self {
            Self::Constant(value) => fill_constant(value, runs),
            Self::Uniform(sampler) => fill_runs(simd, sampler, stream, runs),
            Self::TinyUniform(sampler) => fill_runs(simd, sampler, stream, runs),
            Self::Normal(sampler) => fill_runs(simd, sampler, stream, runs),
            Self::Truncated(Truncation::Interior(regime), held) => fill_runs(simd, Held { regime, held }, stream, runs),
            Self::Truncated(Truncation::Far(regime), held) => fill_runs(simd, Held { regime, held }, stream, runs),
            Self::Truncated(Truncation::Narrow(regime), held) => fill_runs(simd, Held { regime, held }, stream, runs),
        }
    }
}

/// A distribution that is valid and fits an element type, the degenerate ones turned into constants.
enum Checked<E> {
    Constant(f64),
    Uniform { low: f64, high: f64, range: Range<E> },
    Normal { mean: f64, std: f64 },
    Truncated { mean: f64, std: f64, low: f64, high: f64, regime: Truncation, range: Range<E> },
}

impl<E: Element> Checked<E> {
    fn new(distribution: &Distribution, reach: f64) -> Result<Self, FillError> {
        distribution.validate()?;
        let fits = |low: f64, high: f64| {
            let value = if high.abs() > low.abs() { high } else { low };
            let max = E::DTYPE.max_finite();
            if value.abs() <= max {
                Ok(())
            } else {
                Err(FillError::Overflow { dtype: E::DTYPE, distribution: *distribution, value, max })
            }
        };
        let vanishes = FillError::Vanishes { dtype: E::DTYPE, distribution: *distribution, least: least::<E>() };
        let range = |low, high, open| {
            Range::within(low, high, open).ok_or(FillError::NoValue { dtype: E::DTYPE, distribution: *distribution })
        };
        match *distribution {
            Distribution::Constant(value) | Distribution::Normal { mean: value, std: 0.0 } => {
                fits(value, value)?;
                Ok(Self::Constant(value))
            }
            Distribution::Uniform { low, high } | Distribution::TruncatedNormal { low, high, .. } if low == high => {
                fits(low, high)?;
                Ok(Self::Constant(low))
            }
            Distribution::Uniform { low, high } => {
                fits(low, high)?;
                if low.abs().max(high.abs()) < least::<E>() {
                    return Err(vanishes);
                }
                Ok(Self::Uniform { low, high, range: range(low, high, true)? })
            }
            Distribution::Normal { mean, std } => {
                fits(mean - reach * std, mean + reach * std)?;
                if std < least::<E>() {
                    return Err(vanishes);
                }
                Ok(Self::Normal { mean, std })
            }
            Distribution::TruncatedNormal { mean, std, low, high } => {
                // Values lie between the bounds, and not farther than this from the mean or, in a tail, from the near bound.
                let reach = Truncation::REACH * std;
                fits(low.max(mean.min(high) - reach), high.min(mean.max(low) + reach))?;
                if std < least::<E>() {
                    return Err(vanishes);
                }
                let range = range(low, high, false)?;
                let too_far = |_| FillError::TooFar { distribution: *distribution };
                let regime = Truncation::new(mean, std, low, high).map_err(too_far)?;
                Ok(Self::Truncated { mean, std, low, high, regime, range })
            }
            _ => Err(FillError::Unsupported { distribution: *distribution }),
        }
    }
}

/// The least positive value of a type.
fn least<E: Element>() -> f64 {
    E::from_f64(0.0).next_up().to_f64()
}

/// Whether a distribution can fill this element type: what [`fill`](crate::fill) would refuse is refused here, without a buffer.
///
/// # Errors
/// Those of [`FillError`] that speak of the distribution and the type.
///
/// ```
/// use half::f16;
/// use init_core::Distribution;
///
/// let wide = Distribution::Normal { mean: 0.0, std: 1e4 };
/// assert!(init_kernels::check::<f32>(&wide).is_ok());
/// let error = init_kernels::check::<f16>(&wide).unwrap_err();
/// assert!(error.to_string().contains("6.550400e4"));
/// ```
pub fn check<T: Element>(distribution: &Distribution) -> Result<(), FillError> {
    <T as sealed::Element>::Law::new(distribution).map(drop)
}

/// [`check`] for a type that is known as a value.
///
/// # Errors
/// As for [`check`].
pub fn check_dtype(dtype: DType, distribution: &Distribution) -> Result<(), FillError> {
    match dtype {
        DType::F32 => check::<f32>(distribution),
        DType::F64 => check::<f64>(distribution),
        DType::Bf16 => check::<half::bf16>(distribution),
        DType::F16 => check::<half::f16>(distribution),
    }
}
