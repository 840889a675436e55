//! How to fill: on how many threads, at which level.

use std::slice;

use init_kernels::Filler;

use crate::choice::{self, LevelArg, LevelName};
use crate::error::Failure;
use crate::memory::aligned;
use crate::pool;
use crate::status::Status;

/// The most threads that can be asked for.
pub const MAX_THREADS: u32 = 1024;

/// More than any version's options, so that a size that was never set is found out.
const LARGEST: usize = 4096;

/// How to fill. Nothing here changes a value.
///
/// Made by `fanin_options_default`, then changed. Where options are taken, NULL stands for the defaults.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Options {
    /// `sizeof(fanin_options)`, by which the library knows the caller's version. Options of a later version are refused where they ask for
    /// what this one does not know.
    pub struct_size: usize,
    /// How many threads fill, up to 1024. 0: as many as the process may use. 1: the caller's thread alone, and no other is ever started.
    pub threads: u32,
    /// Which instructions: `FANIN_LEVEL_AUTO` or one that the machine has.
    pub level: LevelArg,
}

impl Options {
    const DEFAULT: Self = Self { struct_size: size_of::<Self>(), threads: 0, level: LevelName::Auto as u32 };
}

/// The options that NULL stands for: as many threads as the process may use, the best level.
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

    /// Calls `fill` where and as the options say. `bytes` and `costly` (elements that take much more than their writing) tell whether
    /// other threads are worth waking.
    pub(crate) fn run<R: Send>(
        self,
        bytes: usize,
        costly: bool,
        fill: impl FnOnce(Filler) -> R + Send,
    ) -> Result<R, Failure> {
        // The kernels do not share less than 128 KiB of cheap elements.
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

/// The caller's options, or the defaults for NULL.
///
/// # Safety
/// `options` is NULL or holds as many bytes as its `struct_size` says.
pub(crate) unsafe fn checked(options: *const Options) -> Result<Checked, Failure> {
    if options.is_null() {
        return Ok(Checked::default());
    }
    if !aligned(options) {
        return Err(Failure::new(Status::Misaligned, format!("`options` is at {options:p}, which is not aligned")));
    }
    let invalid = |message: String| Err(Failure::new(Status::InvalidOptions, message));
    let known = size_of::<Options>();
    // SAFETY: every version's options begin with their size.
    let size = unsafe { options.cast::<usize>().read() };
    if !(size_of::<usize>()..=LARGEST).contains(&size) {
        return invalid(format!(
            "`struct_size` of the options is {size}; begin with fanin_options_default(), which sets it to {known}"
        ));
    }
    // SAFETY: so many bytes are there by the caller's word.
    let given = unsafe { slice::from_raw_parts(options.cast::<u8>(), size) };
    if given.iter().skip(known).any(|&byte| byte != 0) {
        return invalid(format!(
            "the options are {size} bytes and ask for what this version, with {known}, does not know"
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
            "{threads} threads were asked for; at most {MAX_THREADS} are possible, and 0 means all"
        ));
    }
    let filler = choice::level(level)?.map_or(Filler::new(), |level| Filler::new().level(level));
    Ok(Checked { threads: threads as usize, filler })
}
