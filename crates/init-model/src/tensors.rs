//! Values that are at hand, as a file and back.

use std::{collections::BTreeMap, io, path::Path};

use half::{bf16, f16};
use init_core::DType;

use crate::{
    files::{Files, ReadError},
    header::{Header, HeaderError, encode},
    replacement::{Replacement, ReplacementError},
    shown::shown,
};

/// A tensor of f32 with its name and dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its values, as many as its dimensions multiply to, in row-major order.
    pub values: Vec<f32>,
}

/// Saves tensors as a safetensors file of F32, with remarks beside this program's own. Memory for a second copy is needed.
///
/// # Errors
///
/// [`ReplacementError`] if the file cannot be made; an earlier one is then as it was.
///
/// # Panics
///
/// If a tensor has not as many values as its dimensions multiply to.
///
/// ```
/// use init_model::{NamedTensor, load, save};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("layer.safetensors");
/// let bias = NamedTensor { name: "bias".to_owned(), shape: vec![2], values: vec![0.5, -1.0] };
/// save(&path, &[bias.clone()], &[("epochs", "3".to_owned())])?;
/// let (tensors, remarks) = load(&path)?;
/// assert_eq!(tensors, [bias]);
/// assert_eq!(remarks["epochs"], "3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save(
    path: impl AsRef<Path>,
    tensors: &[NamedTensor],
    remarks: &[(&str, String)],
) -> Result<(), ReplacementError> {
    let lines = tensors.iter().map(|tensor| {
        assert_eq!(tensor.shape.iter().product::<usize>(), tensor.values.len(), "the values of `{}`", tensor.name);
        (tensor.name.as_str(), DType::F32, tensor.shape.as_slice())
    });
    let replacement = Replacement::new(path)?;
    let mut bytes =
        encode(remarks.iter().cloned().collect(), lines).map_err(|error| replacement.failed(error.into()))?;
    bytes.reserve(tensors.iter().map(|tensor| tensor.values.len() * 4).sum());
    for tensor in tensors {
        bytes.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
    }
    io::Write::write_all(&mut replacement.file(), &bytes).map_err(|source| replacement.failed(source))?;
    replacement.commit()
}

/// Loads all tensors of a model as f32, in the order of their data, and the file's remarks. F64 is rounded.
///
/// # Errors
///
/// [`LoadError`] if the file cannot be read or is damaged, or a tensor has no floating-point type.
pub fn load(path: impl AsRef<Path>) -> Result<(Vec<NamedTensor>, BTreeMap<String, String>), LoadError> {
    let header = Header::read(path)?;
    let files = Files::open(&header)?;
    let tensors = header.tensors().iter().map(|tensor| {
        let name = tensor.name.clone();
        let Some(dtype) = tensor.dtype else {
            let (path, format) = (header.files()[tensor.file].display().to_string(), tensor.format.clone());
            return Err(LoadError::Format { path, name, format });
        };
        let mut bytes = vec![0; tensor.bytes as usize];
        files.read_at(tensor, 0, &mut bytes)?;
        Ok(NamedTensor { name, shape: tensor.shape.clone(), values: values(&bytes, dtype) })
    });
    Ok((tensors.collect::<Result<_, LoadError>>()?, header.metadata().clone()))
}

fn values(bytes: &[u8], dtype: DType) -> Vec<f32> {
    fn each<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks().0.iter().map(|&bytes| value(bytes)).collect()
    }
    match dtype {
        DType::F32 => each(bytes, f32::from_le_bytes),
        DType::F64 => each(bytes, |bytes| f64::from_le_bytes(bytes) as f32),
        DType::Bf16 => each(bytes, |bytes| bf16::from_le_bytes(bytes).to_f32()),
        DType::F16 => each(bytes, |bytes| f16::from_le_bytes(bytes).to_f32()),
    }
}

/// Why the tensors of a file cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Its header cannot be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its data cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A tensor that has no floating-point type.
    #[error("`{path}`: tensor `{shown}` is {format}; only F32, F64, BF16 and F16 are loaded", shown = shown(.name))]
    Format {
        /// The file.
        path: String,
        /// The tensor.
        name: String,
        /// Its type.
        format: String,
    },
}
