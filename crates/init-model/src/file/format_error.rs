//! Why a model cannot be written in the format that a path selects.

use std::path::PathBuf;

use crate::excerpt::excerpt;

/// Why a model cannot be written in the format that the extension of its path selects. Nothing was
/// written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// An extension that selects no format.
    #[error("`{}` {}; the extension selects the format, and those that can be written are {known}",
        path.display(), found(.extension.as_deref()))]
    Extension {
        /// The target.
        path: PathBuf,
        /// The extension as given.
        extension: Option<String>,
        /// The known extensions.
        known: String,
    },
    /// A safetensors header that is too large.
    #[error(
        "`{}` cannot be written: its header would take {bytes} bytes, and a safetensors file has at most \
         {maximum}; give \
         fewer parameters, or shorter names", path.display()
    )]
    Header {
        /// The target.
        path: PathBuf,
        /// The size of the header.
        bytes: u64,
        /// The largest size allowed.
        maximum: u64,
    },
    /// Several parameters for a file of one array.
    #[error(
        "`{}` cannot be written: an .npy file has one array, but the model has {count} parameters; use an .npz file",
        path.display()
    )]
    Several {
        /// The target.
        path: PathBuf,
        /// The number of parameters.
        count: usize,
    },
    /// A parameter of bf16, which NumPy does not have.
    #[error(
        "`{}` cannot be written: parameter `{excerpt}` is bf16, which NumPy does not have; set its dtype to \
         f32, or choose \
         another format", path.display(), excerpt = excerpt(.name)
    )]
    Bf16 {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
    },
    /// A name that cannot be the name of an archive's member.
    #[error(
        "`{}` cannot be written: the name of parameter `{excerpt}` {reason}; give it another name, or choose another \
         format",
        path.display(), excerpt = excerpt(.name)
    )]
    Member {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// The reason.
        reason: &'static str,
    },
    /// A name that ggml does not allow.
    #[error(
        "`{}` cannot be written: the name of parameter `{excerpt}` has {} bytes, and ggml allows at most \
         {maximum}, none of \
         them zero; give a shorter name, or choose another format", path.display(), name.len(), excerpt = excerpt(.name)
    )]
    Name {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// The longest name allowed, in bytes.
        maximum: usize,
    },
    /// More dimensions than ggml allows.
    #[error(
        "`{}` cannot be written: parameter `{excerpt}` has {ndim} dimensions, and ggml allows at most \
         {maximum}; give a \
         shape of fewer, or choose another format", path.display(), excerpt = excerpt(.name)
    )]
    Dimensions {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// The number of its dimensions.
        ndim: usize,
        /// The largest number allowed.
        maximum: usize,
    },
    /// A scalar of bf16, which the Python package of GGUF cannot open.
    #[error(
        "`{}` cannot be written: parameter `{excerpt}` is a scalar of bf16, which llama.cpp's Python reader cannot \
         open; give the shape [1], or dtype = \"f32\" in its rule", path.display(), excerpt = excerpt(.name)
    )]
    Scalar {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
    },
    /// Several files of a format that does not support that.
    #[error(
        "`{}` cannot be written in several files: formats that support shards are {known}", path.display()
    )]
    Shards {
        /// The target.
        path: PathBuf,
        /// The extensions that support it.
        known: String,
    },
    /// More files, or more tensors in them, than GGUF can count.
    #[error(
        "`{}` cannot be written in {files} files: GGUF allows at most 65535; use larger shards", path.display()
    )]
    Splits {
        /// The target.
        path: PathBuf,
        /// The number of files.
        files: usize,
    },
    /// A file that would not say of which plan it is.
    #[error(
        "`{}` cannot be resumed: files of this format do not record their plan and seed; formats that can be \
         resumed are {known}", path.display()
    )]
    Resume {
        /// The target.
        path: PathBuf,
        /// The extensions that support it.
        known: String,
    },
    /// Tensors from memory for a format that does not support them.
    #[error("`{}` cannot be written: tensors cannot be saved as {name}; name a {known} file", path.display())]
    Save {
        /// The target.
        path: PathBuf,
        /// The name of its format.
        name: &'static str,
        /// The extensions that support it.
        known: String,
    },
}

fn found(extension: Option<&str>) -> String {
    match extension {
        None | Some("") => "has no extension".to_owned(),
        Some(extension) => format!("has the unknown extension .{}", excerpt(extension)),
    }
}
