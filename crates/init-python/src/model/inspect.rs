//! Statistics of the tensors of a model file, judged by a plan.

use fanin::model::{
    Header,
    check::{Bound as Bounds, Fault, Moments, Unjudged, Verdict, pair},
    inspect, judge,
    recipe::Pattern,
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use super::{plan::Plan, source, watched::watched};
use crate::error;

/// Measures the tensors of a file; returns a row for each, and the facts of the file.
#[pyfunction]
#[pyo3(signature = (path, plan, tensor, bins))]
pub(crate) fn inspect_file<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyAny>,
    plan: Option<&Plan>,
    tensor: Option<&str>,
    bins: usize,
) -> PyResult<(Bound<'py, PyDict>, Vec<Bound<'py, PyDict>>)> {
    let header = Header::read(source::path(path, "path")?).map_err(error::of_file)?;
    let glob = tensor.map(|glob| Pattern::glob(glob).map_err(error::value)).transpose()?;
    let is_wanted =
        |name: &str| tensor.is_none_or(|wanted| wanted == name) || glob.as_ref().is_some_and(|glob| glob.matches(name));
    if !header.tensors().is_empty() && !header.tensors().iter().any(|tensor| is_wanted(&tensor.name)) {
        return Err(error::value(format!("the file has no tensor {:?}", tensor.unwrap_or_default())));
    }
    let entries = plan.map(|plan| pair(plan.plan(), &header)).transpose().map_err(error::value)?;
    let found = watched(py, |progress| inspect(&header, bins, |tensor| is_wanted(&tensor.name), progress))?;
    let found = found.map_err(error::of_file)?;
    let judgement = judge(&found, entries.as_deref());

    let facts = PyDict::new(py);
    let metadata = PyDict::new(py);
    for (key, value) in header.metadata() {
        metadata.set_item(key, value)?;
    }
    facts.set_item("metadata", metadata)?;
    facts.set_item("scores", judgement.scores)?;
    facts.set_item("limit", judgement.limit)?;
    let rows = found.measured.iter().zip(&judgement.tensors).map(|(measured, judged)| {
        let tensor = found.tensor(measured);
        let row = PyDict::new(py);
        row.set_item("name", &tensor.name)?;
        row.set_item("shape", PyTuple::new(py, &tensor.shape)?)?;
        row.set_item("dtype", tensor.type_name())?;
        row.set_item("elements", tensor.elements())?;
        let moments = measured.moments.as_ref();
        row.set_item("nan", moments.map(Moments::nan))?;
        row.set_item("infinite", moments.map(Moments::infinite))?;
        row.set_item("mean", moments.map(Moments::mean))?;
        row.set_item("std", moments.map(Moments::std))?;
        row.set_item("min", moments.map(Moments::min))?;
        row.set_item("max", moments.map(Moments::max))?;
        row.set_item("kurtosis", moments.map(Moments::kurtosis))?;
        let histogram = measured.histogram.as_ref();
        row.set_item("histogram", histogram.map(|all| (all.low, all.high, all.counts.clone())))?;
        let entry = entries.as_ref().map(|entries| entries[measured.tensor]);
        let distribution = entry.and_then(|entry| entry.distribution());
        row.set_item("initializer", entry.map(|entry| entry.initializer.to_string()))?;
        row.set_item("distribution", entry.map(|entry| entry.resolved.to_string()))?;
        row.set_item("expected_mean", distribution.map(|all| all.mean()))?;
        row.set_item("expected_std", distribution.map(|all| all.std()))?;
        row.set_item("mean_z", judged.comparison.and_then(|all| all.mean_z))?;
        row.set_item("std_z", judged.comparison.and_then(|all| all.std_z))?;
        row.set_item("bound", judged.comparison.map(|all| bound(all.bound)))?;
        let (verdict, faults, reason) = match &judged.verdict {
            Verdict::Expected => ("expected", Vec::new(), None),
            Verdict::Faulty(faults) => ("faulty", faults.iter().map(fault).collect(), None),
            Verdict::NotJudged(reason) => ("not_judged", Vec::new(), Some(self::reason(*reason))),
        };
        row.set_item("verdict", verdict)?;
        row.set_item("faults", PyTuple::new(py, faults)?)?;
        row.set_item("reason", reason)?;
        Ok(row)
    });
    Ok((facts, rows.collect::<PyResult<_>>()?))
}

fn bound(bound: Bounds) -> &'static str {
    match bound {
        Bounds::Open => "none",
        Bounds::Kept => "kept",
        Bounds::Broken => "broken",
    }
}

fn fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::NotFinite => "not_finite",
        Fault::DType(_) => "dtype",
        Fault::OutOfBounds => "out_of_bounds",
        Fault::Mean => "mean",
        Fault::Std => "std",
    }
}

fn reason(reason: Unjudged) -> &'static str {
    match reason {
        Unjudged::NoPlan => "no_plan",
        Unjudged::NoDistribution => "no_distribution",
        Unjudged::NotRead => "not_read",
    }
}
