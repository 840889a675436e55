//! The caller's memory: checked before anything touches it.
//!
//! What runs on every call is inlined: a result that is returned through memory and read again at once costs more than the check itself.

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::slice;

use init_core::Shape;

use crate::error::Failure;
use crate::status::Status;

pub(crate) fn aligned<T>(pointer: *const T) -> bool {
    pointer.addr().is_multiple_of(align_of::<T>())
}

fn null(name: &str) -> Failure {
    Failure::new(Status::NullPointer, format!("`{name}` is NULL; pass a pointer to what it should hold"))
}

#[inline(always)]
fn check<T>(name: &str, pointer: *const T, len: usize) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(null(name));
    }
    let bytes = len.checked_mul(size_of::<T>()).filter(|&bytes| isize::try_from(bytes).is_ok());
    if bytes.is_none_or(|bytes| pointer.addr().checked_add(bytes).is_none()) {
        let size = size_of::<T>();
        let message = format!("`{name}` would hold {len} elements of {size} bytes, more than can be addressed");
        return Err(Failure::new(Status::Overflow, message));
    }
    if !aligned(pointer) {
        let align = align_of::<T>();
        let message = format!("`{name}` is at {pointer:p}, which is no multiple of {align}; pass aligned memory");
        return Err(Failure::new(Status::Misaligned, message));
    }
    Ok(())
}

/// Memory to be filled. Its contents may be anything and are not read.
///
/// # Safety
/// Unless `len` is 0, `dst` is NULL or may be written for `len` elements, by nobody else meanwhile.
#[inline(always)]
pub(crate) unsafe fn destination<'a, T>(dst: *mut T, len: usize) -> Result<&'a mut [MaybeUninit<T>], Failure> {
    if len == 0 {
        return Ok(&mut []);
    }
    check("dst", dst, len)?;
    // SAFETY: not null, aligned and inside the address space by `check`, writable by the caller's word, and `MaybeUninit` asks for
    // no contents.
    Ok(unsafe { slice::from_raw_parts_mut(dst.cast(), len) })
}

/// Numbers to read.
///
/// # Safety
/// Unless `len` is 0, `pointer` is NULL or holds `len` numbers, which nobody writes meanwhile.
#[inline(always)]
pub(crate) unsafe fn numbers<'a>(name: &str, pointer: *const usize, len: usize) -> Result<&'a [usize], Failure> {
    if len > Shape::MAX_NDIM {
        let message = format!("`ndim` is {len}, but at most {} dimensions are possible", Shape::MAX_NDIM);
        return Err(Failure::new(Status::InvalidShape, message));
    }
    if len == 0 {
        return Ok(&[]);
    }
    check(name, pointer, len)?;
    // SAFETY: not null and aligned by `check`; readable by the caller's word.
    Ok(unsafe { slice::from_raw_parts(pointer, len) })
}

/// A text that ends with a NUL.
///
/// # Safety
/// `pointer` is NULL or points to bytes up to a NUL, which nobody writes meanwhile.
#[inline(always)]
pub(crate) unsafe fn text<'a>(name: &str, pointer: *const c_char) -> Result<&'a str, Failure> {
    if pointer.is_null() {
        return Err(null(name));
    }
    // SAFETY: not null, and ended by the caller's word.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map_err(|error| {
        let at = error.valid_up_to();
        Failure::new(Status::InvalidText, format!("`{name}` is no UTF-8 from byte {at} on"))
    })
}

/// Writes one result.
///
/// # Safety
/// `dst` is NULL or may be written.
pub(crate) unsafe fn put<T>(name: &str, dst: *mut T, value: T) -> Result<(), Failure> {
    check(name, dst, 1)?;
    // SAFETY: not null and aligned by `check`, writable by the caller's word.
    unsafe { dst.write(value) };
    Ok(())
}

/// Writes a text and a NUL, all or nothing.
///
/// # Safety
/// Unless `size` is 0, `dst` is NULL or may be written for `size` bytes.
pub(crate) unsafe fn put_text(dst: *mut c_char, size: usize, text: &str) -> Result<(), Failure> {
    let needed = text.len() + 1;
    if size < needed {
        let message = format!("the text takes {needed} bytes, but `size` is {size}; pass at least {needed}");
        return Err(Failure::new(Status::InvalidLength, message));
    }
    // SAFETY: as for this function.
    let dst = unsafe { destination(dst, needed)? };
    for (to, from) in dst.iter_mut().zip(text.bytes().chain([0])) {
        to.write(from as c_char);
    }
    Ok(())
}
