//! Structured fills: tensors whose elements are not independent. `docs/value-format.md` defines
//! their values.

mod drawn;
mod orthogonal_part;
mod part;
mod pattern;
mod stft;

use half::{bf16, f16};
use init_core::{Distribution, Structured};

use crate::{
    dispatch::{Job, prepare},
    error::FillError,
    float_env::FloatEnv,
    orthogonal::Normals,
    sampler::Sampled,
};
use part::Part;

/// An element type that can be filled with a structured fill.
///
/// The functions are implemented type by type, so that the fills are compiled once, in this crate,
/// and not again in every crate that fills.
pub(crate) trait FillStructured: Sampled {
    /// Checks that a structured fill is valid and fits the type.
    fn check_structured(structured: &Structured) -> Result<(), FillError>;

    /// Fills a buffer with a part of a structured fill that has all its elements.
    fn fill_structured(job: Job<'_, Self>, structured: &Structured) -> Result<(), FillError>;
}

macro_rules! fill_structured {
    ($($element:ident)*) => {$(
        impl FillStructured for $element {
            fn check_structured(structured: &Structured) -> Result<(), FillError> {
                FloatEnv::run(|| check::<Self>(structured))
            }

            fn fill_structured(job: Job<'_, Self>, structured: &Structured) -> Result<(), FillError> {
                FloatEnv::run(|| {
                    check::<Self>(structured)?;
                    fill(job, structured)
                })
            }
        }
    )*};
}

fill_structured!(f32 f64 bf16 f16);

/// Checks that a structured fill is valid and fits the type.
fn check<T: Sampled>(structured: &Structured) -> Result<(), FillError> {
    structured.validate()?;
    let fits = |value: f64, reach: f64| {
        let (max, smallest) = (T::TYPE.max_finite(), T::smallest());
        let structured = || Box::new(structured.clone());
        if value.abs() * reach > max {
            return Err(FillError::TooLarge { dtype: T::TYPE, structured: structured(), value, max });
        }
        if value != 0.0 && value.abs() < smallest {
            return Err(FillError::TooSmall { dtype: T::TYPE, structured: structured(), smallest });
        }
        Ok(())
    };
    match structured {
        // Rounding errors may let an element exceed 1.
        Structured::Orthogonal { gain, .. } | Structured::DeltaOrthogonal { gain, .. } => fits(*gain, 1.0 + 1e-3),
        Structured::Eye { gain: value, .. }
        | Structured::PaddedIdentity { gain: value, .. }
        | Structured::GateBias { value, .. } => fits(*value, 1.0),
        Structured::Hadamard { filters, gain, .. } => fits(pattern::hadamard(filters, *gain), 1.0),
        Structured::Dirac { .. } | Structured::Bilinear { .. } | Structured::Chrono { .. } => Ok(()),
        Structured::Sparse { std, .. } => prepare::<T>(&Distribution::Normal { mean: 0.0, std: *std }).map(drop),
        Structured::Icnr { distribution, .. } | Structured::ZeroRow { distribution, .. } => {
            prepare::<T>(distribution).map(drop)
        }
        Structured::Stft(stft) if stft::vanishes(stft) => {
            let structured = Box::new(structured.clone());
            Err(FillError::TooSmall { dtype: T::TYPE, structured, smallest: T::smallest() })
        }
        Structured::Stft(_) => Ok(()),
    }
}

/// Fills a buffer with a part of a structured fill that has all its elements.
fn fill<T: Sampled<Real: Normals>>(job: Job<'_, T>, structured: &Structured) -> Result<(), FillError> {
    if job.dst.is_empty() {
        return Ok(());
    }
    let mut part = Part { job };
    match structured {
        Structured::Orthogonal { matrix, gain } => part.orthogonal(matrix, *gain)?,
        Structured::DeltaOrthogonal { filters, centre, gain } => part.delta_orthogonal(filters, *centre, *gain)?,
        Structured::Eye { matrix, gain } => part.eye(matrix, matrix.rows().min(matrix.cols()), *gain)?,
        Structured::PaddedIdentity { matrix, gain } => part.eye(matrix, matrix.rows().max(matrix.cols()), *gain)?,
        Structured::Dirac { filters, groups, centre } => part.dirac(filters, *groups, *centre)?,
        Structured::Hadamard { filters, centre, gain } => part.hadamard(filters, *centre, *gain)?,
        Structured::GateBias { hidden, gate, value, .. } => part.gate(*hidden, *gate, *value)?,
        Structured::ZeroRow { matrix, row, distribution } => part.zero_row(matrix, *row, distribution)?,
        Structured::Bilinear { filters, diagonal } => part.bilinear(filters, *diagonal),
        Structured::Stft(stft) => part.stft(stft)?,
        Structured::Sparse { matrix, zeros, std } => part.sparse(matrix, *zeros, *std)?,
        Structured::Icnr { matrix, repeats, tiled, source, distribution } => {
            let rows = drawn::Repeated { matrix, source, repeats: *repeats, tiled: *tiled };
            part.icnr(&rows, distribution)?;
        }
        Structured::Chrono { hidden, forget, input, longest, .. } => {
            part.chrono(*hidden, [*forget, *input], *longest)?;
        }
    }
    Ok(())
}
