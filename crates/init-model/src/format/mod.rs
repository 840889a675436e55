//! The formats of model files: what is known of a file before any of its values is made.

mod error;
mod gguf;
mod npy;
mod npz;
mod safetensors;

use std::path::Path;

pub use self::error::FormatError;
pub(crate) use self::npz::Archive;
use crate::plan::Plan;

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Safetensors,
    Npy,
    Npz,
    Gguf,
}

/// One of a model's files.
pub(crate) struct Target<'a> {
    pub(crate) path: &'a Path,
    /// The digest of the whole model's plan.
    pub(crate) digest: &'a str,
    /// Which of how many files it is, and how many tensors all of them have together.
    pub(crate) number: usize,
    pub(crate) files: usize,
    pub(crate) tensors: usize,
}

/// A file but for its values. What no part of it fills is zero.
#[derive(Debug)]
pub(crate) struct Outline {
    /// Bytes that no other model's file has, and where they stand.
    pub(crate) mark: Vec<u8>,
    pub(crate) mark_at: u64,
    /// Where the values of each entry begin.
    pub(crate) starts: Vec<u64>,
    /// The size of all values, and of the whole file.
    pub(crate) values: u64,
    pub(crate) length: u64,
    /// What can only be written after the values.
    pub(crate) archive: Option<Archive>,
}

impl Format {
    /// The format that a file's name asks for by its ending: safetensors, if by none.
    pub(crate) fn of(path: &Path) -> Self {
        let is = |ending| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
        match () {
            () if is("npy") => Self::Npy,
            () if is("npz") => Self::Npz,
            () if is("gguf") => Self::Gguf,
            () => Self::Safetensors,
        }
    }

    /// Whether several files can be one model, and whether an index then says where each tensor is.
    pub(crate) fn shards(self, path: &Path) -> Result<bool, FormatError> {
        match self {
            Self::Safetensors => Ok(true),
            Self::Gguf => Ok(false),
            Self::Npy | Self::Npz => Err(FormatError::Shards { path: path.to_owned() }),
        }
    }

    /// The outline of the file of a plan, or of a part of one.
    pub(crate) fn outline(self, target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
        match self {
            Self::Safetensors => safetensors::outline(target, plan),
            Self::Npy => npy::outline(target, plan),
            Self::Npz => npz::outline(target, plan),
            Self::Gguf => gguf::outline(target, plan),
        }
    }
}

impl Outline {
    /// A file that begins with these bytes, whose entries follow, each from the next multiple of `alignment` on, which also ends the file.
    fn after(head: Vec<u8>, plan: &Plan, alignment: u64) -> Self {
        let mut end = (head.len() as u64).next_multiple_of(alignment);
        let mut starts = Vec::with_capacity(plan.entries().len());
        for entry in plan.entries() {
            starts.push(end);
            end = (end + entry.bytes()).next_multiple_of(alignment);
        }
        Self { mark: head, mark_at: 0, starts, values: plan.bytes(), length: end, archive: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_names_the_format_and_nothing_else_does() {
        for (name, format) in [
            ("w.npy", Format::Npy),
            ("w.NPZ", Format::Npz),
            ("a/b.c.gguf", Format::Gguf),
            ("w.safetensors", Format::Safetensors),
            ("gguf", Format::Safetensors),
            (".npy", Format::Safetensors),
            ("x.npz/w", Format::Safetensors),
            ("w.gguf.part", Format::Safetensors),
        ] {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }
}
