//! Pairing the tensors of a file with the entries of a plan.

use std::collections::HashMap;

use crate::{
    excerpt::excerpt,
    file::header::Header,
    plan::{entry::Entry, plan::Plan},
};

/// Returns the plan's entry for each tensor of a file, in the file's order.
///
/// # Errors
///
/// Returns [`MismatchError`], which lists the names that only one of the two has and the shapes
/// that differ.
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

/// The difference between the parameters of a file and of a recipe. Prints the first few of each
/// kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}; give the recipe that the file was made from", self.listed())]
pub struct MismatchError {
    /// Names in the file that the recipe does not list, in the order of the file.
    pub unplanned: Vec<String>,
    /// Names in the recipe that the file does not have, in the order of the recipe.
    pub missing: Vec<String>,
    /// Tensors whose shapes differ, in the order of the file.
    pub shapes: Vec<ShapeMismatch>,
}

/// A tensor whose shape is not the planned one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeMismatch {
    /// Its name.
    pub name: String,
    /// Its shape in the recipe.
    pub planned: Vec<usize>,
    /// Its shape in the file.
    pub found: Vec<usize>,
}

/// The number of names of each kind that a message lists.
const LISTED: usize = 3;

impl MismatchError {
    fn listed(&self) -> String {
        let names = |names: &[String]| few(names, |name| format!("`{}`", excerpt(name)));
        let mut parts = Vec::new();
        if !self.unplanned.is_empty() {
            parts.push(format!("the file has {}, which the recipe does not list", names(&self.unplanned)));
        }
        if !self.missing.is_empty() {
            parts.push(format!("the recipe lists {}, which the file does not have", names(&self.missing)));
        }
        if !self.shapes.is_empty() {
            parts.push(few(&self.shapes, |ShapeMismatch { name, planned, found }| {
                let found = excerpt(&format!("{found:?}"));
                format!("`{}` is {planned:?} in the recipe and {found} in the file", excerpt(name))
            }));
        }
        parts.join("; ")
    }
}

/// Lists the first few, and how many more there are.
fn few<T>(all: &[T], each: impl Fn(&T) -> String) -> String {
    let listed = all.iter().take(LISTED).map(each).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(LISTED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
