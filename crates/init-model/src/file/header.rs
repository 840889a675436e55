//! The header of a model's files: names, element types, shapes and offsets of its tensors.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use init_core::Shape;

use super::{
    error::HeaderError,
    foreign::{WINDOW, seems_to_be},
    formats::{extensions, locate, read},
    indexed::{Indexed, Located},
    offset_io::read_exact_at,
    read_error::ReadError,
    source::Source,
    tensor::Tensor,
};
use crate::recipe::{location::Location, recipe::Parameter};

/// The header of a model: names, element types, shapes and offsets of the tensors of one file, or
/// of several and their index.
///
/// It keeps the files open. Whatever reads values through it reads the files whose header it is,
/// even if others have taken their names.
#[derive(Clone, Debug)]
pub struct Header {
    paths: Vec<PathBuf>,
    files: Arc<[File]>,
    tensors: Vec<Tensor>,
    metadata: BTreeMap<String, String>,
}

impl Header {
    /// Reads and checks the header of a model, but not its values.
    ///
    /// The path names a safetensors, .npy, .npz or .gguf file, recognised by its first bytes, or an
    /// index `….safetensors.index.json` of several files. A folder refers to its
    /// `model.safetensors` or the index of that name, and a file that does not exist for its index.
    ///
    /// The array of an .npy file gets the name of the file without its extension. The members of an
    /// .npz file must not be compressed. Quantised tensors of GGUF have no
    /// [`dtype`](Tensor::dtype), and neither have integers.
    ///
    /// # Errors
    ///
    /// Returns [`HeaderError`] if a file cannot be read, is of another format or is corrupt, or if
    /// the index does not agree with its files.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, HeaderError> {
        let path = match locate(path.as_ref()) {
            None => path.as_ref().to_owned(),
            Some((Located::File(path), _)) => path,
            Some((Located::Index(path), index)) => {
                let Indexed { files, tensors, metadata } = (index.read)(&path)?;
                let (paths, files): (Vec<PathBuf>, Vec<File>) = files.into_iter().unzip();
                return Ok(Self { paths, files: files.into(), tensors, metadata });
            }
        };
        let source = Source::open(&path)?;
        let contents = read(&source).unwrap_or_else(|| Err(unrecognised(&source))).map_err(|error| match error {
            HeaderError::Foreign { path, found, .. } => HeaderError::Foreign { path, found, readable: extensions() },
            error => error,
        })?;
        let files = Arc::new([source.file]);
        Ok(Self { paths: vec![path], files, tensors: contents.tensors, metadata: contents.metadata })
    }

    /// Returns the paths of the files, in the order of their names.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Returns the tensors, file by file, in the order of their data.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Returns the file's metadata; for several files, the entries on which all agree.
    ///
    /// Files of this crate have `fanin.plan` (the [digest](crate::Plan::digest) of the plan),
    /// `fanin.seed`, `fanin.version` and `fanin.value_format`.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Returns names, shapes and dtypes as parameters for the rules of a recipe, in the order of
    /// their data. `origin` is the name of the file in error messages.
    ///
    /// # Errors
    ///
    /// Returns [`HeaderError`] if a tensor has an element type that cannot be initialised.
    pub fn parameters(&self, origin: &str) -> Result<Vec<Parameter>, HeaderError> {
        let location = Location::of(origin);
        let parameter = |tensor: &Tensor| {
            let name = tensor.name.clone();
            let dtype = tensor.dtype.ok_or_else(|| HeaderError::Type {
                path: origin.to_owned(),
                name: name.clone(),
                stored_type: tensor.stored_type.clone(),
            })?;
            let shape = Shape::new(tensor.shape.clone()).map_err(|source| HeaderError::Shape {
                path: origin.to_owned(),
                name: name.clone(),
                source,
            })?;
            Ok(Parameter { name, shape, dtype: Some(dtype), location: location.clone() })
        };
        self.tensors.iter().map(parameter).collect()
    }

    /// Reads bytes of a tensor, from its byte `from` on.
    pub(crate) fn read_at(&self, tensor: &Tensor, from: u64, bytes: &mut [u8]) -> Result<(), ReadError> {
        read_exact_at(&self.files[tensor.file], bytes, tensor.offset + from)
            .map_err(|source| ReadError { path: self.paths[tensor.file].clone(), source })
    }
}

/// Returns the error of a file that no format recognises.
fn unrecognised(source: &Source<'_>) -> HeaderError {
    let start: [u8; WINDOW] = match source.start() {
        Ok(start) => start,
        Err(error) => return error,
    };
    let start = &start[..source.length.min(WINDOW as u64) as usize];
    let found = seems_to_be(start).unwrap_or("of an unknown format");
    HeaderError::Foreign { path: source.path.display().to_string(), found, readable: String::new() }
}
