use std::{
    fs::{self, File},
    io,
    path::Path,
};

use super::{FileDamage, HeaderError, Tensor};
use crate::position::read_exact_at;

/// A model file that is open, and its size.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) file: File,
    pub(super) length: u64,
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, HeaderError> {
        let failed = |source| HeaderError::Read { path: path.display().to_string(), source };
        // Asked before it is opened: opening a pipe waits for its other end.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(HeaderError::NoFile { path: path.display().to_string() });
        }
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Ok(Self { path, file, length })
    }

    /// The first bytes, as many as there are.
    pub(super) fn start<const N: usize>(&self) -> Result<[u8; N], HeaderError> {
        let mut bytes = [0; N];
        let count = self.length.min(N as u64) as usize;
        read_exact_at(&self.file, &mut bytes[..count], 0).map_err(|source| self.failed(source))?;
        Ok(bytes)
    }

    pub(super) fn failed(&self, source: io::Error) -> HeaderError {
        HeaderError::Read { path: self.path.display().to_string(), source }
    }

    /// The error of a problem with a file of this format.
    pub(super) fn broken(&self, format: &'static str, problem: Problem) -> HeaderError {
        match problem {
            Problem::Io(source) => self.failed(source),
            Problem::Damage(damage) => HeaderError::Broken { path: self.path.display().to_string(), format, damage },
        }
    }
}

/// What is wrong with a file: it cannot be read, or not be understood.
pub(super) enum Problem {
    Io(io::Error),
    Damage(FileDamage),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FileDamage> for Problem {
    fn from(damage: FileDamage) -> Self {
        Self::Damage(damage)
    }
}

/// How many bytes the values of a shape take, `size` bytes for each `block` of them, and the shape as this machine counts.
pub(super) fn extent(name: &str, shape: &[u64], block: u64, size: u64) -> Result<(Vec<usize>, u64), FileDamage> {
    let dims: Option<Vec<usize>> = shape.iter().map(|&dim| dim.try_into().ok()).collect();
    let elements = shape.iter().try_fold(1u64, |product, &dim| product.checked_mul(dim));
    let bytes = elements
        .filter(|elements| elements.is_multiple_of(block))
        .and_then(|elements| (elements / block).checked_mul(size));
    dims.zip(bytes).ok_or_else(|| FileDamage::Overflow { name: name.to_owned(), shape: shape.to_vec() })
}

/// Tensors in the order of their data, which may have gaps but no overlaps, and end with the file at the latest.
pub(super) fn in_file(mut tensors: Vec<Tensor>, length: u64) -> Result<Vec<Tensor>, FileDamage> {
    tensors.sort_by_key(|tensor| (tensor.position, tensor.bytes));
    let mut end = 0;
    for tensor in &tensors {
        let after = tensor.position.checked_add(tensor.bytes).filter(|&after| after <= length);
        match after {
            Some(after) if tensor.position >= end => end = after,
            _ => {
                let (name, position, bytes) = (tensor.name.clone(), tensor.position, tensor.bytes);
                return Err(FileDamage::Place { name, position, bytes, end, length });
            }
        }
    }
    let mut names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(FileDamage::Duplicate { name: pair[0].to_owned() }),
        None => Ok(tensors),
    }
}
