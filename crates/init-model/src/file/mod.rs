//! Model files: their formats, how they are read, and how they are written.
//!
//! A file that exists is a [`Header`](crate::Header); [`Writer`](crate::Writer) writes a plan;
//! [`save`](crate::save()) and [`load`](crate::load()) move tensors between memory and a file.

pub(crate) mod buffers;
mod checksums;
pub(crate) mod chunk;
pub(crate) mod error;
mod foreign;
pub(crate) mod format_error;
pub(crate) mod formats;
pub(crate) mod header;
mod indexed;
mod metadata;
mod offset_io;
mod outline;
mod partial;
pub(crate) mod read_error;
pub(crate) mod replacement;
pub(crate) mod saved;
mod shards;
mod source;
pub(crate) mod tensor;
mod values;
pub(crate) mod writer;

pub use self::{
    error::{Corruption, HeaderError, IndexCorruption},
    format_error::FormatError,
    read_error::ReadError,
    replacement::ReplacementError,
    saved::{LoadError, save_as},
    writer::WriteError,
};
