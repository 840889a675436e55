//! Arrays with the buffer protocol: `array.array`, `memoryview`, `ctypes` arrays.

use fanin::DType;
use pyo3::{
    buffer::PyBuffer,
    exceptions::PyBufferError,
    prelude::*,
    types::{PyDict, PyMemoryView},
};

use super::{Access, in_elements};
use crate::{destination::Destination, error};

/// Opens a buffer; `None` if the object has none. The view keeps the buffer exported.
pub(super) fn read<'py>(out: &Bound<'py, PyAny>, access: Access) -> PyResult<Option<(Destination, Bound<'py, PyAny>)>> {
    let Ok(view) = PyMemoryView::from(out) else {
        return Ok(None);
    };
    access.check(view.getattr("readonly")?.extract()?)?;
    let format: String = view.getattr("format")?.extract()?;
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
    let shape = view.getattr("shape")?.extract::<Vec<usize>>()?;
    let strides = view.getattr("strides")?.extract::<Vec<isize>>()?;
    let address = address(&view, dtype)?;
    Ok(Some((Destination::new(address, dtype, shape, Some(in_elements(strides, dtype.size())?))?, view.into_any())))
}

/// Returns the address of a view's first element.
fn address(view: &Bound<'_, PyMemoryView>, dtype: DType) -> PyResult<usize> {
    let found = match dtype {
        DType::F32 => PyBuffer::<f32>::get(view)?.buf_ptr() as usize,
        DType::F64 => PyBuffer::<f64>::get(view)?.buf_ptr() as usize,
        DType::F16 | DType::Bf16 => {
            // PyO3 has no element type of this format: the bytes have the same address.
            let bytes = view.call_method("cast", ("B",), None::<&Bound<'_, PyDict>>);
            let bytes = bytes.map_err(|_| PyBufferError::new_err("a strided buffer of float16 is not supported"))?;
            PyBuffer::<u8>::get(&bytes)?.buf_ptr() as usize
        }
    };
    Ok(found)
}

/// Returns the character of this machine's byte order.
fn native() -> char {
    if cfg!(target_endian = "little") { '<' } else { '>' }
}
