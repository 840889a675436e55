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
    /// The standard deviation's distance from the expected one, in standard errors; none for a constant and for fewer than two values.
    ///
    /// Of many values it is (s − σ) / (σ·√((κ − 1) / 4n)) for the kurtosis κ of the distribution. Of few, s is far from normal, and this is
    /// the z-score of its tail: s²/σ² has about the law of χ²/ν with the same variance 2/ν = (κ − 3)/n + 2/(n − 1), and the cube root of
    /// that is nearly normal (Wilson and Hilferty 1931).
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
    let std = law.std();
    Comparison {
        bound: bound(law, dtype, moments),
        mean_z: (std > 0.0 && n > 0.0).then(|| (moments.mean() - law.mean()) / (std / n.sqrt())),
        std_z: (std > 0.0 && n > 1.0).then(|| std_score(moments.std() / std, law.kurtosis(), n)),
    }
}

/// How far into its tail a ratio s/σ of `n` values is.
fn std_score(ratio: f64, kurtosis: f64, n: f64) -> f64 {
    let ninth = ((kurtosis - 3.0) / n + 2.0 / (n - 1.0)) / 9.0;
    (libm::cbrt(ratio * ratio) - (1.0 - ninth)) / ninth.sqrt()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The probability that χ² of an even number of degrees of freedom is above `x`, exactly.
    fn chi_squared_above(x: f64, degrees: u32) -> f64 {
        let mut term = (-x / 2.0).exp();
        let mut sum = term;
        for k in 1..degrees / 2 {
            term *= x / 2.0 / f64::from(k);
            sum += term;
        }
        sum
    }

    /// Of n normal values, s²(n − 1)/σ² is χ² with n − 1 degrees of freedom: the score's tail must hold no more than its share, whatever n.
    #[test]
    fn scores_of_few_values_accuse_no_more_than_of_many() {
        for degrees in [2, 4, 8, 20, 100, 400] {
            let n = f64::from(degrees) + 1.0;
            for z in [2.0, 4.0, 5.0, 6.0] {
                // The ratio that has this score.
                let ratio = (0..200).fold((0.0, 100.0), |(low, high), _| {
                    let middle = (low + high) / 2.0;
                    if std_score(middle, 3.0, n) < z { (middle, high) } else { (low, middle) }
                });
                let above = chi_squared_above(ratio.0 * ratio.0 * f64::from(degrees), degrees);
                let normal = init_core::normal_law::sf(z);
                // Wilson and Hilferty's approximation is right to a few parts in a hundred here, and errs far out on the safe side.
                assert!(above < 1.1 * normal, "{degrees} degrees, z {z}: {above:e} for {normal:e}");
            }
        }
    }

    #[test]
    fn scores_of_many_values_are_distances_in_standard_errors() {
        for kurtosis in [1.8f64, 2.4, 3.0] {
            let n = 1e8;
            let error = ((kurtosis - 1.0) / (4.0 * n)).sqrt();
            for z in [-5.0, -1.0, 2.0, 6.0] {
                assert!((std_score(1.0 + z * error, kurtosis, n) - z).abs() < 2e-3);
            }
        }
    }
}
