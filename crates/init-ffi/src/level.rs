//! Levels: the instruction sets that the machine supports and that fills use.

use std::ffi::c_char;

use init_kernels::Level;

use crate::{
    choice::{self, LevelArg, LevelName},
    error::Error,
    guard::guard,
    memory::put,
    status::StatusArg,
};

/// Writes the level that fills use unless the options name another: that of FANIN_LEVEL, which is
/// read once, or else the best of the machine.
///
/// `error` may be NULL. Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fanin_level_active(level: *mut LevelArg, error: *mut Error) -> StatusArg {
    let body = || {
        let name = match Level::active()? {
            Level::Portable => LevelName::Portable,
            Level::Avx2 => LevelName::Avx2,
            Level::Avx512 => LevelName::Avx512,
        };
        // SAFETY: the caller guarantees that `level` may be written.
        unsafe { put("level", level, name as u32) }
    };
    // SAFETY: the caller guarantees that `error` is NULL or may be written.
    unsafe { guard(error, body) }
}

/// Returns whether the machine supports this level; false for a number that is not a level.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_level_is_available(level: LevelArg) -> bool {
    choice::level(level).is_ok_and(|level| level.is_none_or(Level::is_available))
}

/// Returns the name of a level: `auto`, `portable`, `avx2`, `avx512`; `unknown` for a number that
/// is not a level. Never NULL, never freed.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_level_name(level: LevelArg) -> *const c_char {
    let name = match level {
        level if level == LevelName::Auto as u32 => c"auto",
        level if level == LevelName::Portable as u32 => c"portable",
        level if level == LevelName::Avx2 as u32 => c"avx2",
        level if level == LevelName::Avx512 as u32 => c"avx512",
        _ => c"unknown",
    };
    name.as_ptr()
}
