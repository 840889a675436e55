//! What an array is opened for, and its strides.

use pyo3::prelude::*;

use crate::error;

/// What an array is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Access {
    /// Refuses a read-only array that is to be written.
    pub(super) fn check(self, is_read_only: bool) -> PyResult<()> {
        if self == Self::Write && is_read_only {
            return Err(error::value(
                "the array is read-only; pass a writable one (arrays of JAX are immutable: use fanin.jax)",
            ));
        }
        Ok(())
    }
}

/// Returns strides in elements from strides in bytes.
pub(super) fn in_elements(strides: Vec<isize>, size: usize) -> PyResult<Vec<isize>> {
    let size = size as isize;
    if strides.iter().any(|stride| stride % size != 0) {
        return Err(error::value(format!(
            "the strides {strides:?} must be multiples of the element size {size}; pass an array of its own"
        )));
    }
    Ok(strides.into_iter().map(|stride| stride / size).collect())
}
