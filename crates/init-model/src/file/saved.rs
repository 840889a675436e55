//! Saving in-memory tensors to a file, and loading them.

use std::{collections::BTreeMap, io::Write, path::Path};

use half::{bf16, f16};
use init_core::DType;
use init_kernels::Progress;

use super::{
    error::HeaderError, formats::Format, header::Header, read_error::ReadError, replacement::Replacement,
    writer::WriteError,
};
use crate::excerpt::excerpt;

/// The bytes written between two reports of progress.
const STEP: usize = 1 << 20;

/// A tensor of f32 with its name and dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its values in row-major order, as many as the product of its dimensions.
    pub values: Vec<f32>,
}

/// Saves tensors as a file of f32, with metadata next to this crate's own. The extension of the
/// path selects the [`Format`], which must be one that [supports it](Format::saves): safetensors.
///
/// It takes memory for a second copy of the tensors. Progress is in bytes written.
///
/// # Errors
///
/// Returns [`WriteError`] if the extension selects no suitable format, the file cannot be written,
/// or `progress` cancels it; an earlier file is then unchanged.
///
/// # Panics
///
/// Panics if the number of values of a tensor is not the product of its dimensions.
///
/// ```
/// use init_model::{NamedTensor, Progress, load, save};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("layer.safetensors");
/// let bias = NamedTensor { name: "bias".to_owned(), shape: vec![2], values: vec![0.5, -1.0] };
/// save(&path, &[bias.clone()], &[("epochs", "3".to_owned())], Progress::none())?;
/// let (tensors, metadata) = load(&path)?;
/// assert_eq!(tensors, [bias]);
/// assert_eq!(metadata["epochs"], "3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn save(
    path: impl AsRef<Path>,
    tensors: &[NamedTensor],
    metadata: &[(&str, String)],
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    let format = Format::of(&path)?;
    save_as(format, path, tensors, metadata, progress)
}

/// Saves tensors like [`save`], in this format whatever the extension of the path.
///
/// # Errors
///
/// Returns the errors of [`save`].
///
/// # Panics
///
/// Panics if the number of values of a tensor is not the product of its dimensions.
pub fn save_as(
    format: Format,
    path: impl AsRef<Path>,
    tensors: &[NamedTensor],
    metadata: &[(&str, String)],
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    let path = path.as_ref();
    let encode = format.encode(path)?;
    let listed = tensors.iter().map(|tensor| {
        assert_eq!(tensor.shape.iter().product::<usize>(), tensor.values.len(), "the values of `{}`", tensor.name);
        (tensor.name.as_str(), DType::F32, tensor.shape.as_slice())
    });
    let mut bytes = encode(metadata, &listed.collect::<Vec<_>>());
    bytes.reserve(tensors.iter().map(|tensor| tensor.values.len() * 4).sum());
    for tensor in tensors {
        bytes.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
    }
    let replacement = Replacement::new(path)?;
    let cancelled = |_| WriteError::Cancelled { path: path.to_owned(), kept: false };
    for step in bytes.chunks(STEP) {
        replacement.file().write_all(step).map_err(|source| replacement.failed(source))?;
        progress.advance(step.len() as u64).map_err(cancelled)?;
    }
    replacement.commit()?;
    Ok(())
}

/// Loads all tensors of a model as f32, in the order of their data, and the file's metadata. Values
/// of f64 are rounded.
///
/// # Errors
///
/// Returns [`LoadError`] if the file cannot be read or is corrupt, or if a tensor is not of a
/// supported floating-point type.
pub fn load(path: impl AsRef<Path>) -> Result<(Vec<NamedTensor>, BTreeMap<String, String>), LoadError> {
    let header = Header::read(path)?;
    let tensors = header.tensors().iter().map(|tensor| {
        let name = tensor.name.clone();
        let Some(dtype) = tensor.dtype else {
            let (path, stored_type) = (header.files()[tensor.file].display().to_string(), tensor.stored_type.clone());
            return Err(LoadError::Type { path, name, stored_type });
        };
        let mut bytes = vec![0; tensor.bytes as usize];
        header.read_at(tensor, 0, &mut bytes)?;
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
    /// The header cannot be used.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The values cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A tensor whose element type is not a supported floating-point type.
    #[error(
        "`{path}`: tensor `{excerpt}` is {stored_type}; only f32, f64, bf16 and f16 can be loaded",
        excerpt = excerpt(.name)
    )]
    Type {
        /// The file.
        path: String,
        /// The tensor.
        name: String,
        /// Its element type, as the file spells it.
        stored_type: String,
    },
}
