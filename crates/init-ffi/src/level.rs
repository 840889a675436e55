//! Levels: what the machine has and what fills use.

use std::ffi::c_char;

use init_kernels::Level;

use crate::choice::{self, LevelArg, LevelName};
use crate::error::Error;
use crate::guard::guard;
use crate::memory::put;
use crate::status::StatusArg;

/// The level that fills use unless the options say otherwise: what FANIN_LEVEL says, read once, or else the best.
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
        // SAFETY: `level` is the caller's to write.
        unsafe { put("level", level, name as u32) }
    };
    // SAFETY: `error` is the caller's.
    unsafe { guard(error, body) }
}

/// Whether the machine has this level; false for a number that is no level.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_level_is_available(level: LevelArg) -> bool {
    choice::level(level).is_ok_and(|level| level.is_none_or(Level::is_available))
}

/// The name of a level: `auto`, `portable`, `avx2`, `avx512`; for a number that is none, `unknown`. Never NULL, never freed.
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
