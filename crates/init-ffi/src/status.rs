//! What a call came to.

use std::ffi::{CStr, c_char};

/// A status as a number: any `u32` may arrive in its place.
pub type StatusArg = u32;

/// What a call came to. `FANIN_STATUS_OK` is 0; whatever else it is, the destination was not written.
///
/// New ones may be added between these, and none is ever renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A pointer is NULL that something has to be read from or written to.
    NullPointer = 10,
    /// A pointer is no multiple of its type's alignment.
    Misaligned = 11,
    /// A size, an offset or their sum is more than can be addressed or counted.
    Overflow = 12,
    /// The length of a buffer does not go with the shape, the shard or the text.
    InvalidLength = 13,
    /// A number in the place of a dtype, layout, mode, nonlinearity or other choice is none of them.
    InvalidChoice = 20,
    /// The stream is `{0, 0}`: it was never made, or its parent was invalid, or a child's name was NULL or no UTF-8.
    InvalidStream = 21,
    /// A text is no UTF-8, or no initializer, layout or nonlinearity.
    InvalidText = 22,
    /// The numbers of a distribution make no law.
    InvalidDistribution = 23,
    /// A parameter of an initializer is out of range, or it is structured where a distribution is needed.
    InvalidInitializer = 24,
    /// The initializer does not go with the shape and layout: no fans, no elements, no place for a structure.
    InvalidShape = 25,
    /// The shard has other dimensions than its tensor, or leaves it.
    InvalidShard = 26,
    /// The options have a size that can't be, or something that this version does not know.
    InvalidOptions = 27,
    /// The dtype can't hold the values, or has none between the bounds.
    DtypeRange = 30,
    /// The machine does not have the level asked for, or FANIN_LEVEL names none.
    LevelUnavailable = 40,
    /// The system gave no memory.
    NoMemory = 41,
    /// The system gave no threads.
    NoThreads = 42,
    /// This version can't do it.
    Unsupported = 50,
    /// A fault in the library. The destination may be written in part.
    Panic = 60,
}

impl Status {
    const ALL: [Self; 19] = [
        Self::Ok,
        Self::NullPointer,
        Self::Misaligned,
        Self::Overflow,
        Self::InvalidLength,
        Self::InvalidChoice,
        Self::InvalidStream,
        Self::InvalidText,
        Self::InvalidDistribution,
        Self::InvalidInitializer,
        Self::InvalidShape,
        Self::InvalidShard,
        Self::InvalidOptions,
        Self::DtypeRange,
        Self::LevelUnavailable,
        Self::NoMemory,
        Self::NoThreads,
        Self::Unsupported,
        Self::Panic,
    ];

    const fn text(self) -> &'static CStr {
        match self {
            Self::Ok => c"ok",
            Self::NullPointer => c"a pointer is NULL that may not be",
            Self::Misaligned => c"a pointer is not aligned for its type",
            Self::Overflow => c"a size or offset exceeds what can be addressed",
            Self::InvalidLength => c"the buffer's length does not fit",
            Self::InvalidChoice => c"a number is none of the choices of its type",
            Self::InvalidStream => c"the stream is invalid",
            Self::InvalidText => c"a text can't be read",
            Self::InvalidDistribution => c"the distribution's numbers make no law",
            Self::InvalidInitializer => c"a parameter of the initializer can't be",
            Self::InvalidShape => c"the initializer does not go with the shape and layout",
            Self::InvalidShard => c"the shard does not lie in its tensor",
            Self::InvalidOptions => c"the options can't be",
            Self::DtypeRange => c"the dtype can't hold the values",
            Self::LevelUnavailable => c"the machine does not have the level",
            Self::NoMemory => c"the system gave no memory",
            Self::NoThreads => c"the system gave no threads",
            Self::Unsupported => c"this version can't do it",
            Self::Panic => c"a fault in the library",
        }
    }
}

/// What a status means, in a few words; for a number that is no status, that it is none. Never NULL, never freed.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_status_string(status: StatusArg) -> *const c_char {
    let known = Status::ALL.into_iter().find(|known| *known as u32 == status);
    known.map_or(c"no status of this version", Status::text).as_ptr()
}
