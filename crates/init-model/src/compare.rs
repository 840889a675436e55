use std::collections::HashMap;

use half::{bf16, f16};
use init_core::{DType, Distribution};

use crate::{
    header::Header,
    plan::{Entry, Plan},
    shown::shown,
    stats::Moments,
};

/// How far a tensor's figures are from what its distribution promises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Whether the values stay inside the bounds.
    pub bound: Bound,
    /// The mean's distance from the expected one, in standard errors σ/√n; none for a constant.
    pub mean_z: Option<f64>,
    /// The standard deviation's distance from the expected one, in standard errors σ·√((κ − 1) / 4n) for the kurtosis κ of
    /// the distribution; none for a constant and for fewer than two values.
    pub std_z: Option<f64>,
}

/// What became of a distribution's bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The distribution has none.
    Open,
    /// Every value is inside.
    Kept,
    /// A value is outside, or is NaN.
    Broken,
}

/// Compares the figures of a tensor, stored as `dtype`, with the distribution that it should have.
///
/// Values are the stream's, not the ideal law's, so that about 1 in 16,000 of the z-scores of a right file passes ±4.
pub fn compare(law: &Distribution, dtype: DType, moments: &Moments) -> Comparison {
    let n = moments.finite() as f64;
    let score = |distance: f64, error: f64| (error > 0.0 && n > 0.0).then(|| distance / error);
    let std_error = law.std() * ((law.kurtosis() - 1.0) / (4.0 * n)).sqrt();
    Comparison {
        bound: bound(law, dtype, moments),
        mean_z: score(moments.mean() - law.mean(), law.std() / n.sqrt()),
        std_z: score(moments.std() - law.std(), std_error).filter(|_| n > 1.0),
    }
}

fn bound(law: &Distribution, dtype: DType, moments: &Moments) -> Bound {
    let (mut low, mut high) = law.support();
    // A law of one value may be stored beside it; any other keeps its bounds in every dtype.
    if low == high {
        (low, high) = (round(dtype, low), round(dtype, high));
    }
    if low == f64::NEG_INFINITY && high == f64::INFINITY {
        Bound::Open
    } else if moments.nan() + moments.infinite() == 0 && moments.min() >= low && moments.max() <= high {
        Bound::Kept
    } else {
        Bound::Broken
    }
}

/// What is stored for the value of a law that has only one.
fn round(dtype: DType, value: f64) -> f64 {
    match dtype {
        DType::F64 => value,
        DType::F32 => f64::from(value as f32),
        DType::Bf16 => bf16::from_f32(value as f32).to_f64(),
        DType::F16 => f16::from_f32(value as f32).to_f64(),
    }
}

/// Finds the plan's entry of each tensor in a file, in the file's order.
///
/// # Errors
///
/// [`MismatchError`] if one of the two has a name that the other has not, or if a shape differs.
pub fn pair<'a>(plan: &'a Plan, header: &Header) -> Result<Vec<&'a Entry>, MismatchError> {
    let mut entries: HashMap<&str, &Entry> = plan.entries().iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let pairs = header
        .tensors()
        .iter()
        .map(|tensor| {
            let name = || tensor.name.clone();
            let entry =
                entries.remove(tensor.name.as_str()).ok_or_else(|| MismatchError::Unplanned { name: name() })?;
            if entry.shape.dims() != tensor.shape {
                return Err(MismatchError::Shape {
                    name: name(),
                    planned: entry.shape.dims().to_vec(),
                    found: tensor.shape.clone(),
                });
            }
            Ok(entry)
        })
        .collect::<Result<_, _>>()?;
    match plan.entries().iter().find(|entry| entries.contains_key(entry.name.as_str())) {
        None => Ok(pairs),
        Some(missing) => Err(MismatchError::Missing { name: missing.name.clone() }),
    }
}

/// How a file and a recipe differ.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MismatchError {
    /// The file has more.
    #[error("the file has the tensor `{shown}`, which the recipe does not list; give the recipe that made the file", shown = shown(.name))]
    Unplanned {
        /// The tensor.
        name: String,
    },
    /// The recipe has more.
    #[error("the recipe lists `{shown}`, which the file does not have; give the recipe that made the file", shown = shown(.name))]
    Missing {
        /// The parameter.
        name: String,
    },
    /// One name, two shapes.
    #[error(
        "`{}` is {planned:?} in the recipe and {} in the file; give the recipe that made the file",
        shown(.name),
        shown(&format!("{found:?}"))
    )]
    Shape {
        /// The parameter.
        name: String,
        /// Its shape in the recipe.
        planned: Vec<usize>,
        /// Its shape in the file.
        found: Vec<usize>,
    },
}
