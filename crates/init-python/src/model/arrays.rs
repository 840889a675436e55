//! Verification of arrays in memory against a plan, bit for bit.

use std::collections::HashSet;

use bytemuck::Pod;
use fanin::{
    DType, Element, FillError, Filler, Progress, Structured, bf16, f16,
    model::{
        Entry, Plan,
        check::{CheckError, Found},
    },
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyMapping},
};
use rayon::prelude::*;

use super::{plan, verify::row, watched::watched};
use crate::{array, destination::Destination, error};

/// Bytes that a thread generates and compares at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// The number of names that a message lists.
const LISTED: usize = 3;

/// A run of elements of one entry.
struct Chunk {
    entry: usize,
    start: usize,
    len: usize,
}

/// Compares the arrays of a mapping with a plan; returns a row for each that differs.
#[pyfunction]
pub(crate) fn verify_arrays<'py>(
    py: Python<'py>,
    arrays: &Bound<'py, PyMapping>,
    plan: &plan::Plan,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let plan = plan.plan();
    check_names(arrays, plan)?;
    let mut opened = Vec::with_capacity(plan.entries().len());
    for entry in plan.entries() {
        let array = array::view(&arrays.get_item(&entry.name)?)?;
        if array.destination.shape() != entry.shape.dims() {
            return Err(error::value(format!(
                "`{}` has the shape {:?} in the plan, got an array of shape {:?}",
                entry.name,
                entry.shape.dims(),
                array.destination.shape()
            )));
        }
        opened.push(array);
    }
    let views: Vec<&Destination> = opened.iter().map(|array| &array.destination).collect();
    let found = watched(py, |progress| compare(plan, &views, progress))?.map_err(error::of_file)?;
    let rows = plan.entries().iter().zip(&views).zip(found);
    rows.filter_map(|((entry, view), found)| {
        Some(row(py, &entry.name, entry.shape.dims(), view.dtype().name(), &found?))
    })
    .collect()
}

/// Checks that the mapping and the plan have the same names.
fn check_names(arrays: &Bound<'_, PyMapping>, plan: &Plan) -> PyResult<()> {
    let given: Vec<String> = arrays.keys()?.extract()?;
    let planned: HashSet<&str> = plan.entries().iter().map(|entry| entry.name.as_str()).collect();
    let has: HashSet<&str> = given.iter().map(String::as_str).collect();
    let missing = plan.entries().iter().map(|entry| entry.name.as_str()).filter(|name| !has.contains(name));
    let unplanned = given.iter().map(String::as_str).filter(|name| !planned.contains(name));
    let mut parts = Vec::new();
    for (names, who) in [(missing.collect::<Vec<_>>(), "the arrays lack"), (unplanned.collect(), "the plan lacks")] {
        if !names.is_empty() {
            let listed = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let more = names.len().saturating_sub(LISTED);
            parts.push(format!("{who} {listed}{}", if more > 0 { format!(" and {more} more") } else { String::new() }));
        }
    }
    if parts.is_empty() {
        Ok(())
    } else {
        Err(error::value(format!("{}; pass the plan of this model", parts.join("; "))))
    }
}

/// Compares all entries with their arrays, in chunks on all threads.
fn compare(plan: &Plan, views: &[&Destination], progress: Progress<'_>) -> Result<Vec<Option<Found>>, CheckError> {
    let entries = plan.entries();
    let mut found: Vec<Option<Found>> = entries
        .iter()
        .zip(views)
        .map(|(entry, view)| (view.dtype() != entry.dtype).then_some(Found::DType { expected: entry.dtype }))
        .collect();
    let chunks = (0..entries.len()).filter(|&entry| found[entry].is_none()).flat_map(|entry| {
        let len = views[entry].len();
        let step = if is_whole(&entries[entry]) { len.max(1) } else { CHUNK_BYTES / entries[entry].dtype.size() };
        (0..len).step_by(step).map(move |start| Chunk { entry, start, len: step.min(len - start) })
    });
    let chunks: Vec<Chunk> = chunks.collect();
    let results = chunks.par_iter().with_max_len(1).map(|chunk| {
        let (entry, view) = (&entries[chunk.entry], views[chunk.entry]);
        let result = match entry.dtype {
            DType::F32 => differences::<f32>(plan, entry, view, chunk),
            DType::F64 => differences::<f64>(plan, entry, view, chunk),
            DType::Bf16 => differences::<bf16>(plan, entry, view, chunk),
            DType::F16 => differences::<f16>(plan, entry, view, chunk),
        };
        let result = result.map_err(|source| CheckError::Fill { name: entry.name.clone(), source })?;
        progress.advance((chunk.len * entry.dtype.size()) as u64)?;
        Ok(result)
    });
    let results = results.collect::<Result<Vec<_>, CheckError>>()?;
    for (chunk, result) in chunks.iter().zip(results) {
        match (&mut found[chunk.entry], result) {
            (Some(Found::Values { count, .. }), Some(Found::Values { count: more, .. })) => *count += more,
            (all @ None, result) => *all = result,
            _ => {}
        }
    }
    Ok(found)
}

/// Whether a part of an entry costs about as much as all of it.
fn is_whole(entry: &Entry) -> bool {
    use Structured::{DeltaOrthogonal, Orthogonal, Sparse};
    matches!(entry.resolved.structured(), Some(Orthogonal { .. } | DeltaOrthogonal { .. } | Sparse { .. }))
}

/// Compares a chunk of an entry with its array.
fn differences<T: Element + Pod + Into<f64>>(
    plan: &Plan,
    entry: &Entry,
    view: &Destination,
    chunk: &Chunk,
) -> Result<Option<Found>, FillError> {
    let bytes = (chunk.len * size_of::<T>()) as u64;
    let mut expected: Vec<T> = Vec::new();
    expected.try_reserve_exact(chunk.len).map_err(|_| FillError::NoMemory { bytes })?;
    expected.resize(chunk.len, T::zeroed());
    let filler = Filler::new().threads(if is_whole(entry) { 0 } else { 1 });
    plan.fill_at(&mut expected, chunk.start as u64, entry, filler)?;
    let mut all = None;
    view.for_each::<T>(chunk.start, chunk.len, |index, found| {
        let expected = expected[index];
        if bytemuck::bytes_of(&expected) == bytemuck::bytes_of(&found) {
            return;
        }
        match &mut all {
            Some(Found::Values { count, .. }) => *count += 1,
            _ => {
                let flat = (chunk.start + index) as u64;
                all = Some(Found::Values { count: 1, flat, expected: expected.into(), found: found.into() });
            }
        }
    });
    Ok(all)
}
