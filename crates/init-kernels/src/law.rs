//! From a distribution to its sampler: every number that the kernels need, worked out and checked once for a tensor.

use init_core::Distribution;

use crate::Stream;
use crate::element::sealed::Narrowed;
use crate::element::{Element, Range};
use crate::error::FillError;
use crate::run::{Route, Run, fill_constant, fill_runs};
use crate::sampler::{Central, Held, Normal32, Normal64, Truncation, Uniform32, Uniform64, is_tiny_f32, is_tiny_f64};
use crate::simd::Simd;

/// What the values of one tensor follow.
pub(crate) trait Law<E>: Sized + Send + Sync {
    /// The law of a valid distribution in this element type.
    fn new(distribution: &Distribution) -> Result<Self, FillError>;

    /// Fills runs of consecutive elements, in increasing order of their offsets.
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, route: Route, runs: impl Iterator<Item = Run<'a, E>>)
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
            Checked::Truncated { mean, std, low, high, range } => {
                let held = held(range);
                if Truncation::is_narrow(mean, std, low, high) {
                    Self::Truncated(truncation(distribution, mean, std, low, high)?, held)
                } else if let Some(central) = Central::new(mean, std, low, high, held) {
                    Self::Central(central)
                } else if Truncation::is_idle(Normal32::REACH, mean, std, low, high) {
                    Self::Normal(Normal32::new(mean, std))
                } else {
                    Self::Truncated(truncation(distribution, mean, std, low, high)?, held)
                }
            }
        })
    }

    #[inline(always)]
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, route: Route, runs: impl Iterator<Item = Run<'a, E>>) {
        match *self {
            Self::Constant(value) => fill_constant(simd, E::from_f64(value), route, runs),
            Self::Uniform(sampler) => fill_runs(simd, sampler, stream, route, runs),
            Self::TinyUniform(sampler) => fill_runs(simd, sampler, stream, route, runs),
            Self::Normal(sampler) => fill_runs(simd, sampler, stream, route, runs),
            Self::Central(sampler) => fill_runs(simd, sampler, stream, route, runs),
            Self::Truncated(Truncation::Interior(regime), held) => {
                fill_runs(simd, Held { regime, held }, stream, route, runs);
            }
            Self::Truncated(Truncation::Far(regime), held) => {
                fill_runs(simd, Held { regime, held }, stream, route, runs);
            }
            Self::Truncated(Truncation::Narrow(regime), held) => {
                fill_runs(simd, Held { regime, held }, stream, route, runs);
            }
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
            Checked::Truncated { mean, std, low, high, .. }
                if Truncation::is_idle(Normal64::REACH, mean, std, low, high) =>
            {
                Self::Normal(Normal64::new(mean, std))
            }
            Checked::Truncated { mean, std, low, high, range } => {
                Self::Truncated(truncation(distribution, mean, std, low, high)?, range)
            }
        })
    }

    #[inline(always)]
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, route: Route, runs: impl Iterator<Item = Run<'a, f64>>) {
        match *self {
            Self::Constant(value) => fill_constant(simd, value, route, runs),
            Self::Uniform(sampler) => fill_runs(simd, sampler, stream, route, runs),
            Self::TinyUniform(sampler) => fill_runs(simd, sampler, stream, route, runs),
            Self::Normal(sampler) => fill_runs(simd, sampler, stream, route, runs),
            Self::Truncated(Truncation::Interior(regime), held) => {
                fill_runs(simd, Held { regime, held }, stream, route, runs);
            }
            Self::Truncated(Truncation::Far(regime), held) => {
                fill_runs(simd, Held { regime, held }, stream, route, runs);
            }
            Self::Truncated(Truncation::Narrow(regime), held) => {
                fill_runs(simd, Held { regime, held }, stream, route, runs);
            }
        }
    }
}

fn truncation(law: &Distribution, mean: f64, std: f64, low: f64, high: f64) -> Result<Truncation, FillError> {
    Truncation::new(mean, std, low, high).map_err(|_| FillError::TooFar { distribution: *law })
}

/// A distribution that is valid and fits an element type, the degenerate ones turned into constants.
enum Checked<E> {
    Constant(f64),
    Uniform { low: f64, high: f64, range: Range<E> },
    Normal { mean: f64, std: f64 },
    Truncated { mean: f64, std: f64, low: f64, high: f64, range: Range<E> },
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
                Ok(Self::Truncated { mean, std, low, high, range: range(low, high, false)? })
            }
            _ => Err(FillError::Unsupported { distribution: *distribution }),
        }
    }
}

/// The least positive value of a type.
pub(crate) fn least<E: Element>() -> f64 {
    E::from_f64(0.0).next_up().to_f64()
}
