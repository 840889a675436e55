//! `RawBits`: a stream's raw bits behind NumPy's interface of bit generators.

use std::{cell::UnsafeCell, ffi::c_void};

use fanin::{StreamRng, rand_core::Rng};
use pyo3::{
    prelude::*,
    types::{PyCapsule, PyCapsuleMethods},
};

use crate::{arguments::Natural, stream::Stream};

/// NumPy's `bitgen_t`, of `numpy/random/bitgen.h`: the state of a generator and its functions.
#[repr(C)]
struct BitGenerator {
    state: *mut c_void,
    next_uint64: unsafe extern "C" fn(*mut c_void) -> u64,
    next_uint32: unsafe extern "C" fn(*mut c_void) -> u32,
    next_double: unsafe extern "C" fn(*mut c_void) -> f64,
    next_raw: unsafe extern "C" fn(*mut c_void) -> u64,
}

/// The raw bits of a stream, in order. A generator of NumPy has one and its lock.
#[pyclass(frozen, module = "fanin._fanin")]
#[derive(Debug)]
pub(crate) struct RawBits {
    stream: fanin::Stream,
    rng: Box<UnsafeCell<StreamRng>>,
}

// SAFETY: whoever calls a method or a function of the structure holds the lock of the NumPy generator.
unsafe impl Sync for RawBits {}

#[pymethods]
impl RawBits {
    #[new]
    fn new(stream: &Stream, position: Natural) -> Self {
        Self { stream: stream.0, rng: Box::new(UnsafeCell::new(stream.0.rng_at(position.0))) }
    }

    /// The stream.
    #[getter]
    fn stream(&self) -> Stream {
        Stream(self.stream)
    }

    /// Return the number of 32-bit words that were drawn. The caller holds the generator's lock.
    fn position(&self) -> u64 {
        // SAFETY: the caller holds the lock.
        unsafe { &*self.rng.get() }.position()
    }

    /// Continue after that many 32-bit words. The caller holds the generator's lock.
    fn seek(&self, position: Natural) {
        // SAFETY: the caller holds the lock.
        unsafe { *self.rng.get() = self.stream.rng_at(position.0) };
    }

    /// Make the generator of a capsule draw from these bits, which it must keep alive.
    fn install(&self, capsule: &Bound<'_, PyCapsule>) -> PyResult<()> {
        let generator = capsule.pointer_checked(Some(c"BitGenerator"))?.cast::<BitGenerator>();
        let state = self.rng.get().cast();
        let functions = BitGenerator { state, next_uint64, next_uint32, next_double, next_raw: next_uint64 };
        // SAFETY: a capsule of this name holds NumPy's structure, which nobody uses before this call.
        unsafe { generator.write(functions) };
        Ok(())
    }
}

/// # Safety
///
/// `state` is a `StreamRng` of a `RawBits`, and the caller holds the lock.
unsafe extern "C" fn next_uint64(state: *mut c_void) -> u64 {
    // SAFETY: as for this function.
    unsafe { &mut *state.cast::<StreamRng>() }.next_u64()
}

/// # Safety
///
/// As for [`next_uint64`].
unsafe extern "C" fn next_uint32(state: *mut c_void) -> u32 {
    // SAFETY: as for this function.
    unsafe { &mut *state.cast::<StreamRng>() }.next_u32()
}

/// Returns a multiple of 2⁻⁵³ in [0, 1), as all of NumPy's generators do.
///
/// # Safety
///
/// As for [`next_uint64`].
unsafe extern "C" fn next_double(state: *mut c_void) -> f64 {
    // SAFETY: as for this function.
    (unsafe { next_uint64(state) } >> 11) as f64 / (1u64 << 53) as f64
}
