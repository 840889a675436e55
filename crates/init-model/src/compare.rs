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
/// [`MismatchError`], which lists the names that one of the two has and the other has not, and the shapes that differ.
pub fn pair<'a>(plan: &'a Plan, header: &Header) -> Result<Vec<&'a Entry>, MismatchError> {
    let mut entries: HashMap<&str, &Entry> = plan.entries().iter().map(|entry| (entry.name.as_str(), entry)).collect();
    let mut mismatch = MismatchError::default();
    let mut pairs = Vec::with_capacity(entries.len());
    for tensor in header.tensors() {
        match entries.remove(tensor.name.as_str()) {
            None => mismatch.unplanned.push(tensor.name.clone()),
            Some(entry) if entry.shape.dims() != tensor.shape => mismatch.shapes.push(ShapeMismatch {
                name: tensor.name.clone(),
                planned: entry.shape.dims().to_vec(),
                found: tensor.shape.clone(),
            }),
            Some(entry) => pairs.push(entry),
        }
    }
    let missing = plan.entries().iter().filter(|entry| entries.contains_key(entry.name.as_str()));
    mismatch.missing.extend(missing.map(|entry| entry.name.clone()));
    if mismatch == MismatchError::default() { Ok(pairs) } else { Err(mismatch) }
}

/// How the tables of a file and of a recipe differ. Prints the first few of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}; give the recipe that made the file", self.listed())]
pub struct MismatchError {
    /// What the file has and the recipe does not list, in the order of the file.
    pub unplanned: Vec<String>,
    /// What the recipe lists and the file does not have, in the order of the recipe.
    pub missing: Vec<String>,
    /// One name, two shapes, in the order of the file.
    pub shapes: Vec<ShapeMismatch>,
}

/// A tensor of another shape than planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeMismatch {
    /// Its name.
    pub name: String,
    /// Its shape in the recipe.
    pub planned: Vec<usize>,
    /// Its shape in the file.
    pub found: Vec<usize>,
}

/// As many of each kind as a message lists.
const LISTED: usize = 3;

impl MismatchError {
    fn listed(&self) -> String {
        let names = |names: &[String]| few(names, |name| format!("`{}`", shown(name)));
        let mut parts = Vec::new();
        if !self.unplanned.is_empty() {
            parts.push(format!("the file has {}, which the recipe does not list", names(&self.unplanned)));
        }
        if !self.missing.is_empty() {
            parts.push(format!("the recipe lists {}, which the file does not have", names(&self.missing)));
        }
        if !self.shapes.is_empty() {
            parts.push(few(&self.shapes, |ShapeMismatch { name, planned, found }| {
                let found = shown(&format!("{found:?}"));
                format!("`{}` is {planned:?} in the recipe and {found} in the file", shown(name))
            }));
        }
        parts.join("; ")
    }
}

/// The first few, and how many more there are.
fn few<T>(all: &[T], each: impl Fn(&T) -> String) -> String {
    let listed = all.iter().take(LISTED).map(each).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(LISTED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
