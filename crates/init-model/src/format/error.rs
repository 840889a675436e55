use std::path::PathBuf;

use crate::{header::MAX_HEADER_BYTES, shown::shown};

/// Why a plan cannot be a file of the format that the file's ending asks for. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// More names than a safetensors file may have.
    #[error(
        "`{}` cannot be written: its header would take {bytes} bytes, and a safetensors file has at most \
         {MAX_HEADER_BYTES}; give fewer parameters, or shorter names", path.display()
    )]
    Header {
        /// The target.
        path: PathBuf,
        /// The size of the header.
        bytes: u64,
    },
    /// An .npy file of several parameters.
    #[error(
        "`{}` cannot be written: an .npy file holds one array, and the model has {count} parameters; name an .npz file",
        path.display()
    )]
    Many {
        /// The target.
        path: PathBuf,
        /// The number of parameters.
        count: usize,
    },
    /// NumPy has no bf16.
    #[error(
        "`{}` cannot be written: parameter `{shown}` is bf16, which NumPy does not have; give --dtype f32 and no other in its rule, or \
         name a .safetensors or .gguf file", path.display(), shown = shown(.name)
    )]
    Bf16 {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
    },
    /// A name that cannot be a member of an archive.
    #[error(
        "`{}` cannot be written: the name of parameter `{shown}` {reason}; give another name, or name a .safetensors file",
        path.display(), shown = shown(.name)
    )]
    Member {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A name that ggml has no room for.
    #[error(
        "`{}` cannot be written: the name of parameter `{shown}` has {} bytes, and ggml takes at most {most}, none of them zero; give a \
         shorter name, or name a .safetensors file", path.display(), name.len(), shown = shown(.name)
    )]
    Name {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// The most bytes that a name may have.
        most: usize,
    },
    /// More dimensions than ggml has.
    #[error(
        "`{}` cannot be written: parameter `{shown}` has {ndim} dimensions, and ggml has at most {most}; give a shape of fewer, or name a \
         .safetensors file", path.display(), shown = shown(.name)
    )]
    Dimensions {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// How many it has.
        ndim: usize,
        /// How many it may have.
        most: usize,
    },
    /// A scalar of bf16, at which the Python package of the format stumbles.
    #[error(
        "`{}` cannot be written: parameter `{shown}` is a scalar of bf16, which llama.cpp's reader in Python does not open; give the shape [1], \
         or dtype = \"f32\" in its rule", path.display(), shown = shown(.name)
    )]
    Scalar {
        /// The target.
        path: PathBuf,
        /// The parameter.
        name: String,
    },
    /// A model of several files, which only some formats know.
    #[error(
        "`{}` cannot be written in several files, which NumPy does not put together; leave out --shard-size, or name a .safetensors or \
         .gguf file", path.display()
    )]
    Shards {
        /// The target.
        path: PathBuf,
    },
    /// More files, or more tensors in them, than GGUF counts.
    #[error("`{}` cannot be written in {files} files, of which GGUF counts at most 65535; give larger shards", path.display())]
    Splits {
        /// The target.
        path: PathBuf,
        /// The number of files.
        files: usize,
    },
    /// A run that could not be told from that of another seed.
    #[error(
        "`{}` cannot be resumed: an .npy file does not say of which recipe and seed it is; leave out --resume, or name an .npz file",
        path.display()
    )]
    Resume {
        /// The target.
        path: PathBuf,
    },
}
