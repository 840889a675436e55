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
        let name = LevelName::of(Level::active()?);
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

/// The names of the levels, each with a NUL at its end, in the order of [`Level::ALL`].
static NAMES: [[u8; 16]; Level::ALL.len()] = {
    let mut names = [[0; 16]; Level::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        let name = Level::ALL[index].name().as_bytes();
        assert!(name.len() < 16, "the name and its NUL fit");
        let mut at = 0;
        while at < name.len() {
            names[index][at] = name[at];
            at += 1;
        }
        index += 1;
    }
    names
};

/// Returns the name of a level, such as `portable` or `avx2`; `auto` for FANIN_LEVEL_AUTO, and
/// `unknown` for a number that is not a level. Never NULL, never freed.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_level_name(level: LevelArg) -> *const c_char {
    if level == LevelName::Auto as u32 {
        return c"auto".as_ptr();
    }
    let index = Level::ALL.iter().position(|&known| LevelName::of(known) as u32 == level);
    index.map_or(c"unknown".as_ptr(), |index| NAMES[index].as_ptr().cast())
}
