//! Arrays with `__array_interface__`: NumPy's, with ml_dtypes' bfloat16.

use fanin::DType;
use pyo3::{prelude::*, types::PyDict};

use super::access::{Access, in_elements};
use crate::{destination::Destination, dtype, error};

/// Reads version 3 of NumPy's array interface.
pub(super) fn read(out: &Bound<'_, PyAny>, interface: &Bound<'_, PyAny>, access: Access) -> PyResult<Destination> {
    let interface = interface.cast::<PyDict>().map_err(|_| error::type_error("__array_interface__ must be a dict"))?;
    let item = |name: &str| {
        interface.get_item(name)?.ok_or_else(|| error::type_error(format!("__array_interface__ has no {name:?}")))
    };
    let (address, is_read_only): (usize, bool) = item("data")?.extract()?;
    access.check(is_read_only)?;
    let dtype = read_dtype(out, &item("typestr")?.extract::<String>()?)?;
    let strides = match interface.get_item("strides")? {
        Some(strides) if !strides.is_none() => Some(in_elements(strides.extract()?, dtype.size())?),
        _ => None,
    };
    Destination::new(address, dtype, item("shape")?.extract()?, strides)
}

/// Returns the element type of a type string such as `<f4`. bfloat16 has none: its dtype's name tells.
fn read_dtype(out: &Bound<'_, PyAny>, text: &str) -> PyResult<DType> {
    let foreign = if cfg!(target_endian = "little") { '>' } else { '<' };
    Ok(match text.trim_start_matches(['<', '>', '=', '|']) {
        "f2" | "f4" | "f8" if text.starts_with(foreign) => {
            return Err(error::type_error(format!("the array must have this machine's byte order, got {text}")));
        }
        "f4" => DType::F32,
        "f8" => DType::F64,
        "f2" => DType::F16,
        _ => match out.getattr("dtype") {
            Ok(given) => dtype::read(&given)?,
            Err(_) => return dtype::of_name(text),
        },
    })
}
