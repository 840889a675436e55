//! A model file that is open, and checks that formats share.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use super::{
    error::{Corruption, HeaderError, unreadable},
    offset_io::read_exact_at,
    tensor::Tensor,
};

/// A model file that is open, and its size.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) file: File,
    pub(super) length: u64,
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, HeaderError> {
        let failed = |source| unreadable(path, source);
        // Checked before it is opened: opening a pipe blocks until its other end is open.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(HeaderError::NotAFile { path: path.display().to_string() });
        }
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Ok(Self { path, file, length })
    }

    /// Reads the first bytes of the file, padded with zeros if it is shorter.
    pub(super) fn start<const N: usize>(&self) -> Result<[u8; N], HeaderError> {
        let mut bytes = [0; N];
        let count = self.length.min(N as u64) as usize;
        read_exact_at(&self.file, &mut bytes[..count], 0).map_err(|source| unreadable(self.path, source))?;
        Ok(bytes)
    }

    /// Returns the error of a problem with a file of this format.
    pub(super) fn failed(&self, format: &'static str, problem: Problem) -> HeaderError {
        match problem {
            Problem::Io(source) => unreadable(self.path, source),
            Problem::Corrupt(corruption) => {
                HeaderError::Corrupt { path: self.path.display().to_string(), format, corruption }
            }
            Problem::Foreign(found) => {
                HeaderError::Foreign { path: self.path.display().to_string(), found, readable: String::new() }
            }
        }
    }
}

/// Why a file cannot be used: it cannot be read, it is corrupt, or it is of another format.
pub(super) enum Problem {
    Io(io::Error),
    Corrupt(Corruption),
    Foreign(&'static str),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Corruption> for Problem {
    fn from(corruption: Corruption) -> Self {
        Self::Corrupt(corruption)
    }
}

/// Returns the shape in this machine's integers, and the size of its values: `size` bytes for each
/// `block` of them.
pub(super) fn extent(name: &str, shape: &[u64], block: u64, size: u64) -> Result<(Vec<usize>, u64), Corruption> {
    let dims: Option<Vec<usize>> = shape.iter().map(|&dim| dim.try_into().ok()).collect();
    let elements = shape.iter().try_fold(1u64, |product, &dim| product.checked_mul(dim));
    let bytes = elements
        .filter(|elements| elements.is_multiple_of(block))
        .and_then(|elements| (elements / block).checked_mul(size));
    dims.zip(bytes).ok_or_else(|| Corruption::ShapeOverflow { name: name.to_owned(), shape: shape.to_vec() })
}

/// Sorts tensors by their data, and checks that none overlap, all are within the file, and no two
/// have one name.
pub(super) fn in_file(mut tensors: Vec<Tensor>, length: u64) -> Result<Vec<Tensor>, Corruption> {
    tensors.sort_by_key(|tensor| (tensor.offset, tensor.bytes));
    let mut end = 0;
    for tensor in &tensors {
        let after = tensor.offset.checked_add(tensor.bytes).filter(|&after| after <= length);
        match after {
            Some(after) if tensor.offset >= end => end = after,
            _ => {
                let (name, offset, bytes) = (tensor.name.clone(), tensor.offset, tensor.bytes);
                return Err(Corruption::Range { name, offset, bytes, end, length });
            }
        }
    }
    let mut names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Corruption::Duplicate { name: pair[0].to_owned() }),
        None => Ok(tensors),
    }
}
