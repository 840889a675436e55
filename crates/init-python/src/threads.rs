//! The number of threads of a fill, and facts about the build and the machine.

use fanin::{Level, init_kernels::threads};
use pyo3::{prelude::*, types::PyDict};

use crate::{arguments::Natural, error};

/// Set the maximum number of threads of every fill in this process.
///
/// The number of threads does not change the values. The environment variable ``FANIN_THREADS`` sets it from outside.
///
/// Parameters
/// ----------
/// threads : int
///     From 0 to 1024; 0 is one per processor that the process may use.
///
/// Raises
/// ------
/// ValueError
///     If it is not from 0 to 1024.
#[pyfunction]
pub(crate) fn set_num_threads(threads: Natural) -> PyResult<()> {
    threads::set_count(threads.size()).map_err(error::value)
}

/// Return the maximum number of threads of a fill.
///
/// Returns
/// -------
/// int
///
/// Raises
/// ------
/// ValueError
///     If ``FANIN_THREADS`` is not a number from 0 to 1024.
#[pyfunction]
pub(crate) fn get_num_threads() -> PyResult<usize> {
    threads::count().map_err(error::value)
}

/// Return the version, value format, instruction-set level and number of threads.
///
/// Returns
/// -------
/// dict
///
/// Examples
/// --------
/// >>> import fanin
/// >>> sorted(fanin.info())
/// ['level', 'threads', 'value_format', 'version']
#[pyfunction]
pub(crate) fn info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("value_format", fanin::VALUE_FORMAT)?;
    info.set_item("level", Level::active().map_err(error::value)?.to_string())?;
    info.set_item("threads", get_num_threads()?)?;
    Ok(info)
}
