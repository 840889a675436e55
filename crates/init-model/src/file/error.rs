//! Why a model file cannot be used.

use std::{io, path::Path};

use init_core::ShapeError;

use crate::excerpt::excerpt;

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
        "`{path}` is not a regular file; name a model file, an index of several, or a folder with a model.safetensors"
    )]
    NotAFile {
        /// The path.
        path: String,
    },
    /// A file of a format that is not supported.
    #[error("`{path}` seems to be {found}; the formats that can be read are {readable}")]
    Foreign {
        /// The file.
        path: String,
        /// The format that it seems to have.
        found: &'static str,
        /// The formats that can be read.
        readable: String,
    },
    /// A file that is corrupt, or uses a part of its format that is not supported.
    #[error("`{path}` is not a valid {format} file: {corruption}")]
    Corrupt {
        /// The file.
        path: String,
        /// The name of its format.
        format: &'static str,
        /// The corruption found.
        #[source]
        corruption: Corruption,
    },
    /// An index that is corrupt, or does not agree with its files.
    #[error("`{path}` is not a valid index of a model: {corruption}")]
    Index {
        /// The index.
        path: String,
        /// The corruption found.
        #[source]
        corruption: IndexCorruption,
    },
    /// A tensor whose element type is not a supported floating-point type.
    #[error(
        "`{path}`: tensor `{excerpt}` is {stored_type}; only f32, f64, bf16 and f16 can be initialised",
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
    /// A tensor with too many elements.
    #[error("`{path}`: tensor `{excerpt}`: {source}", excerpt = excerpt(.name))]
    Shape {
        /// The file.
        path: String,
        /// The tensor.
        name: String,
        /// The error of its shape.
        source: ShapeError,
    },
}

/// The kinds of corruption of a model file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Corruption {
    /// A file that is too short to have a header.
    #[error("it has {length} bytes, and the length of the header alone takes 8; download it again")]
    Short {
        /// The file's size.
        length: u64,
    },
    /// A header that would end after the file.
    #[error("its first 8 bytes give a header of {stated} bytes, but the file has {length}; download it again")]
    HeaderLength {
        /// The header's length, as stated.
        stated: u64,
        /// The file's size.
        length: u64,
    },
    /// A file that ends too early.
    #[error("it ends within {what}; download it again")]
    Truncated {
        /// The part that is incomplete.
        what: &'static str,
    },
    /// A header that is not JSON, or not of the right form.
    #[error("its header is not a JSON object of tensors: {}", excerpt(.0))]
    Json(String),
    /// A version of the format that is not supported.
    #[error("it has version {found}, which is not supported")]
    Version {
        /// The version.
        found: u32,
    },
    /// An archive whose directory cannot be read.
    #[error("its directory cannot be read: {}", excerpt(.0))]
    Archive(String),
    /// A member of an archive that is not an uncompressed array.
    #[error("`{}` {reason}", excerpt(.name))]
    Member {
        /// The member.
        name: String,
        /// The reason.
        reason: String,
    },
    /// The header of an array that is not of the right form.
    #[error("its header does not consist of a simple descr, fortran_order and shape: {}", excerpt(.found))]
    ArrayHeader {
        /// The header.
        found: String,
    },
    /// An array in column-major order.
    #[error("`{}` is in Fortran order; save numpy.ascontiguousarray of it", excerpt(.name))]
    FortranOrder {
        /// The array.
        name: String,
    },
    /// An array whose size contradicts its header.
    #[error("`{}` takes {bytes} bytes by its header, but has {found}; download it again", excerpt(.name))]
    ArraySize {
        /// The array.
        name: String,
        /// The size by shape and type.
        bytes: u64,
        /// The size found.
        found: u64,
    },
    /// A string of an implausible length.
    #[error("it has a string of {length} bytes, but at most {maximum} are supported; download it again")]
    StringLength {
        /// The length, as stated.
        length: u64,
        /// The longest that is read.
        maximum: u64,
    },
    /// A metadata value of a type that the format does not define.
    #[error("it has metadata of the unknown type {kind}")]
    MetadataType {
        /// The number of the type.
        kind: u32,
    },
    /// An invalid alignment.
    #[error("its general.alignment is {}, which is not a power of two", excerpt(.found))]
    Alignment {
        /// The alignment.
        found: String,
    },
    /// Two tensors or two metadata keys of one name.
    #[error("it lists `{}` twice", excerpt(.name))]
    Duplicate {
        /// The name.
        name: String,
    },
    /// An element type that the format does not define.
    #[error("tensor `{}` has the unknown dtype `{}`", excerpt(.name), excerpt(.found))]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
    },
    /// More dimensions than the format allows.
    #[error("tensor `{}` has {ndim} dimensions, but the format allows at most {maximum}", excerpt(.name))]
    Dimensions {
        /// The tensor.
        name: String,
        /// The number of its dimensions.
        ndim: u32,
        /// The largest number allowed.
        maximum: u32,
    },
    /// A shape whose size overflows, or that its type cannot have.
    #[error(
        "the shape {} of tensor `{}` is larger than any file, or not a multiple of the blocks of its type",
        excerpt(&format!("{shape:?}")), excerpt(.name)
    )]
    ShapeOverflow {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<u64>,
    },
    /// Offsets that contradict shape and type.
    #[error(
        "tensor `{}` has the data_offsets [{begin}, {end}], but its shape and dtype take {needs} bytes", excerpt(.name)
    )]
    Offsets {
        /// The tensor.
        name: String,
        /// The first byte.
        begin: u64,
        /// The byte after the last.
        end: u64,
        /// The bytes that shape and dtype take.
        needs: u64,
    },
    /// A gap or an overlap between tensors.
    #[error("tensor `{}` begins at byte {begin} of the data, but the tensor before it ends at {end}", excerpt(.name))]
    Gap {
        /// The tensor.
        name: String,
        /// Its first byte.
        begin: u64,
        /// The byte after the tensor before it.
        end: u64,
    },
    /// Data that end before or after the file.
    #[error("its tensors end at byte {end}, but the file has {length}; download it again")]
    End {
        /// The byte after the last tensor.
        end: u64,
        /// The file's size.
        length: u64,
    },
    /// A tensor that is not aligned.
    #[error("tensor `{}` begins at byte {begin} of the data, which is not a multiple of {alignment}", excerpt(.name))]
    Misaligned {
        /// The tensor.
        name: String,
        /// Its first byte after the header.
        begin: u64,
        /// The alignment.
        alignment: u64,
    },
    /// A tensor that is not within the file, or overlaps another.
    #[error(
        "tensor `{}` takes {bytes} bytes from byte {offset} on, but the tensor before it ends at {end} and the \
         file has \
         {length} bytes; download it again",
        excerpt(.name)
    )]
    Range {
        /// The tensor.
        name: String,
        /// Its first byte.
        offset: u64,
        /// Its size.
        bytes: u64,
        /// The byte after the tensor before it.
        end: u64,
        /// The file's size.
        length: u64,
    },
}

/// The kinds of corruption of the index of several files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexCorruption {
    /// A file that is too large to be an index.
    #[error("it has {length} bytes, but an index may have at most {maximum}")]
    Length {
        /// The file's size.
        length: u64,
        /// The largest that is read.
        maximum: u64,
    },
    /// A file that is not JSON, or not of the right form.
    #[error("it is not a JSON object with a `weight_map` from names to files: {}", excerpt(.0))]
    Json(String),
    /// An index without tensors.
    #[error("its `weight_map` is empty")]
    Empty,
    /// A file in another folder.
    #[error("it maps `{}` to `{}`; it must map to files next to it", excerpt(.name), excerpt(.file))]
    Elsewhere {
        /// The tensor.
        name: String,
        /// Its file, as the index says.
        file: String,
    },
    /// A tensor that is not in the file that the index names.
    #[error(
        "it maps `{}` to `{}`, which does not contain it; download both again", excerpt(.name), excerpt(.file)
    )]
    Missing {
        /// The tensor.
        name: String,
        /// Its file, as the index says.
        file: String,
    },
    /// A tensor that the index does not list, or lists in another file.
    #[error("`{}` contains `{}`, which the index does not list; download both again", excerpt(.file), excerpt(.name))]
    Unlisted {
        /// The tensor.
        name: String,
        /// The file that has it.
        file: String,
    },
}

/// Returns the error of a file that cannot be opened or read.
pub(crate) fn unreadable(path: &Path, source: io::Error) -> HeaderError {
    HeaderError::Read { path: path.display().to_string(), source }
}
