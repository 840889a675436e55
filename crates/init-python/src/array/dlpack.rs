//! Arrays with DLPack: PyTorch's, CuPy's in pinned memory, and others.
//!
//! The structures are those of the DLPack specification, version 1.0. The capsule is only looked at, never
//! consumed: its producer frees it.

use std::ffi::{CStr, c_void};

use fanin::DType;
use pyo3::{
    prelude::*,
    types::{PyCapsule, PyCapsuleMethods, PyDict},
};

use super::{access::Access, buffer};
use crate::{destination::Destination, error};

const UNVERSIONED: &CStr = c"dltensor";
const VERSIONED: &CStr = c"dltensor_versioned";

/// Device types of memory that the CPU can write: CPU and the two kinds of pinned memory.
const HOST: [i32; 3] = [1, 3, 11];
const FLAG_READ_ONLY: u64 = 1;

#[repr(C)]
struct Tensor {
    data: *mut c_void,
    device_type: i32,
    device_id: i32,
    ndim: i32,
    code: u8,
    bits: u8,
    lanes: u16,
    shape: *const i64,
    strides: *const i64,
    byte_offset: u64,
}

#[repr(C)]
struct Managed {
    tensor: Tensor,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Self)>,
}

#[repr(C)]
struct ManagedVersioned {
    major: u32,
    minor: u32,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Self)>,
    flags: u64,
    tensor: Tensor,
}

/// Reads an array through DLPack. The capsule keeps it alive.
pub(super) fn read<'py>(out: &Bound<'py, PyAny>, access: Access) -> PyResult<(Destination, Bound<'py, PyAny>)> {
    let capsule = capsule(out)?;
    let (tensor, flags) = if let Ok(pointer) = capsule.pointer_checked(Some(VERSIONED)) {
        // SAFETY: a capsule of this name holds this structure, by the specification; the capsule is alive.
        let managed = unsafe { pointer.cast::<ManagedVersioned>().as_ref() };
        if managed.major != 1 {
            return Err(error::type_error(format!(
                "the array exports DLPack {}.{}; version 1 is supported",
                managed.major, managed.minor
            )));
        }
        (&managed.tensor, managed.flags)
    } else {
        let pointer = capsule.pointer_checked(Some(UNVERSIONED))?;
        access.check(is_immutable(out)?)?;
        // SAFETY: as above.
        (&unsafe { pointer.cast::<Managed>().as_ref() }.tensor, 0)
    };
    access.check(flags & FLAG_READ_ONLY != 0)?;
    if !HOST.contains(&tensor.device_type) {
        return Err(error::value(format!(
            "the array must be in the memory of the CPU, got DLPack device type {}; for GPU tensors of PyTorch use \
             fanin.torch.fill_",
            tensor.device_type
        )));
    }
    let destination = destination(tensor)?;
    Ok((destination, capsule.into_any()))
}

/// Returns whether an array must not be written though its capsule, of before version 1, cannot say so: JAX's.
fn is_immutable(out: &Bound<'_, PyAny>) -> PyResult<bool> {
    let module: String = out.get_type().getattr("__module__")?.extract()?;
    Ok(module.split('.').next().is_some_and(|root| root == "jax" || root == "jaxlib") || buffer::is_read_only(out))
}

/// Asks for a capsule, of version 1 if the producer knows it.
fn capsule<'py>(out: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyCapsule>> {
    let py = out.py();
    let keywords = PyDict::new(py);
    keywords.set_item("max_version", (1, 0))?;
    let capsule = match out.call_method("__dlpack__", (), Some(&keywords)) {
        Ok(capsule) => capsule,
        // Producers from before version 1 do not know the keyword.
        Err(error) if error.is_instance_of::<pyo3::exceptions::PyTypeError>(py) => out.call_method0("__dlpack__")?,
        Err(refusal) => return Err(error::value(format!("the array cannot be exported by DLPack: {refusal}"))),
    };
    capsule.cast_into::<PyCapsule>().map_err(|_| error::type_error("__dlpack__ must return a capsule"))
}

fn destination(tensor: &Tensor) -> PyResult<Destination> {
    let dtype = match (tensor.code, tensor.bits, tensor.lanes) {
        (2, 32, 1) => DType::F32,
        (2, 64, 1) => DType::F64,
        (4, 16, 1) => DType::Bf16,
        (2, 16, 1) => DType::F16,
        (code, bits, lanes) => {
            return Err(error::type_error(format!(
                "the array must have elements of float32, float64, bfloat16 or float16, got DLPack type code {code} \
                 with {bits} bits and {lanes} lanes"
            )));
        }
    };
    let ndim = usize::try_from(tensor.ndim).map_err(|_| error::type_error("the array has a negative ndim"))?;
    // SAFETY: the specification promises `ndim` entries behind each pointer that is not null.
    let list = |pointer: *const i64| (!pointer.is_null()).then(|| unsafe { std::slice::from_raw_parts(pointer, ndim) });
    let sizes = if ndim == 0 { Some(&[] as &[i64]) } else { list(tensor.shape) };
    let sizes = sizes.ok_or_else(|| error::type_error("the array has no shape"))?;
    let shape = sizes.iter().map(|&size| usize::try_from(size)).collect::<Result<Vec<_>, _>>();
    let shape = shape.map_err(|_| error::value(format!("the array has the invalid shape {sizes:?}")))?;
    let strides = if ndim == 0 { None } else { list(tensor.strides) };
    let strides = strides.map(|strides| strides.iter().map(|&stride| stride as isize).collect());
    Destination::new(tensor.data as usize + tensor.byte_offset as usize, dtype, shape, strides)
}
