//! The caller's memory, checked before anything touches it.
//!
//! Code that runs on every call is inlined: a result that is returned through memory and read back
//! at once costs more than the check itself.

use std::{
    ffi::{CStr, c_char},
    mem::MaybeUninit,
    slice,
};

use init_core::Shape;

use crate::{error::Failure, status::Status};

pub(crate) fn aligned<T>(pointer: *const T) -> bool {
    pointer.addr().is_multiple_of(align_of::<T>())
}

fn null(name: &str) -> Failure {
    Failure::new(Status::NullPointer, format!("`{name}` is NULL; pass a valid pointer"))
}

fn overflow(name: &str, len: usize, size: usize) -> Failure {
    let message = format!("`{name}` has {len} elements of {size} bytes, which is more than can be addressed");
    Failure::new(Status::Overflow, message)
}

/// Returns the number of bytes of `len` elements of `size` bytes, at most `isize::MAX`.
#[inline(always)]
pub(crate) fn addressable(name: &str, len: usize, size: usize) -> Result<usize, Failure> {
    let bytes = len.checked_mul(size).filter(|&bytes| isize::try_from(bytes).is_ok());
    bytes.ok_or_else(|| overflow(name, len, size))
}

#[inline(always)]
fn check<T>(name: &str, pointer: *const T, len: usize) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(null(name));
    }
    let bytes = addressable(name, len, size_of::<T>())?;
    if pointer.addr().checked_add(bytes).is_none() {
        return Err(overflow(name, len, size_of::<T>()));
    }
    if !aligned(pointer) {
        let align = align_of::<T>();
        let message = format!("`{name}` is at {pointer:p}, which is not a multiple of {align}; pass aligned memory");
        return Err(Failure::new(Status::Misaligned, message));
    }
    Ok(())
}

/// Returns the memory to fill. Its contents are arbitrary and are not read.
///
/// # Safety
///
/// Unless `len` is 0, `dst` is NULL or points to `len` elements that may be written and that nobody
/// else accesses meanwhile.
#[inline(always)]
pub(crate) unsafe fn destination<'a, T>(dst: *mut T, len: usize) -> Result<&'a mut [MaybeUninit<T>], Failure> {
    if len == 0 {
        return Ok(&mut []);
    }
    check("dst", dst, len)?;
    // SAFETY: not null, aligned and inside the address space by `check`; the caller guarantees that
    // it may be written; `MaybeUninit` requires no contents.
    Ok(unsafe { slice::from_raw_parts_mut(dst.cast(), len) })
}

/// Returns the numbers to read, such as the sizes of a shape.
///
/// # Safety
///
/// Unless `len` is 0, `pointer` is NULL or points to `len` numbers, which nobody writes meanwhile.
#[inline(always)]
pub(crate) unsafe fn numbers<'a>(name: &str, pointer: *const usize, len: usize) -> Result<&'a [usize], Failure> {
    if len > Shape::MAX_NDIM {
        let message = format!("`ndim` must be at most {}, got {len}", Shape::MAX_NDIM);
        return Err(Failure::new(Status::InvalidShape, message));
    }
    if len == 0 {
        return Ok(&[]);
    }
    check(name, pointer, len)?;
    // SAFETY: not null and aligned by `check`; the caller guarantees that it may be read.
    Ok(unsafe { slice::from_raw_parts(pointer, len) })
}

/// Returns a text that ends with a NUL.
///
/// # Safety
///
/// `pointer` is NULL or points to bytes up to a NUL, which nobody writes meanwhile.
#[inline(always)]
pub(crate) unsafe fn text<'a>(name: &str, pointer: *const c_char) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Err(null(name));
    }
    // SAFETY: not null, and the caller guarantees the NUL at its end.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|error| {
        let at = error.valid_up_to();
        Failure::new(Status::InvalidText, format!("`{name}` is not UTF-8 from byte {at} on; pass UTF-8"))
    })
}

/// Writes one result.
///
/// # Safety
///
/// `dst` is NULL or may be written.
pub(crate) unsafe fn put<T>(name: &str, dst: *mut T, value: T) -> Result<(), Failure> {
    check(name, dst, 1)?;
    // SAFETY: not null and aligned by `check`; the caller guarantees that it may be written.
    unsafe { dst.write(value) };
    Ok(())
}

/// Writes a text and a NUL, or nothing if they do not fit.
///
/// # Safety
///
/// Unless `size` is 0, `dst` is NULL or points to `size` bytes that may be written.
pub(crate) unsafe fn put_text(dst: *mut c_char, size: usize, text: &str) -> Result<(), Failure> {
    let needed = text.len() + 1;
    if size < needed {
        let message = format!("`size` must be at least {needed} for this text, got {size}");
        return Err(Failure::new(Status::InvalidLength, message));
    }
    // SAFETY: as for this function.
    let dst = unsafe { destination(dst, needed)? };
    for (to, from) in dst.iter_mut().zip(text.bytes().chain([0])) {
        to.write(from as c_char);
    }
    Ok(())
}
