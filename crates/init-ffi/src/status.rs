//! Statuses: the result of a call, as a number.

use std::ffi::{CStr, c_char};

/// A status as a number: any `u32` may arrive.
pub type StatusArg = u32;

/// The result of a call. `FANIN_STATUS_OK` is 0; with any other status, `FANIN_STATUS_PANIC`
/// excepted, the destination was not written.
///
/// Later versions may add statuses between these; a number never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// Success.
    Ok = 0,
    /// A pointer that must be read or written is NULL.
    NullPointer = 10,
    /// A pointer is not aligned for its type.
    Misaligned = 11,
    /// A size, an offset or their sum exceeds what can be addressed or counted.
    Overflow = 12,
    /// The length of a buffer does not match the shape, the shard or the text.
    InvalidLength = 13,
    /// A number given as dtype, layout, mode, nonlinearity or another choice is not one of its
    /// values; the message names the choice that it is.
    InvalidChoice = 20,
    /// The stream is `{0, 0}`: it was never created, or its parent was invalid, or a child's name was
    /// NULL or not UTF-8.
    InvalidStream = 21,
    /// A text is not UTF-8, or not an initializer, layout or nonlinearity.
    InvalidText = 22,
    /// The parameters of a distribution are invalid.
    InvalidDistribution = 23,
    /// A parameter of an initializer is out of range, or the initializer is structured where a
    /// distribution is required.
    InvalidInitializer = 24,
    /// The initializer cannot be used with the shape and layout: no fans, no elements, or no axes
    /// for its structure.
    InvalidShape = 25,
    /// The shard differs from its tensor in the number of dimensions, or extends beyond it.
    InvalidShard = 26,
    /// The options have an invalid size, or use a field that this version does not know; or
    /// FANIN_THREADS is not a number of threads.
    InvalidOptions = 27,
    /// The plan has no parameter of this name or index.
    UnknownParameter = 28,
    /// A recipe, a configuration or the name of a preset is invalid, or the model that it describes
    /// cannot be planned.
    InvalidModel = 29,
    /// The dtype cannot represent the values, or has no value between the bounds.
    DtypeRange = 30,
    /// The machine does not support the requested level, or FANIN_LEVEL is not the name of a level.
    LevelUnavailable = 40,
    /// The system could not provide memory.
    NoMemory = 41,
    /// The system could not start the threads that the options require.
    NoThreads = 42,
    /// Another call is running on the same thread: this one was made by a signal handler. Nothing
    /// was touched but the `fanin_error`.
    Reentered = 43,
    /// This version does not support the request.
    Unsupported = 50,
    /// A bug in the library. The destination may be written in part.
    Panic = 60,
}

impl Status {
    const ALL: [Self; 22] = [
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
        Self::UnknownParameter,
        Self::InvalidModel,
        Self::DtypeRange,
        Self::LevelUnavailable,
        Self::NoMemory,
        Self::NoThreads,
        Self::Reentered,
        Self::Unsupported,
        Self::Panic,
    ];

    const fn text(self) -> &'static CStr {
        match self {
            Self::Ok => c"ok",
            Self::NullPointer => c"a required pointer is NULL",
            Self::Misaligned => c"a pointer is not aligned for its type",
            Self::Overflow => c"a size or offset exceeds what can be addressed",
            Self::InvalidLength => c"the buffer's length does not match",
            Self::InvalidChoice => c"a number is not one of the values of its type",
            Self::InvalidStream => c"the stream is invalid",
            Self::InvalidText => c"a text cannot be parsed",
            Self::InvalidDistribution => c"the distribution's parameters are invalid",
            Self::InvalidInitializer => c"an initializer parameter is invalid",
            Self::InvalidShape => c"the initializer cannot be used with the shape and layout",
            Self::InvalidShard => c"the shard is not inside its tensor",
            Self::InvalidOptions => c"the options are invalid",
            Self::UnknownParameter => c"the plan has no such parameter",
            Self::InvalidModel => c"the recipe or configuration is invalid",
            Self::DtypeRange => c"the dtype cannot represent the values",
            Self::LevelUnavailable => c"the machine does not support the level",
            Self::NoMemory => c"out of memory",
            Self::NoThreads => c"the system could not start threads",
            Self::Reentered => c"another call is running on this thread",
            Self::Unsupported => c"not supported by this version",
            Self::Panic => c"a bug in the library",
        }
    }
}

/// Returns a short description of a status; for a number that is not a status, a text that says so.
/// Never NULL, never freed.
///
/// Thread-safe.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn fanin_status_string(status: StatusArg) -> *const c_char {
    let known = Status::ALL.into_iter().find(|known| *known as u32 == status);
    known.map_or(c"not a status of this version", Status::text).as_ptr()
}
