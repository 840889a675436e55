//! The formats: one file or folder for each, which reads it and lays it out, and one row for each in
//! the table here, with its extension, how it is recognised, and what it supports.

mod gguf;
mod npy;
mod npz;
mod safetensors;

use std::path::Path;

use init_core::DType;

use self::safetensors::{header as safetensors_header, index};
use super::{
    error::HeaderError,
    format_error::FormatError,
    indexed::{Index, Located},
    outline::{Outline, Target},
    source::Source,
    tensor::Contents,
};
use crate::plan::plan::Plan;

/// A format of model files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Safetensors: the format of Hugging Face.
    Safetensors,
    /// One array, as `numpy.save` writes it.
    Npy,
    /// Arrays under names, as `numpy.savez` writes them.
    Npz,
    /// GGUF version 3: the format of llama.cpp and ggml.
    Gguf,
}

/// A row of the table of formats. To add a format, write its file next to this one and add its row
/// to [`ROWS`].
struct Row {
    format: Format,
    /// The name in messages.
    name: &'static str,
    /// The extension of its files.
    extension: &'static str,
    /// Whether a file with these first bytes is of this format.
    recognises: fn([u8; 8]) -> bool,
    shards: Shards,
    /// Whether an interrupted file records its plan and seed, so that it can be resumed.
    resumes: bool,
    read: fn(&Source<'_>) -> Result<Contents, HeaderError>,
    outline: fn(&Target<'_>, &Plan) -> Result<Outline, FormatError>,
    /// The bytes before the values of tensors from memory, if the format is supported for them.
    encode: Option<Encode>,
}

/// Returns the bytes before the values of tensors, given metadata and the name, dtype and
/// dimensions of each.
type Encode = fn(&[(&str, String)], &[(&str, DType, &[usize])]) -> Vec<u8>;

/// Whether a model can have several files of a format.
enum Shards {
    /// It cannot.
    None,
    /// It can; each file says which of how many it is.
    Numbered,
    /// It can; an index says which tensor is in which file.
    Indexed(Index),
}

/// The formats. The first one that recognises a file reads it.
static ROWS: [Row; 4] = [
    Row {
        format: Format::Safetensors,
        name: "safetensors",
        extension: "safetensors",
        recognises: safetensors_header::recognises,
        shards: Shards::Indexed(index::INDEX),
        resumes: true,
        read: safetensors_header::read,
        outline: safetensors_header::outline,
        encode: Some(safetensors_header::encode),
    },
    Row {
        format: Format::Npy,
        name: "NumPy",
        extension: "npy",
        recognises: npy::recognises,
        shards: Shards::None,
        resumes: false,
        read: npy::read,
        outline: npy::outline,
        encode: None,
    },
    Row {
        format: Format::Npz,
        name: "NumPy archive",
        extension: "npz",
        recognises: npz::recognises,
        shards: Shards::None,
        resumes: true,
        read: npz::read,
        outline: npz::outline,
        encode: None,
    },
    Row {
        format: Format::Gguf,
        name: "GGUF",
        extension: "gguf",
        recognises: gguf::recognises,
        shards: Shards::Numbered,
        resumes: true,
        read: gguf::read,
        outline: gguf::outline,
        encode: None,
    },
];

impl Format {
    /// Returns every format.
    #[must_use]
    pub fn all() -> Vec<Self> {
        ROWS.iter().map(|row| row.format).collect()
    }

    /// Returns the format that a path's extension selects, in any case of letters.
    ///
    /// ```
    /// use init_model::Format;
    ///
    /// assert_eq!(Format::of("model.npz")?, Format::Npz);
    /// assert!(Format::of("model.pt").is_err());
    /// # Ok::<(), init_model::file::FormatError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`FormatError::Extension`] if there is none, or one that is not known.
    pub fn of(path: impl AsRef<Path>) -> Result<Self, FormatError> {
        let path = path.as_ref();
        let is = |row: &&Row| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(row.extension));
        ROWS.iter().find(is).map(|row| row.format).ok_or_else(|| FormatError::Extension {
            path: path.to_owned(),
            extension: path.extension().map(|found| found.to_string_lossy().into_owned()),
            known: listed(|_| true),
        })
    }

    /// Returns the name of the format, such as `NumPy archive`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the extension of its files, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.row().extension
    }

    /// Whether a model can be written in several files of this format.
    #[must_use]
    pub fn has_shards(self) -> bool {
        !matches!(self.row().shards, Shards::None)
    }

    /// Whether an interrupted file of this format can be resumed.
    #[must_use]
    pub fn resumes(self) -> bool {
        self.row().resumes
    }

    /// Whether [`save`](crate::save()) can write tensors from memory in this format.
    #[must_use]
    pub fn saves(self) -> bool {
        self.row().encode.is_some()
    }

    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.format == self).expect("every format has a row")
    }

    /// Returns the outline of the file of a plan, or of some entries of one.
    pub(super) fn outline(self, target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
        (self.row().outline)(target, plan)
    }

    /// Returns the index of several files, if the format has one, or an error if it does not
    /// support several.
    pub(super) fn shards(self, path: &Path) -> Result<Option<Index>, FormatError> {
        match &self.row().shards {
            Shards::Indexed(index) => Ok(Some(*index)),
            Shards::Numbered => Ok(None),
            Shards::None => {
                Err(FormatError::Shards { path: path.to_owned(), known: listed(|row| row.format.has_shards()) })
            }
        }
    }

    /// Checks that an interrupted file of this format can be resumed.
    pub(super) fn check_resumes(self, path: &Path) -> Result<(), FormatError> {
        if self.resumes() {
            return Ok(());
        }
        Err(FormatError::Resume { path: path.to_owned(), known: listed(|row| row.resumes) })
    }

    /// Returns what encodes tensors from memory, or an error if the format does not support that.
    pub(super) fn encode(self, path: &Path) -> Result<Encode, FormatError> {
        let unsupported = || FormatError::Save {
            path: path.to_owned(),
            name: self.name(),
            known: listed(|row| row.encode.is_some()),
        };
        self.row().encode.ok_or_else(unsupported)
    }
}

/// Reads the header of a file of the format that its first bytes show; `None` if they show none.
pub(super) fn read(source: &Source<'_>) -> Option<Result<Contents, HeaderError>> {
    let start = match source.start() {
        Ok(start) => start,
        Err(error) => return Some(Err(error)),
    };
    ROWS.iter().find(|row| (row.recognises)(start)).map(|row| (row.read)(source))
}

/// Returns the file or the index that a path refers to, where a format has an index and the path
/// is not itself a model file.
pub(super) fn locate(path: &Path) -> Option<(Located, Index)> {
    ROWS.iter().find_map(|row| match &row.shards {
        Shards::Indexed(index) => (index.locate)(path).map(|located| (located, *index)),
        _ => None,
    })
}

/// Returns the extensions of all formats, for a message: `.safetensors, .npy, .npz and .gguf`.
pub(super) fn extensions() -> String {
    listed(|_| true)
}

fn listed(wanted: impl Fn(&Row) -> bool) -> String {
    let extensions: Vec<String> =
        ROWS.iter().filter(|row| wanted(row)).map(|row| format!(".{}", row.extension)).collect();
    match extensions.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => extensions.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_selects_the_format_and_nothing_else_does() {
        for (name, format) in [
            ("w.npy", Format::Npy),
            ("w.NPZ", Format::Npz),
            ("a/b.c.gguf", Format::Gguf),
            ("w.safetensors", Format::Safetensors),
        ] {
            assert_eq!(Format::of(name), Ok(format), "{name}");
        }
        for name in ["gguf", ".npy", "x.npz/w", "w.gguf.part", "-", "w.pt", "w.", "w.safetensor", ""] {
            let message = Format::of(name).unwrap_err().to_string();
            assert!(message.contains(".safetensors, .npy, .npz and .gguf"), "{name}: {message}");
        }
    }

    #[test]
    fn every_format_has_its_own_row() {
        for format in Format::all() {
            let path = format!("w.{}", format.extension());
            assert_eq!(Format::of(&path), Ok(format));
            assert_eq!(format.shards(Path::new(&path)).is_ok(), format.has_shards());
        }
    }
}
