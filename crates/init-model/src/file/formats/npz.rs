//! Arrays of NumPy under their names: a ZIP archive of `NAME.npy`, stored without compression
//! (<https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>).
//!
//! Everything but the checksums is known before the values are. The values are written first, by
//! any thread, and the archive's records around them at the end.

use std::{collections::HashSet, io::BufReader};

use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::npy;
use crate::{
    file::{
        error::{Corruption, HeaderError},
        format_error::FormatError,
        metadata::metadata,
        outline::{Outline, Records, Target},
        source::{Problem, Source, in_file},
        tensor::Contents,
    },
    plan::{entry::Entry, plan::Plan},
};

/// The first bytes of an archive: the record of a member, or the end of an empty archive.
const MAGICS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Whether a file begins as this format does.
pub(in crate::file) fn recognises(start: [u8; 8]) -> bool {
    MAGICS.iter().any(|magic| start.starts_with(magic))
}

/// Reads the directory and the header of each array. Checksums are not verified, as the values are
/// not read.
///
/// Only members that are stored uncompressed can be read in parts.
pub(in crate::file) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    contents(source).map_err(|problem| source.failed("NumPy", problem))
}

fn contents(source: &Source<'_>) -> Result<Contents, Problem> {
    let mut archive = ZipArchive::new(BufReader::new(&source.file)).map_err(problem)?;
    let mut tensors = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(problem)?;
        let name = member.name().map_err(problem)?.into_owned();
        let of_member = |reason: &str| Corruption::Member { name: name.clone(), reason: reason.to_owned() };
        if member.encrypted() {
            return Err(of_member("is encrypted").into());
        }
        if member.compression() != CompressionMethod::Stored {
            return Err(of_member("is compressed; write it with numpy.savez").into());
        }
        if name.ends_with("/data.pkl") {
            return Err(Problem::Foreign("a PyTorch checkpoint (convert it with safetensors.torch.save_file)"));
        }
        let stem = name.strip_suffix(".npy").ok_or_else(|| of_member("is not an array"))?;
        // Like NumPy, this relies on the directory, not on the record before the member.
        let (begin, size) = (member.data_start().unwrap_or(u64::MAX), member.size());
        if begin.checked_add(size).is_none_or(|end| end > source.length) {
            return Err(Corruption::Truncated { what: "a member" }.into());
        }
        tensors.push(npy::array(&source.file, stem, begin, size)?);
    }
    // A comment that is not a JSON object of strings is not metadata.
    let metadata = serde_json::from_slice(archive.comment()).unwrap_or_default();
    Ok(Contents { tensors: in_file(tensors, source.length)?, metadata })
}

fn problem(error: ZipError) -> Problem {
    match error {
        ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Problem::Io(error),
        error => Problem::Corrupt(Corruption::Archive(error.to_string())),
    }
}

/// The value of a 32-bit and of a 16-bit field whose number is in a ZIP64 record.
const IN_ZIP64: u32 = u32::MAX;
const COUNT_IN_ZIP64: u16 = u16::MAX;
/// Versions of the format that a reader must support: files in folders, and ZIP64.
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;
/// The system Unix, for which the upper half of the attributes is a file's type and permissions.
const UNIX: u16 = 3 << 8;
const ATTRIBUTES: u32 = 0o100_644 << 16;
/// The flag of names in UTF-8.
const UTF8: u16 = 1 << 11;
/// 1980-01-01, the earliest date of the format.
const DATE: u16 = 1 << 5 | 1;

/// The records of an archive, without the checksums of its members.
#[derive(Debug)]
struct Archive {
    members: Vec<Member>,
    /// The offset of the central directory.
    directory: u64,
}

/// One array of an archive.
#[derive(Debug)]
struct Member {
    name: String,
    /// The offset of its record.
    offset: u64,
    /// The array's header, which is part of the data.
    head: Vec<u8>,
    /// The size of header and values.
    bytes: u64,
}

/// Lays out a file: record, array header and values of each parameter, then the directory and the
/// end record, whose comment is the metadata.
pub(in crate::file) fn outline(target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
    let names: HashSet<&str> = plan.entries().iter().map(|entry| entry.name.as_str()).collect();
    let (mut members, mut starts) = (Vec::with_capacity(names.len()), Vec::with_capacity(names.len()));
    let mut end = 0;
    for entry in plan.entries() {
        check(target, entry, &names)?;
        let head = npy::header(target.path, entry)?;
        let bytes = head.len() as u64 + entry.bytes();
        let member = Member { name: format!("{}.npy", entry.name), offset: end, head, bytes };
        let start = end + (member.local(0).len() + member.head.len()) as u64;
        starts.push(start);
        end = start + entry.bytes();
        members.push(member);
    }
    let directory = end;
    let size: u64 = members.iter().map(|member| member.central(0).len() as u64).sum();
    let comment = serde_json::to_vec(&metadata(plan, target.digest)).expect("metadata are text");
    let mark = tail(members.len() as u64, directory, size, &comment);
    let mark_at = directory + size;
    let length = mark_at + mark.len() as u64;
    let records: Option<Box<dyn Records>> = Some(Box::new(Archive { members, directory }));
    Ok(Outline { mark, mark_at, starts, values: plan.bytes(), length, records })
}

/// Checks that a parameter's name can be the name of a member, for NumPy and for programs that
/// unpack the archive.
fn check(target: &Target<'_>, entry: &Entry, names: &HashSet<&str>) -> Result<(), FormatError> {
    let name = entry.name.as_str();
    let reason = match () {
        () if name.chars().any(char::is_control) => "has a control character",
        () if name.contains('\\') => "has a backslash, which is a slash on Windows",
        () if name.split('/').any(|part| matches!(part, "" | "." | "..")) => {
            "has an empty, `.` or `..` part between slashes"
        }
        () if name.len() + ".npy".len() > usize::from(u16::MAX) => "is longer than 65531 bytes",
        () if name.strip_suffix(".npy").is_some_and(|stem| names.contains(stem)) => {
            "is that of another parameter with .npy, which NumPy takes for the other"
        }
        () => return Ok(()),
    };
    Err(FormatError::Member { path: target.path.to_owned(), name: entry.name.clone(), reason })
}

impl Records for Archive {
    fn heads(&self) -> Vec<&[u8]> {
        self.members.iter().map(|member| member.head.as_slice()).collect()
    }

    fn records(&self, checksums: &[u32]) -> Vec<(u64, Vec<u8>)> {
        let directory = self.members.iter().zip(checksums).flat_map(|(member, &sum)| member.central(sum)).collect();
        let locals = self.members.iter().zip(checksums).map(|(member, &sum)| {
            let mut record = member.local(sum);
            record.extend(&member.head);
            (member.offset, record)
        });
        locals.chain([(self.directory, directory)]).collect()
    }
}

impl Member {
    /// Returns the record before the member.
    fn local(&self, sum: u32) -> Vec<u8> {
        let large = self.bytes >= u64::from(IN_ZIP64);
        // A local record must give both sizes.
        let more = if large { zip64(&[self.bytes, self.bytes]) } else { Vec::new() };
        let mut record = b"PK\x03\x04".to_vec();
        self.common(&mut record, if large { ZIP64 } else { PLAIN }, sum, more.len());
        record.extend(self.name.bytes());
        record.extend(more);
        record
    }

    /// Returns the member's entry in the directory.
    fn central(&self, sum: u32) -> Vec<u8> {
        let (size, offset) = (self.bytes >= u64::from(IN_ZIP64), self.offset >= u64::from(IN_ZIP64));
        let numbers = [(size, self.bytes), (size, self.bytes), (offset, self.offset)];
        let large: Vec<u64> = numbers.iter().filter(|(large, _)| *large).map(|(_, number)| *number).collect();
        let more = if large.is_empty() { Vec::new() } else { zip64(&large) };
        let version = if large.is_empty() { PLAIN } else { ZIP64 };
        let mut record = b"PK\x01\x02".to_vec();
        record.extend((UNIX | version).to_le_bytes());
        self.common(&mut record, version, sum, more.len());
        // No comment, the first disk, no internal attributes.
        record.extend([0; 6]);
        record.extend(ATTRIBUTES.to_le_bytes());
        record.extend(narrow(self.offset).to_le_bytes());
        record.extend(self.name.bytes());
        record.extend(more);
        record
    }

    /// Appends the fields that both records have: version, flags, no compression, midnight,
    /// checksum, sizes, lengths of what follows.
    fn common(&self, record: &mut Vec<u8>, version: u16, sum: u32, more: usize) {
        let flags = if self.name.is_ascii() { 0 } else { UTF8 };
        for half in [version, flags, 0, 0, DATE] {
            record.extend(half.to_le_bytes());
        }
        for word in [sum, narrow(self.bytes), narrow(self.bytes)] {
            record.extend(word.to_le_bytes());
        }
        for length in [self.name.len(), more] {
            record.extend(u16::try_from(length).expect("names were checked").to_le_bytes());
        }
    }
}

/// Returns the extra field of numbers that are too large for their own fields.
fn zip64(numbers: &[u64]) -> Vec<u8> {
    let mut field = 1u16.to_le_bytes().to_vec();
    field.extend((8 * numbers.len() as u16).to_le_bytes());
    field.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    field
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(IN_ZIP64)
}

/// Returns the records after the directory: its offset and size, and the comment.
fn tail(count: u64, directory: u64, size: u64, comment: &[u8]) -> Vec<u8> {
    let mut tail = Vec::new();
    let narrow_count = u16::try_from(count).unwrap_or(COUNT_IN_ZIP64);
    if narrow_count == COUNT_IN_ZIP64 || narrow(size) == IN_ZIP64 || narrow(directory) == IN_ZIP64 {
        tail.extend(b"PK\x06\x06");
        // The size of the rest of the record.
        tail.extend(44u64.to_le_bytes());
        tail.extend((UNIX | ZIP64).to_le_bytes());
        tail.extend(ZIP64.to_le_bytes());
        // This disk and that of the directory.
        tail.extend([0; 8]);
        for number in [count, count, size, directory] {
            tail.extend(number.to_le_bytes());
        }
        tail.extend(b"PK\x06\x07\0\0\0\0");
        tail.extend((directory + size).to_le_bytes());
        tail.extend(1u32.to_le_bytes());
    }
    tail.extend(b"PK\x05\x06\0\0\0\0");
    for half in [narrow_count, narrow_count] {
        tail.extend(half.to_le_bytes());
    }
    for word in [size, directory] {
        tail.extend(narrow(word).to_le_bytes());
    }
    tail.extend(u16::try_from(comment.len()).expect("the metadata are short").to_le_bytes());
    tail.extend(comment);
    tail
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Read, path::Path};

    use init_kernels::Progress;

    use super::*;
    use crate::{
        file::{offset_io::write_all_at, writer::write},
        recipe::recipe::Recipe,
    };

    fn plan(parameters: &str) -> Plan {
        let text = format!("[parameters]\n{parameters}\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(0, 1)\"");
        Recipe::parse(&text, "plan").unwrap().plan().unwrap()
    }

    fn outline_of(plan: &Plan) -> Result<Outline, FormatError> {
        let (path, tensors) = (Path::new("w.npz"), plan.entries().len());
        outline(&Target { path, digest: "d", number: 0, files: 1, tensors }, plan)
    }

    #[test]
    fn another_program_reads_the_archive_and_its_checksums() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.npz");
        write(&path, &plan("a = [700001]\n\"b/слой:0\" = []\nc = [1]"), Progress::none()).unwrap();
        let mut archive = ZipArchive::new(File::open(&path).unwrap()).unwrap();
        let names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["a.npy", "b/слой:0.npy", "c.npy"]);
        let comment: serde_json::Value = serde_json::from_slice(archive.comment()).unwrap();
        assert_eq!(comment["fanin.seed"], "0");
        for (index, bytes) in [2_800_004, 4, 4].into_iter().enumerate() {
            let mut member = archive.by_index(index).unwrap();
            assert_eq!(member.unix_mode(), Some(0o100_644));
            // Its end is where the checksum is compared.
            let mut read = Vec::new();
            member.read_to_end(&mut read).unwrap();
            assert_eq!(read.len(), 128 + bytes);
        }
    }

    /// A sparse file: the sizes are those of a model larger than the machine's memory, the values
    /// holes.
    #[test]
    fn large_members_offsets_and_counts_have_zip64_records() {
        let many: String = (0..70_000).map(|i| format!("p{i} = [1]\n")).collect();
        for (parameters, at) in [("a = [1500000000]\nb = [5]\nc = [3]".to_owned(), 1), (many, 69_999)] {
            let plan = plan(&parameters);
            let outline = outline_of(&plan).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("w.npz");
            let file = File::create_new(&path).unwrap();
            file.set_len(outline.length).unwrap();
            write_all_at(&file, &outline.mark, outline.mark_at).unwrap();
            let records = outline.records.unwrap();
            for (at, record) in records.records(&vec![7; plan.entries().len()]) {
                write_all_at(&file, &record, at).unwrap();
            }

            let mut found = ZipArchive::new(File::open(&path).unwrap()).unwrap();
            assert_eq!(found.len(), plan.entries().len());
            for index in [0, at] {
                let member = found.by_index_raw(index).unwrap();
                let entry = &plan.entries()[index];
                assert_eq!(member.name().unwrap(), format!("{}.npy", entry.name));
                assert_eq!(
                    (member.size(), member.compressed_size(), member.crc32()),
                    (128 + entry.bytes(), 128 + entry.bytes(), 7)
                );
                assert_eq!(member.data_start(), Some(outline.starts[index] - 128));
            }
        }
    }

    #[test]
    fn names_that_a_reader_would_take_for_others_are_refused() {
        for name in ["a/../b", "../a", "/a", "a//b", "a/", ".", "a\\b", "a\0b", "a\nb", "b.npy"] {
            let quoted = name.replace('\\', "\\\\").replace('\0', "\\u0000").replace('\n', "\\n");
            let error = outline_of(&plan(&format!("\"{quoted}\" = [1]\nb = [1]"))).unwrap_err();
            assert!(matches!(&error, FormatError::Member { name: found, .. } if found == name), "{name}: {error}");
        }
        for name in ["layers/0/kernel:0", "a..b", "...", "слой.вес", "c.npy", " ", "C:"] {
            assert!(outline_of(&plan(&format!("\"{name}\" = [1]\nb = [1]"))).is_ok(), "{name}");
        }
    }
}
