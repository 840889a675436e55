//! Options: the number of threads and the level of a fill.

use std::slice;

use init_kernels::Filler;

use crate::{
    choice::{self, LevelArg, LevelName},
    error::Failure,
    memory::aligned,
    pool,
    status::Status,
};

/// Maximum number of threads that options can ask for.
pub const MAX_THREADS: u32 = 1024;

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
    /// Number of threads, up to 1024. 0: as many as the process may use. 1: the caller's thread
    /// only; no other is started.
    pub threads: u32,
    /// The level: `FANIN_LEVEL_AUTO` or one that the machine supports.
    pub level: LevelArg,
}

impl Options {
    const DEFAULT: Self = Self { struct_size: size_of::<Self>(), threads: 0, level: LevelName::Auto as u32 };
}

/// Returns the default options, those of NULL: as many threads as the process may use, and the
/// default level.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_options_default() -> Options {
    Options::DEFAULT
}

/// Options that have been checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked {
    threads: usize,
    filler: Filler,
}

impl Checked {
    pub(crate) const fn default() -> Self {
        Self { threads: 0, filler: Filler::new() }
    }

    /// Calls `fill` on the threads and at the level of the options. `bytes` and `costly` (elements
    /// that take much more time to compute than to write) decide whether waking other threads is
    /// worth it.
    pub(crate) fn run<R: Send>(
        self,
        bytes: usize,
        costly: bool,
        fill: impl FnOnce(Filler) -> R + Send,
    ) -> Result<R, Failure> {
        // The kernels do not split less than 128 KiB of cheap elements.
        let shared = if costly { 16 << 10 } else { 128 << 10 };
        if self.threads != 1
            && bytes >= shared
            && let Some(pool) = pool::of(self.threads)?
        {
            return Ok(pool.install(|| fill(self.filler)));
        }
        Ok(fill(self.filler.parallel(false)))
    }
}

/// Checks the caller's options; NULL gives the defaults.
///
/// # Safety
///
/// `options` is NULL or has as many bytes as its `struct_size` says.
pub(crate) unsafe fn checked(options: *const Options) -> Result<Checked, Failure> {
    if options.is_null() {
        return Ok(Checked::default());
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
    Ok(Checked { threads: threads as usize, filler })
}
