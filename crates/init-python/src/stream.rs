//! `Stream`: where values come from.

use std::hash::{Hash, Hasher};

use pyo3::prelude::*;

use crate::{arguments::Natural, error};

/// A stream of random values, named by a seed and a path of children.
///
/// Parameters
/// ----------
/// seed : int
///     From 0 to 2**64 - 1.
///
/// Notes
/// -----
/// Streams are immutable, hashable, comparable and picklable. Streams with different names are independent.
///
/// Examples
/// --------
/// >>> import fanin
/// >>> stream = fanin.Stream(42).child("h.0.attn.weight")
/// >>> stream == fanin.Stream.from_key(*stream.key)
/// True
#[pyclass(frozen, eq, hash, module = "fanin", from_py_object)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream(pub(crate) fanin::Stream);

impl Hash for Stream {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key().hash(state);
    }
}

#[pymethods]
impl Stream {
    #[new]
    fn new(seed: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(fanin::Stream::new(read_seed(seed)?)))
    }

    /// Return the child with a name, such as a parameter's, or with an index.
    ///
    /// Parameters
    /// ----------
    /// name : str or int
    ///
    /// Returns
    /// -------
    /// Stream
    fn child(&self, name: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(name) = name.extract::<&str>() {
            return Ok(Self(self.0.child(name)));
        }
        match name.extract::<u64>() {
            Ok(index) => Ok(Self(self.0.child_index(index))),
            Err(_) => Err(error::type_error(format!(
                "the name of a child must be a string or a number from 0 to 2**64 - 1, got {}",
                name.repr()?
            ))),
        }
    }

    /// The key: two 64-bit words that identify the stream.
    #[getter]
    fn key(&self) -> (u64, u64) {
        self.0.key()
    }

    /// Return the stream of a key.
    #[staticmethod]
    fn from_key(low: Natural, high: Natural) -> Self {
        Self(fanin::Stream::from_key(low.0, high.0))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (u64, u64))> {
        Ok((py.get_type::<Self>().getattr("from_key")?, self.0.key()))
    }

    fn __repr__(&self) -> String {
        let (low, high) = self.0.key();
        format!("Stream.from_key({low:#018x}, {high:#018x})")
    }
}

/// Returns the seed that a Python integer is.
pub(crate) fn read_seed(seed: &Bound<'_, PyAny>) -> PyResult<u64> {
    if let Ok(seed) = seed.extract::<u64>() {
        return Ok(seed);
    }
    let message = format!("the seed must be from 0 to 2**64 - 1, got {}", seed.repr()?);
    Err(match seed.is_instance_of::<pyo3::types::PyInt>() {
        true => error::value(message),
        false => error::type_error(message.replace("from 0", "an integer from 0")),
    })
}

/// A stream, or the seed of one.
pub(crate) fn read(stream: &Bound<'_, PyAny>) -> PyResult<fanin::Stream> {
    if let Ok(stream) = stream.cast::<Stream>() {
        return Ok(stream.get().0);
    }
    match stream.is_instance_of::<pyo3::types::PyInt>() || stream.hasattr("__index__")? {
        true => Ok(fanin::Stream::new(read_seed(stream)?)),
        false => Err(error::type_error(format!("stream must be a fanin.Stream or a seed, got {}", stream.repr()?))),
    }
}
