//! `Shard`: a part of a tensor, as runs of indices on each axis.

use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use crate::{
    arguments::{Runs, Sizes},
    error,
};

/// A part of a tensor: on each axis the indices of one run or of several.
///
/// Parameters
/// ----------
/// whole : sequence of int
///     Shape of the whole tensor.
/// offsets : sequence of int
///     First index of the part on each axis.
/// shape : sequence of int
///     Shape of the part.
///
/// Raises
/// ------
/// ValueError
///     If the numbers of dimensions differ or the part exceeds the tensor.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> fanin.Shard((256, 784), (64, 0), (64, 784)).shape
/// (64, 784)
/// >>> fanin.Shard.of_runs((8, 4), [[(0, 2), (4, 2)], [(0, 4)]]).shape
/// (4, 4)
#[pyclass(frozen, eq, hash, module = "fanin")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shard {
    whole: Vec<usize>,
    /// For each axis its runs (start, length), neither empty nor adjacent.
    runs: Vec<Vec<(usize, usize)>>,
}

/// A box of a shard: where it is in the whole tensor and in the shard.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) box_: fanin::Shard,
    pub(crate) local: Vec<usize>,
}

#[pymethods]
impl Shard {
    #[new]
    fn new(whole: Sizes, offsets: Sizes, shape: Sizes) -> PyResult<Self> {
        let (Sizes(whole), Sizes(offsets), Sizes(shape)) = (whole, offsets, shape);
        fanin::Shard::new(&whole, &offsets, &shape).map_err(error::value)?;
        Ok(Self { whole, runs: offsets.into_iter().zip(shape).map(|run| joined(vec![run])).collect() })
    }

    /// Return the part with several runs of indices on an axis, such as an interleaved DTensor's.
    ///
    /// Parameters
    /// ----------
    /// whole : sequence of int
    ///     Shape of the whole tensor.
    /// runs : sequence of sequences of (start, length)
    ///     For each axis the runs of indices, in the order that they have in the part.
    #[staticmethod]
    fn of_runs(whole: Sizes, runs: Runs) -> PyResult<Self> {
        let (Sizes(whole), Runs(runs)) = (whole, runs);
        if whole.len() != runs.len() {
            return Err(error::value(format!(
                "runs must have an entry for each axis of the whole tensor, got {} for {} axes",
                runs.len(),
                whole.len()
            )));
        }
        for (axis, (&size, runs)) in whole.iter().zip(&runs).enumerate() {
            let mut sorted = runs.clone();
            sorted.retain(|&(_, len)| len > 0);
            sorted.sort_unstable();
            let mut end = 0;
            for (start, len) in sorted {
                if start.checked_add(len).is_none_or(|end| end > size) {
                    return Err(error::value(format!(
                        "on axis {axis} the run of {len} from {start} exceeds the size {size} of the tensor"
                    )));
                }
                if start < end {
                    return Err(error::value(format!(
                        "on axis {axis} two runs contain index {start}; each may occur once"
                    )));
                }
                end = start + len;
            }
        }
        let shard = Self { whole, runs: runs.into_iter().map(joined).collect() };
        // Checks the number of elements.
        fanin::Shard::new(&shard.whole, &vec![0; shard.whole.len()], &vec![0; shard.whole.len()])
            .map_err(error::value)?;
        Ok(shard)
    }

    /// Shape of the whole tensor.
    #[getter(whole)]
    fn whole_tuple<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.whole)
    }

    /// Shape of the part.
    #[getter(shape)]
    fn shape_tuple<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.shape())
    }

    /// For each axis its runs (start, length).
    #[getter(runs)]
    fn runs_list(&self) -> Vec<Vec<(usize, usize)>> {
        self.runs.clone()
    }

    fn __repr__(&self) -> String {
        format!("Shard.of_runs({:?}, {:?})", self.whole, self.runs)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let arguments = PyTuple::new(
            py,
            [self.whole.clone().into_pyobject(py)?.into_any(), self.runs.clone().into_pyobject(py)?.into_any()],
        )?;
        Ok((py.get_type::<Self>().getattr("of_runs")?, arguments))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyDict>) -> Py<Self> {
        slf
    }
}

impl Shard {
    /// Returns the shape of the whole tensor.
    pub(crate) fn whole(&self) -> &[usize] {
        &self.whole
    }

    /// Returns the shape of the part.
    pub(crate) fn shape(&self) -> Vec<usize> {
        self.runs.iter().map(|runs| runs.iter().map(|run| run.1).sum()).collect()
    }

    /// Returns the boxes that the shard consists of: one for each combination of runs.
    pub(crate) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = vec![(Vec::new(), Vec::new(), Vec::new())];
        for runs in &self.runs {
            let mut next = Vec::with_capacity(pieces.len() * runs.len());
            for (offsets, local, shape) in &pieces {
                let mut at = 0;
                for &(start, len) in runs {
                    let with = |list: &Vec<usize>, last| list.iter().copied().chain([last]).collect::<Vec<usize>>();
                    next.push((with(offsets, start), with(local, at), with(shape, len)));
                    at += len;
                }
            }
            pieces = next;
        }
        let piece = |(offsets, local, shape): (Vec<usize>, Vec<usize>, Vec<usize>)| Piece {
            box_: fanin::Shard::new(&self.whole, &offsets, &shape).expect("the runs were checked"),
            local,
        };
        pieces.into_iter().map(piece).collect()
    }
}

/// Returns the runs without empty ones, with adjacent ones joined.
fn joined(runs: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut joined: Vec<(usize, usize)> = Vec::with_capacity(runs.len());
    for (start, len) in runs {
        match joined.last_mut() {
            _ if len == 0 => {}
            Some(last) if last.0 + last.1 == start => last.1 += len,
            _ => joined.push((start, len)),
        }
    }
    joined
}
