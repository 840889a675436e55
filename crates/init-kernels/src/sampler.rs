//! Samplers: distributions prepared for one element type, with every number that the kernels need.

use init_core::Distribution;

use crate::{
    error::FillError,
    kernel::{
        Clamped, Far, Interior, Kernel, Narrow, Normal, Parameters, Precision, TRUNCATED_REACH, Truncation, Uniform,
        is_inactive, is_narrow,
    },
    level::Level,
    prepared::Prepared,
    range::Range,
    run::{Route, Run, fill_constant, fill_runs},
    scalar::Scalar,
    simd::Simd,
    stream::Stream,
};

/// A distribution prepared for one element type: one kernel, chosen and checked once per tensor.
///
/// `R` is the precision in which it computes. A new kernel gets a variant here, an arm in
/// [`Sample::fill`], one in [`Sample::prepared`] and one in [`Sampler::new`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sampler<R: Precision> {
    Constant(f64),
    Uniform(Uniform<R, false>),
    TinyUniform(Uniform<R, true>),
    Normal(Normal<R>),
    Central(R::Central),
    Interior(Clamped<Interior, R>),
    Far(Clamped<Far, R>),
    Narrow(Clamped<Narrow, R>),
}

/// Fills elements of one type.
pub(crate) trait Sample<E>: std::fmt::Debug + Send + Sync {
    /// Returns the name of the kernel and its numbers.
    fn prepared(&self) -> Prepared;

    /// Returns the time that an element takes one thread, in picoseconds: measured, and used to
    /// decide when to share a fill.
    fn picoseconds(&self, level: Level) -> u64;

    /// Fills runs of consecutive elements, in increasing order of their offsets.
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, route: Route, runs: impl Iterator<Item = Run<'a, E>>)
    where
        E: 'a;
}

impl<E: Scalar, R: Precision> Sample<E> for Sampler<R>
where
    Uniform<R, false>: Kernel<E>,
    Uniform<R, true>: Kernel<E>,
    Normal<R>: Kernel<E>,
    R::Central: Kernel<E>,
    Clamped<Interior, R>: Kernel<E>,
    Clamped<Far, R>: Kernel<E>,
    Clamped<Narrow, R>: Kernel<E>,
{
    fn prepared(&self) -> Prepared {
        let (kernel, parameters) = match self {
            Self::Constant(value) => ("constant", vec![("value", E::from_f64(*value).to_f64())]),
            Self::Uniform(kernel) => ("uniform", kernel.parameters()),
            Self::TinyUniform(kernel) => ("tiny_uniform", kernel.parameters()),
            Self::Normal(kernel) => ("normal", kernel.parameters()),
            Self::Central(kernel) => ("central", kernel.parameters()),
            Self::Interior(kernel) => ("interior", kernel.parameters()),
            Self::Far(kernel) => ("far", kernel.parameters()),
            Self::Narrow(kernel) => ("narrow", kernel.parameters()),
        };
        Prepared { kernel, parameters }
    }

    fn picoseconds(&self, level: Level) -> u64 {
        let cost = match self {
            Self::Constant(_) => R::COSTS.constant,
            Self::Uniform(_) | Self::TinyUniform(_) => R::COSTS.uniform,
            Self::Normal(_) => R::COSTS.normal,
            Self::Central(_) => R::COSTS.central,
            Self::Interior(_) | Self::Far(_) | Self::Narrow(_) => R::COSTS.truncated,
        };
        cost[level as usize]
    }

    #[inline(always)]
    fn fill<'a, S: Simd>(&self, simd: S, stream: Stream, route: Route, runs: impl Iterator<Item = Run<'a, E>>) {
        match *self {
            Self::Constant(value) => fill_constant(simd, E::from_f64(value), route, runs),
            Self::Uniform(kernel) => fill_runs(simd, kernel, stream, route, runs),
            Self::TinyUniform(kernel) => fill_runs(simd, kernel, stream, route, runs),
            Self::Normal(kernel) => fill_runs(simd, kernel, stream, route, runs),
            Self::Central(kernel) => fill_runs(simd, kernel, stream, route, runs),
            Self::Interior(kernel) => fill_runs(simd, kernel, stream, route, runs),
            Self::Far(kernel) => fill_runs(simd, kernel, stream, route, runs),
            Self::Narrow(kernel) => fill_runs(simd, kernel, stream, route, runs),
        }
    }
}

/// An element type that samplers can fill.
pub(crate) trait Sampled: Scalar {
    /// A distribution prepared for this type.
    type Sampler: Sample<Self>;

    /// Prepares a distribution: checks that its values fit the type, and chooses the kernel.
    fn sampler(distribution: &Distribution) -> Result<Self::Sampler, FillError>;
}

impl<T: Scalar<Real: Precision>> Sampled for T
where
    Sampler<T::Real>: Sample<T>,
{
    type Sampler = Sampler<T::Real>;

    fn sampler(distribution: &Distribution) -> Result<Self::Sampler, FillError> {
        Sampler::new::<T>(distribution)
    }
}

impl<R: Precision> Sampler<R> {
    /// Prepares a distribution for elements of type `E`.
    fn new<E: Scalar<Real = R>>(distribution: &Distribution) -> Result<Self, FillError> {
        distribution.validate()?;
        let (dtype, smallest) = (E::TYPE, E::smallest());
        let fits = |low: f64, high: f64| {
            let value = if high.abs() > low.abs() { high } else { low };
            let max = dtype.max_finite();
            if value.abs() <= max {
                Ok(())
            } else {
                Err(FillError::Overflow { dtype, distribution: *distribution, value, max })
            }
        };
        let varies = |width: f64| {
            if width < smallest {
                Err(FillError::Vanishes { dtype, distribution: *distribution, smallest })
            } else {
                Ok(())
            }
        };
        let range = |low, high, open| match Range::<E>::within(low, high, open) {
            Some(range) => Ok(range.convert::<R>()),
            None => Err(FillError::NoValue { dtype, distribution: *distribution }),
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
                varies(low.abs().max(high.abs()))?;
                let range = range(low, high, true)?;
                Ok(match Uniform::new(low, high, range) {
                    Some(kernel) => Self::Uniform(kernel),
                    None => Self::TinyUniform(Uniform::tiny(low, high, range)),
                })
            }
            Distribution::Normal { mean, std } => {
                fits(mean - R::NORMAL_REACH * std, mean + R::NORMAL_REACH * std)?;
                varies(std)?;
                Ok(Self::Normal(Normal::new(mean, std)))
            }
            Distribution::TruncatedNormal { mean, std, low, high } => {
                // Values are between the bounds, and within the reach of the mean or, in a tail, of
                // the near bound.
                let reach = TRUNCATED_REACH * std;
                fits(low.max(mean.min(high) - reach), high.min(mean.max(low) + reach))?;
                varies(std)?;
                let range = range(low, high, false)?;
                if !is_narrow(mean, std, low, high) {
                    if let Some(kernel) = R::central(mean, std, low, high, range) {
                        return Ok(Self::Central(kernel));
                    }
                    if is_inactive(R::NORMAL_REACH, mean, std, low, high) {
                        return Ok(Self::Normal(Normal::new(mean, std)));
                    }
                }
                let truncation = Truncation::new(mean, std, low, high);
                Ok(match truncation.map_err(|_| FillError::TooFar { distribution: *distribution })? {
                    Truncation::Interior(regime) => Self::Interior(Clamped { regime, range }),
                    Truncation::Far(regime) => Self::Far(Clamped { regime, range }),
                    Truncation::Narrow(regime) => Self::Narrow(Clamped { regime, range }),
                })
            }
        }
    }
}
