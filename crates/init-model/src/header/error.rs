use std::io;

use init_core::ShapeError;

use crate::shown::shown;

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// It cannot be opened or read.
    #[error("`{path}` cannot be read: {source}; check the path")]
    Read {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// It is a folder, a pipe or a device.
    #[error(
        "`{path}` is no regular file; name a .safetensors file, an index of several, or a folder that has a model.safetensors"
    )]
    NoFile {
        /// The path.
        path: String,
    },
    /// Its header is damaged.
    #[error("`{path}` is no whole safetensors file: {damage}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        #[source]
        damage: Damage,
    },
    /// An index that is damaged, or is not that of its files.
    #[error("`{path}` is no index of a whole model: {damage}")]
    Index {
        /// The index.
        path: String,
        /// What is wrong with it.
        #[source]
        damage: IndexDamage,
    },
    /// A tensor that has no floating-point type.
    #[error("`{path}`: tensor `{shown}` is {format}; only F32, F64, BF16 and F16 can be initialised", shown = shown(.name))]
    Format {
        /// The file.
        path: String,
        /// The tensor.
        name: String,
        /// Its type.
        format: String,
    },
    /// A tensor with too many elements.
    #[error("`{path}`: tensor `{shown}`: {source}", shown = shown(.name))]
    Shape {
        /// The file.
        path: String,
        /// The tensor.
        name: String,
        /// What is wrong with its shape.
        source: ShapeError,
    },
}

/// What is wrong with a safetensors header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// Not even the header's length is there.
    #[error("it has {length} bytes, and the header's length alone takes 8; fetch it again")]
    Short {
        /// The file's size.
        length: u64,
    },
    /// The header would end after the file.
    #[error("its first 8 bytes say that the header takes {stated} bytes, and the file has {length}; fetch it again")]
    Length {
        /// The header's length, as stated.
        stated: u64,
        /// The file's size.
        length: u64,
    },
    /// The header is no JSON, or not of the right form.
    #[error("its header does not read as JSON of tensors: {}", shown(.0))]
    Json(String),
    /// Two tensors of one name.
    #[error("its header lists `{shown}` twice", shown = shown(.name))]
    Duplicate {
        /// The name.
        name: String,
    },
    /// An element type that the format does not have.
    #[error("tensor `{shown}` has the unknown dtype `{}`", shown(.format), shown = shown(.name))]
    Format {
        /// The tensor.
        name: String,
        /// Its type.
        format: String,
    },
    /// A shape whose size overflows.
    #[error("the shape {} of tensor `{}` is larger than any file", shown(&format!("{shape:?}")), shown(.name))]
    Overflow {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<u64>,
    },
    /// Offsets that do not fit the shape.
    #[error("tensor `{shown}` has the data_offsets [{begin}, {end}], and its shape and dtype take {needs} bytes", shown = shown(.name))]
    Offsets {
        /// The tensor.
        name: String,
        /// The first byte.
        begin: u64,
        /// The byte after the last.
        end: u64,
        /// The bytes that shape and dtype ask for.
        needs: u64,
    },
    /// A hole or an overlap in the data.
    #[error("tensor `{shown}` begins at byte {begin} of the data, and the tensor before it ends at {end}", shown = shown(.name))]
    Gap {
        /// The tensor.
        name: String,
        /// Where it begins.
        begin: u64,
        /// Where it should begin.
        end: u64,
    },
    /// The data ends before or after the file.
    #[error("its tensors end at byte {end}, and the file has {length}; fetch it again")]
    End {
        /// Where the last tensor ends.
        end: u64,
        /// The file's size.
        length: u64,
    },
}

/// What is wrong with the index of several files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexDamage {
    /// It is too large to be one.
    #[error("it has {length} bytes, and an index has at most {most}")]
    Length {
        /// The file's size.
        length: u64,
        /// What is read.
        most: u64,
    },
    /// It is no JSON, or not of the right form.
    #[error("it does not read as JSON with a `weight_map` from names to files: {}", shown(.0))]
    Json(String),
    /// It names no tensor.
    #[error("its `weight_map` is empty")]
    Empty,
    /// A file that is elsewhere.
    #[error("it says that `{}` is in `{}`; give the name of a file beside the index", shown(.name), shown(.file))]
    Elsewhere {
        /// The tensor.
        name: String,
        /// Its file, as the index says.
        file: String,
    },
    /// A tensor that is not where it should be.
    #[error("it says that `{}` is in `{}`, which does not have it; fetch both again", shown(.name), shown(.file))]
    Missing {
        /// The tensor.
        name: String,
        /// Its file, as the index says.
        file: String,
    },
    /// A tensor that it does not list, or lists elsewhere.
    #[error("`{}` has `{}`, and the index does not say so; fetch both again", shown(.file), shown(.name))]
    Unlisted {
        /// The tensor.
        name: String,
        /// The file that has it.
        file: String,
    },
}
