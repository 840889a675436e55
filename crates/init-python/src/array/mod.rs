//! Arrays of other libraries as destinations: `__array_interface__`, DLPack, the buffer protocol.

use pyo3::{buffer::PyUntypedBuffer, prelude::*};

use self::access::Access;
use crate::{destination::Destination, error};

mod access;
mod buffer;
mod dlpack;
mod interface;

/// An open array: its memory, and what keeps it alive and exported.
#[derive(Debug)]
pub(crate) struct Array<'py> {
    pub(crate) destination: Destination,
    _owner: Owner<'py>,
}

/// What keeps an array's memory alive and exported while it is open.
#[derive(Debug)]
enum Owner<'py> {
    Object { _object: Bound<'py, PyAny> },
    Buffer { _buffer: PyUntypedBuffer },
}

/// Opens a writable array on the CPU.
pub(crate) fn open<'py>(out: &Bound<'py, PyAny>) -> PyResult<Array<'py>> {
    with(out, Access::Write)
}

/// Opens an array on the CPU whose values are only read.
pub(crate) fn view<'py>(array: &Bound<'py, PyAny>) -> PyResult<Array<'py>> {
    with(array, Access::Read)
}

/// NumPy's interface comes first: it is the only one that has ml_dtypes' bfloat16.
fn with<'py>(out: &Bound<'py, PyAny>, access: Access) -> PyResult<Array<'py>> {
    if let Some(interface) = out.getattr_opt("__array_interface__")? {
        return Ok(Array {
            destination: interface::read(out, &interface, access)?,
            _owner: Owner::Object { _object: interface },
        });
    }
    if out.hasattr("__dlpack__")? {
        let (destination, capsule) = dlpack::read(out, access)?;
        return Ok(Array { destination, _owner: Owner::Object { _object: capsule } });
    }
    if let Some((destination, buffer)) = buffer::read(out, access)? {
        return Ok(Array { destination, _owner: Owner::Buffer { _buffer: buffer } });
    }
    Err(error::type_error(format!(
        "out must be an array that exports DLPack, the buffer protocol or __array_interface__, got {}",
        out.get_type().name()?
    )))
}
