//! Arrays with the buffer protocol: `array.array`, `memoryview`, `ctypes` arrays.

use fanin::DType;
use pyo3::{buffer::PyUntypedBuffer, prelude::*, types::PyMemoryView};

use super::access::{Access, in_elements};
use crate::{destination::Destination, error};

/// Opens a buffer; `None` if the object has none. The buffer stays exported while it is alive.
pub(super) fn read(out: &Bound<'_, PyAny>, access: Access) -> PyResult<Option<(Destination, PyUntypedBuffer)>> {
    // A memoryview has strides where its object, such as an array of ctypes, gives none.
    let Ok(buffer) = PyMemoryView::from(out).and_then(|view| PyUntypedBuffer::get(&view)) else {
        return Ok(None);
    };
    access.check(buffer.readonly())?;
    let format = buffer.format().to_string_lossy();
    let dtype = match format.trim_start_matches(['@', '=', native()]) {
        "f" => DType::F32,
        "d" => DType::F64,
        "e" => DType::F16,
        _ => {
            return Err(error::type_error(format!(
                "the buffer must have elements of float32, float64 or float16 in this machine's byte order, got the \
                 format {format:?}"
            )));
        }
    };
    if buffer.suboffsets().is_some_and(|offsets| offsets.iter().any(|&offset| offset >= 0)) {
        return Err(error::value("the buffer has suboffsets, that is, pointers to its rows; pass one block of memory"));
    }
    let strides = in_elements(buffer.strides().to_vec(), dtype.size())?;
    let address = buffer.buf_ptr() as usize;
    let destination = Destination::new(address, dtype, buffer.shape().to_vec(), Some(strides))?;
    Ok(Some((destination, buffer)))
}

/// Returns whether an object exports a read-only buffer.
pub(super) fn is_read_only(out: &Bound<'_, PyAny>) -> bool {
    PyUntypedBuffer::get(out).is_ok_and(|buffer| buffer.readonly())
}

/// Returns the character of this machine's byte order.
fn native() -> char {
    if cfg!(target_endian = "little") { '<' } else { '>' }
}
