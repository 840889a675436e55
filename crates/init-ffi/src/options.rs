//! Options: the number of threads and the level of a fill.

use std::slice;

use init_kernels::Filler;

use crate::{
    choice::{self, LevelArg, LevelName},
    error::Failure,
    memory::aligned,
    status::Status,
};

/// Maximum number of threads that options can ask for.
pub const MAX_THREADS: u32 = 1024;
const _: () = assert!(MAX_THREADS as usize == init_kernels::threads::MAX_THREADS);

/// Larger than the options of any version, so that a size that was never set is detected.
pub(crate) const LARGEST: usize = 4096;

/// Options of a fill. No option changes a value.
///
/// Start from `fanin_options_default` and change its fields. Where a function takes options, NULL
/// means the defaults.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Options {
    /// `sizeof(fanin_options)`, which tells the library the caller's version. Options of a later
    /// version are refused if they set a field that this version does not know.
    pub struct_size: usize,
    /// Number of threads, up to 1024. 0: at most as many as `FANIN_THREADS` says or, without it, as
    /// the process may use; fewer where the system starts fewer. 1: the caller's thread only; no
    /// other is started. Otherwise a fill of 64 KiB or more (16 KiB of a structured tensor) gives
    /// `FANIN_STATUS_NO_THREADS` if the system does not start them.
    pub threads: u32,
    /// The level: `FANIN_LEVEL_AUTO` or one that the machine supports.
    pub level: LevelArg,
}

impl Options {
    const DEFAULT: Self = Self { struct_size: size_of::<Self>(), threads: 0, level: LevelName::Auto as u32 };
}

/// Returns the default options, those of NULL: at most as many threads as `FANIN_THREADS` says or,
/// without it, as the process may use, and the default level.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_options_default() -> Options {
    Options::DEFAULT
}

/// Checks the caller's options; NULL gives the defaults.
///
/// # Safety
///
/// `options` is NULL or has as many bytes as its `struct_size` says.
pub(crate) unsafe fn checked(options: *const Options) -> Result<Filler, Failure> {
    if options.is_null() {
        return Ok(Filler::new());
    }
    if !aligned(options) {
        return Err(Failure::new(
            Status::Misaligned,
            format!("`options` is at {options:p}, which is not aligned; pass a fanin_options"),
        ));
    }
    let invalid = |message: String| Err(Failure::new(Status::InvalidOptions, message));
    let known = size_of::<Options>();
    // SAFETY: every version's options begin with their size.
    let size = unsafe { options.cast::<usize>().read() };
    if !(size_of::<usize>()..=LARGEST).contains(&size) {
        return invalid(format!(
            "`struct_size` of the options is {size}; start from fanin_options_default(), which sets it to {known}"
        ));
    }
    // SAFETY: the caller guarantees that many readable bytes.
    let given = unsafe { slice::from_raw_parts(options.cast::<u8>(), size) };
    if given.iter().skip(known).any(|&byte| byte != 0) {
        return invalid(format!(
            "the options have {size} bytes and set a field that this version, with {known} bytes, does not know; use \
             a newer library or only the first {known} bytes"
        ));
    }
    let field = |at: usize, default: u32| {
        let bytes = given.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(default, u32::from_ne_bytes)
    };
    let threads = field(std::mem::offset_of!(Options, threads), Options::DEFAULT.threads);
    let level = field(std::mem::offset_of!(Options, level), Options::DEFAULT.level);
    if threads > MAX_THREADS {
        return invalid(format!(
            "`threads` must be at most {MAX_THREADS}, got {threads}; 0 means as many as the process may use"
        ));
    }
    let filler = choice::level(level)?.map_or(Filler::new(), |level| Filler::new().level(level));
    Ok(filler.require_threads(threads as usize))
}
