//! The versions of the library and of the value format.

use std::ffi::{CStr, c_char};

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version contains no NUL"),
};

/// Returns the version of the library that is running, such as "0.1.0"; `FANIN_VERSION` is the
/// version of the header. Never NULL, never freed.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Returns the version of the value format: the same version gives the same values, bit for bit, in
/// every release.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_value_format() -> u32 {
    init_kernels::VALUE_FORMAT
}
