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
        "`{path}` is no regular file; name a model file, an index of several, or a folder that has a model.safetensors"
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
    /// A file of another format that is damaged, or has what this program does not read.
    #[error("`{path}` does not read as {format}: {damage}")]
    Broken {
        /// The file.
        path: String,
        /// Whose format it has.
        format: &'static str,
        /// What is wrong with it.
        #[source]
        damage: FileDamage,
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

/// What is wrong with a file of NumPy's or llama.cpp's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileDamage {
    /// It is not all there.
    #[error("it ends within {what}; fetch it again")]
    Cut {
        /// What is not all there.
        what: &'static str,
    },
    /// A version that is not read.
    #[error("it is of version {found}, which this program does not read")]
    Version {
        /// The version.
        found: u32,
    },
    /// The directory of an archive cannot be read.
    #[error("its directory does not read: {}", shown(.0))]
    Archive(String),
    /// A member of an archive that is no array as this program reads them.
    #[error("`{}` {reason}", shown(.name))]
    Member {
        /// The member.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An array's header is not of the right form.
    #[error("its header does not read as descr of one type, fortran_order and shape: {}", shown(.found))]
    Array {
        /// The header.
        found: String,
    },
    /// An array whose first index runs fastest.
    #[error("`{}` is in Fortran's order; save numpy.ascontiguousarray of it", shown(.name))]
    Fortran {
        /// The array.
        name: String,
    },
    /// An array of another size than its header says.
    #[error("`{}` takes {bytes} bytes by its header, and has {found}; fetch it again", shown(.name))]
    Size {
        /// The array.
        name: String,
        /// What shape and type take.
        bytes: u64,
        /// What is there.
        found: u64,
    },
    /// A text that is too long to be one.
    #[error("it has a text of {length} bytes, and at most {most} are read; fetch it again")]
    Text {
        /// Its length, as stated.
        length: u64,
        /// What is read.
        most: u64,
    },
    /// A remark of a type that the format does not have.
    #[error("it has a remark of the unknown type {kind}")]
    Remark {
        /// The number of the type.
        kind: u32,
    },
    /// An alignment that cannot be.
    #[error("its general.alignment is {}, which is no power of two", shown(.found))]
    Alignment {
        /// The alignment.
        found: String,
    },
    /// Two tensors or remarks of one name.
    #[error("it lists `{}` twice", shown(.name))]
    Duplicate {
        /// The name.
        name: String,
    },
    /// An element type that is not known.
    #[error("tensor `{}` has the unknown type `{}`", shown(.name), shown(.found))]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
    },
    /// More dimensions than the format has.
    #[error("tensor `{}` has {ndim} dimensions, and the format has at most {most}", shown(.name))]
    Dimensions {
        /// The tensor.
        name: String,
        /// Its dimensions.
        ndim: u32,
        /// The most.
        most: u32,
    },
    /// A shape whose size overflows, or which its type cannot have.
    #[error("tensor `{}` has the shape {}, which is larger than any file or no multiple of its type's blocks", shown(.name), shown(&format!("{shape:?}")))]
    Overflow {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<u64>,
    },
    /// Values that do not begin where they may.
    #[error("tensor `{}` begins at byte {begin} of the data, which is no multiple of {alignment}", shown(.name))]
    Unaligned {
        /// The tensor.
        name: String,
        /// Its first byte after the header.
        begin: u64,
        /// What it should be a multiple of.
        alignment: u64,
    },
    /// Values that are not in the file, or in the place of others.
    #[error(
        "tensor `{}` takes {bytes} bytes from byte {position} on, the tensor before it ends at {end}, and the file has {length}; fetch it again",
        shown(.name)
    )]
    Place {
        /// The tensor.
        name: String,
        /// Its first byte.
        position: u64,
        /// Its size.
        bytes: u64,
        /// Where the tensor before it ends.
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
