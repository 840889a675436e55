//! What a model's files say of themselves.

mod error;
mod gguf;
mod index;
mod npy;
mod npz;
mod safetensors;
mod source;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use init_core::{DType, Shape};

pub use self::error::{Damage, FileDamage, HeaderError, IndexDamage};
pub(crate) use self::npy::MAGIC as NPY_MAGIC;
pub(crate) use self::safetensors::{MAX_HEADER_BYTES, encode, encode_plan};
use self::source::Source;
use crate::{place::Place, plan::Plan, recipe::Parameter};

/// The names, types, shapes and places of the tensors of a model: one file of safetensors, NumPy or GGUF, or several of safetensors
/// and their index.
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
    /// Reads and checks a model's header: that of a safetensors, .npy, .npz or .gguf file, which is told by its first bytes, or those of all files that a `….safetensors.index.json` names.
    /// A folder stands for its `model.safetensors` or the index of that name, and a file that is not there for its index. The data is not read.
    ///
    /// An .npy file says no name: its array has that of the file without the ending. The members of an .npz file must not be compressed.
    /// Quantised tensors of GGUF have no [`dtype`](Tensor::dtype), as integers have none.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] if a file cannot be read, if a header or the index is damaged, or if the index does not say what its files hold.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, HeaderError> {
        let path = located(path.as_ref());
        if path.extension().is_some_and(|ending| ending == "json") {
            return index::read(&path);
        }
        let (tensors, metadata) = contents(&Source::open(&path)?)?;
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

/// The tensors of a file in the order of their data, and its remarks.
type Contents = (Vec<Tensor>, BTreeMap<String, String>);

/// Reads a file of the format that its first bytes show.
fn contents(source: &Source<'_>) -> Result<Contents, HeaderError> {
    let start: [u8; 8] = source.start()?;
    match () {
        // Safetensors has no magic number: it begins with a length that the magic numbers of the others are too large for.
        () if u64::from_le_bytes(start) <= MAX_HEADER_BYTES => safetensors::read(source),
        () if start.starts_with(gguf::MAGIC) => gguf::read(source),
        () if start.starts_with(npy::MAGIC) => npy::read(source),
        () if npz::MAGICS.iter().any(|magic| start.starts_with(magic)) => npz::read(source),
        () => safetensors::read(source),
    }
}

/// What a plan's file says of itself in every format; `digest` is that of the whole model's plan.
pub(crate) fn remarks(plan: &Plan, digest: &str) -> BTreeMap<&'static str, String> {
    let mut remarks = BTreeMap::from([("fanin.plan", digest.to_owned()), ("fanin.seed", plan.seed().to_string())]);
    remarks.extend(versions());
    remarks
}

fn versions() -> [(&'static str, String); 2] {
    [
        ("fanin.value_format", init_kernels::VALUE_FORMAT.to_string()),
        ("fanin.version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
}

/// What the reference implementation calls the file of a model, or the first part of its index.
const MODEL: &str = "model.safetensors";

/// The file or the index that a path stands for; the path itself, if for none.
fn located(path: &Path) -> PathBuf {
    let file = if path.is_dir() { path.join(MODEL) } else { path.to_owned() };
    let mut index = OsString::from(&file);
    index.push(".index.json");
    let found = [file, PathBuf::from(index)].into_iter().find(|file| file.exists());
    found.unwrap_or_else(|| path.to_owned())
}
