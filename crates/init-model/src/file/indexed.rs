//! The index of a model of several files.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use super::{error::HeaderError, shards::Piece, tensor::Tensor};
use crate::plan::plan::Plan;

/// Returns the path of the index of these files, and its bytes.
pub(super) type WriteIndex = fn(&Path, &Plan, &[Piece]) -> (PathBuf, Vec<u8>);

/// How a format's index is found, read and written.
#[derive(Clone, Copy)]
pub(super) struct Index {
    /// Returns the index or the file that a path refers to, if it is not itself a model file.
    pub(super) locate: fn(&Path) -> Option<Located>,
    /// Reads an index and the headers of its files.
    pub(super) read: fn(&Path) -> Result<Indexed, HeaderError>,
    pub(super) write: WriteIndex,
}

/// The file or the index that a path refers to.
pub(super) enum Located {
    File(PathBuf),
    Index(PathBuf),
}

/// The contents of an index and of the headers of its files.
pub(super) struct Indexed {
    pub(super) files: Vec<(PathBuf, File)>,
    pub(super) tensors: Vec<Tensor>,
    pub(super) metadata: BTreeMap<String, String>,
}
