//! Arrays of NumPy in a ZIP archive. Only those that are stored as they are can be read in parts.

use std::io::BufReader;

use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::{
    Contents, FileDamage, HeaderError, npy,
    source::{Problem, Source, in_file},
};

/// What an archive begins with: a member's record, or the end where there is none.
pub(super) const MAGICS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Reads the directory and the header of each array. Checksums are for those who read all values.
pub(super) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    contents(source).map_err(|problem| source.broken("NumPy", problem))
}

fn contents(source: &Source<'_>) -> Result<Contents, Problem> {
    let mut archive = ZipArchive::new(BufReader::new(&source.file)).map_err(problem)?;
    let mut tensors = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(problem)?;
        let name = member.name().map_err(problem)?.into_owned();
        let of_member = |reason: &str| FileDamage::Member { name: name.clone(), reason: reason.to_owned() };
        if member.encrypted() {
            return Err(of_member("is encrypted").into());
        }
        if member.compression() != CompressionMethod::Stored {
            return Err(of_member("is compressed; write it with numpy.savez").into());
        }
        let stem = name.strip_suffix(".npy").ok_or_else(|| of_member("is no array"))?;
        // NumPy goes by the directory too, not by the record before the member.
        let (begin, size) = (member.data_start().unwrap_or(u64::MAX), member.size());
        if begin.checked_add(size).is_none_or(|end| end > source.length) {
            return Err(FileDamage::Cut { what: "a member" }.into());
        }
        tensors.push(npy::array(&source.file, stem, begin, size)?);
    }
    // A comment of others' is no remark.
    let remarks = serde_json::from_slice(archive.comment()).unwrap_or_default();
    Ok((in_file(tensors, source.length)?, remarks))
}

fn problem(error: ZipError) -> Problem {
    match error {
        ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Problem::Io(error),
        error => Problem::Damage(FileDamage::Archive(error.to_string())),
    }
}
