//! Element types, as people write them in Python: text, NumPy's and PyTorch's objects.

use fanin::DType;
use pyo3::{prelude::*, types::PyType};

use crate::error;

/// Returns the element type that `dtype` names: `"f32"`, `"float32"`, `np.float32`, `np.dtype("f4")`, `torch.float32`.
pub(crate) fn read(dtype: &Bound<'_, PyAny>) -> PyResult<DType> {
    let text = match dtype.extract::<String>() {
        Ok(text) => text,
        Err(_) if dtype.is_instance_of::<PyType>() => dtype.getattr("__name__")?.extract()?,
        Err(_) => match dtype.getattr("name") {
            Ok(name) => name.extract()?,
            Err(_) => dtype.str()?.to_string(),
        },
    };
    of_name(text.rsplit('.').next().unwrap_or(&text))
}

/// Returns the element type of a name without a module.
pub(crate) fn of_name(name: &str) -> PyResult<DType> {
    Ok(match name {
        "f32" | "float32" | "float" => DType::F32,
        "f64" | "float64" | "double" => DType::F64,
        "bf16" | "bfloat16" => DType::Bf16,
        "f16" | "float16" | "half" => DType::F16,
        _ => {
            return Err(error::type_error(format!(
                "the dtype must be float32, float64, bfloat16 or float16 (f32, f64, bf16, f16), got {name}"
            )));
        }
    })
}

/// Return NumPy's name of an element type: ``"float32"`` for ``"f32"``, ``torch.float32`` or ``np.float32``.
#[pyfunction]
pub(crate) fn dtype_name(dtype: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    Ok(match read(dtype)? {
        DType::F32 => "float32",
        DType::F64 => "float64",
        DType::Bf16 => "bfloat16",
        DType::F16 => "float16",
    })
}
