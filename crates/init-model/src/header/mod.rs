//! What a model's files say of themselves.

mod error;
mod index;
mod safetensors;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use init_core::{DType, Shape};

pub use self::error::{Damage, HeaderError, IndexDamage};
pub(crate) use self::safetensors::{MAX_HEADER_BYTES, encode, encode_plan};
use crate::{place::Place, recipe::Parameter};

/// The names, types, shapes and places of the tensors of a model: one safetensors file, or several and their index.
#[derive(Clone, Debug)]
pub struct Header {
    files: Vec<PathBuf>,
    tensors: Vec<Tensor>,
    metadata: BTreeMap<String, String>,
}

/// One tensor of a [`Header`].
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its element type as the file spells it, such as `F32` or `I64`.
    pub format: String,
    /// Its element type, where it is one that can be initialised.
    pub dtype: Option<DType>,
    /// Which of the [files](Header::files) it is in.
    pub file: usize,
    /// Its first byte, counted from the start of the file.
    pub position: u64,
    /// The size of its values, in bytes.
    pub bytes: u64,
}

impl Header {
    /// Reads and checks a model's header: that of a safetensors file, or those of all files that a `….safetensors.index.json` names.
    /// A folder stands for its `model.safetensors` or the index of that name, and a file that is not there for its index. The data is not read.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] if a file cannot be read, if a header or the index is damaged, or if the index does not say what its files hold.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, HeaderError> {
        let path = located(path.as_ref());
        if path.extension().is_some_and(|ending| ending == "json") {
            return index::read(&path);
        }
        let (tensors, metadata) = safetensors::read(&path)?;
        Ok(Self { files: vec![path], tensors, metadata })
    }

    /// The files, in the order of their names.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The tensors, file by file, in the order of their data.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// The file's own remarks: `format`, and from this program `fanin.plan` (its digest), `fanin.seed`, `fanin.version` and `fanin.value_format`.
    /// Of several files, those on which all agree.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Names, shapes and dtypes as parameters that wait for rules, in the order of their data. `origin` is what errors call
    /// the file.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] if a tensor is of no type that can be initialised.
    pub fn parameters(&self, origin: &str) -> Result<Vec<Parameter>, HeaderError> {
        let place = Place::of(origin);
        self.tensors
            .iter()
            .map(|tensor| {
                let name = tensor.name.clone();
                let dtype = tensor.dtype.ok_or_else(|| HeaderError::Format {
                    path: origin.to_owned(),
                    name: name.clone(),
                    format: tensor.format.clone(),
                })?;
                let shape = Shape::new(tensor.shape.clone()).map_err(|source| HeaderError::Shape {
                    path: origin.to_owned(),
                    name: name.clone(),
                    source,
                })?;
                Ok(Parameter { name, shape, dtype: Some(dtype), place: place.clone() })
            })
            .collect()
    }
}

/// What the reference implementation calls the file of a model, or the first part of its index.
const MODEL: &str = "model.safetensors";

/// The file or the index that a path stands for.
fn located(path: &Path) -> PathBuf {
    let with_index = |path: &Path| {
        let mut name = OsString::from(path);
        name.push(".index.json");
        PathBuf::from(name)
    };
    let path = if path.is_dir() { path.join(MODEL) } else { path.to_owned() };
    if path.exists() { path } else { Some(with_index(&path)).filter(|index| index.exists()).unwrap_or(path) }
}
