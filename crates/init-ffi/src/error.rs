//! The message of a call that failed.

use std::{ffi::c_char, fmt};

use init_core::{DistributionError, ParseError, ResolveError, ShapeError, UnknownWord, shape::LayoutError};
use init_kernels::{BufferError, FillError, LevelError, ShardError, threads::ThreadsError};
use init_model::{
    config::{ConfigError, PresetError},
    plan::PlanError,
    recipe::RecipeError,
};

use crate::status::{Status, StatusArg};

/// Size of a message in bytes, including its NUL.
pub const MESSAGE_SIZE: usize = 1016;

/// Room for the full message of a call, owned by the caller and never read by the library.
///
/// Every function that takes one also accepts NULL. It need not be initialised. After the call it
/// describes that call: on success `status` is `FANIN_STATUS_OK` and the message is empty. Bytes
/// after the message's NUL are not written.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Error {
    /// The status that the call returned.
    pub status: StatusField,
    /// Length of the message in bytes, without the NUL.
    pub length: u32,
    /// What was given, what is required and what would work: UTF-8, ends with a NUL, truncated if
    /// too long.
    pub message: [c_char; MESSAGE_SIZE],
}

type StatusField = StatusArg;

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("status", &self.status).field("length", &self.length).finish_non_exhaustive()
    }
}

impl Error {
    /// Writes how a call ended, with a message that is truncated between characters where it is too
    /// long. The bytes after its NUL keep their contents: to clear them would take longer than a
    /// small fill.
    ///
    /// # Safety
    ///
    /// `error` is aligned and may be written.
    pub(crate) unsafe fn write(error: *mut Self, status: Status, text: &str) {
        let mut end = text.len().min(MESSAGE_SIZE - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // SAFETY: the fields are inside what may be written, and `end` is less than the size of
        // `message`.
        unsafe {
            (&raw mut (*error).status).write(status as u32);
            (&raw mut (*error).length).write(end as u32);
            let message = (&raw mut (*error).message).cast::<u8>();
            message.copy_from_nonoverlapping(text.as_ptr(), end);
            message.add(end).write(0);
        }
    }
}

/// Why a call fails: a status and its message.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

/// Maps each error to its status; the error's text is the message.
macro_rules! failure {
    ($($error:ty => $status:expr,)*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let status: fn(&$error) -> Status = $status;
                Self::new(status(&error), error.to_string())
            }
        })*
    };
}

failure! {
    BufferError => |_| Status::NoMemory,
    ConfigError => |_| Status::InvalidModel,
    DistributionError => |_| Status::InvalidDistribution,
    FillError => fill_status,
    LayoutError => |_| Status::InvalidText,
    LevelError => |_| Status::LevelUnavailable,
    ParseError => |_| Status::InvalidText,
    PlanError => |_| Status::InvalidModel,
    PresetError => |_| Status::InvalidModel,
    RecipeError => |_| Status::InvalidModel,
    ResolveError => resolve_status,
    ShardError => |error| match error {
        ShardError::Overflow { .. } => Status::Overflow,
        _ => Status::InvalidShard,
    },
    ShapeError => |error| match error {
        ShapeError::Overflow { .. } => Status::Overflow,
        _ => Status::InvalidShape,
    },
    UnknownWord => |_| Status::InvalidText,
}

fn fill_status(error: &FillError) -> Status {
    match error {
        FillError::Distribution(_) | FillError::TooFar { .. } => Status::InvalidDistribution,
        FillError::Overflow { .. }
        | FillError::Vanishes { .. }
        | FillError::NoValue { .. }
        | FillError::TooLarge { .. }
        | FillError::TooSmall { .. } => Status::DtypeRange,
        FillError::Structured(_) => Status::InvalidInitializer,
        FillError::Beyond { .. } | FillError::Outside { .. } | FillError::Tensor { .. } | FillError::Length { .. } => {
            Status::InvalidLength
        }
        FillError::Offset { .. } => Status::Overflow,
        FillError::Level(_) => Status::LevelUnavailable,
        FillError::Threads(ThreadsError::NotStarted { .. }) => Status::NoThreads,
        FillError::Threads(_) => Status::InvalidOptions,
        FillError::NoMemory { .. } => Status::NoMemory,
        _ => Status::Unsupported,
    }
}

fn resolve_status(error: &ResolveError) -> Status {
    match error {
        ResolveError::Parameter(_) | ResolveError::NoDistribution { .. } => Status::InvalidInitializer,
        ResolveError::Distribution { .. } => Status::InvalidDistribution,
        _ => Status::InvalidShape,
    }
}
