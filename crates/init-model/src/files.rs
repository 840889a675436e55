use std::{fs::File, io, path::PathBuf};

use crate::{
    header::{Header, Tensor},
    position::read_exact_at,
};

/// The files of a model, open to be read.
pub(crate) struct Files(Vec<(PathBuf, File)>);

impl Files {
    pub(crate) fn open(header: &Header) -> Result<Self, ReadError> {
        let open = |path: &PathBuf| match File::open(path) {
            Ok(file) => Ok((path.clone(), file)),
            Err(source) => Err(ReadError { path: path.clone(), source }),
        };
        header.files().iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// Reads bytes of a tensor, from one of them on.
    pub(crate) fn read_at(&self, tensor: &Tensor, from: u64, bytes: &mut [u8]) -> Result<(), ReadError> {
        let (path, file) = &self.0[tensor.file];
        read_exact_at(file, bytes, tensor.position + from).map_err(|source| ReadError { path: path.clone(), source })
    }
}

/// Why the values of a model cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read: {source}; check the file and its disk", path.display())]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}
