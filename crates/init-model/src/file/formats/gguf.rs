//! GGUF, the format of llama.cpp and ggml:
//! <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
//!
//! Versions 2 and 3 are read, and version 3 is written. Dimensions are in the reverse order of
//! other formats.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
};

use init_core::DType;

use crate::{
    file::{
        error::{Corruption, HeaderError},
        format_error::FormatError,
        outline::{Outline, Target},
        source::{Problem, Source, extent, in_file},
        tensor::{Contents, Tensor},
    },
    plan::{entry::Entry, plan::Plan},
};

const MAGIC: &[u8] = b"GGUF";

/// The version that is written.
const VERSION: u32 = 3;

/// The alignment of values, which is the default of the format.
const ALIGNMENT: u32 = 32;

/// The limits of ggml: the longest name, without its zero byte, and the largest number of
/// dimensions.
const MAX_NAME: usize = 63;
const MAX_NDIM: u32 = 4;

/// The longest string that is read.
const MAX_STRING: u64 = 16 << 20;

/// The architecture of a model that belongs to no published family.
const UNKNOWN: &str = "unknown";

/// Whether a file begins as this format does.
pub(in crate::file) fn recognises(start: [u8; 8]) -> bool {
    start.starts_with(MAGIC)
}

/// The element types of ggml: number, name, elements per block, bytes per block.
const TYPES: [(u32, &str, u64, u64); 34] = [
    (0, "F32", 1, 4),
    (1, "F16", 1, 2),
    (2, "Q4_0", 32, 18),
    (3, "Q4_1", 32, 20),
    (6, "Q5_0", 32, 22),
    (7, "Q5_1", 32, 24),
    (8, "Q8_0", 32, 34),
    (9, "Q8_1", 32, 40),
    (10, "Q2_K", 256, 84),
    (11, "Q3_K", 256, 110),
    (12, "Q4_K", 256, 144),
    (13, "Q5_K", 256, 176),
    (14, "Q6_K", 256, 210),
    (15, "Q8_K", 256, 292),
    (16, "IQ2_XXS", 256, 66),
    (17, "IQ2_XS", 256, 74),
    (18, "IQ3_XXS", 256, 98),
    (19, "IQ1_S", 256, 50),
    (20, "IQ4_NL", 32, 18),
    (21, "IQ3_S", 256, 110),
    (22, "IQ2_S", 256, 82),
    (23, "IQ4_XS", 256, 136),
    (24, "I8", 1, 1),
    (25, "I16", 1, 2),
    (26, "I32", 1, 4),
    (27, "I64", 1, 8),
    (28, "F64", 1, 8),
    (29, "IQ1_M", 256, 56),
    (30, "BF16", 1, 2),
    (34, "TQ1_0", 256, 54),
    (35, "TQ2_0", 256, 66),
    (39, "MXFP4", 32, 17),
    (40, "NVFP4", 64, 36),
    (41, "Q1_0", 128, 18),
];

/// Reads metadata and tensors. Metadata that are lists, such as vocabularies, are skipped.
pub(in crate::file) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    contents(source).map_err(|problem| source.failed("GGUF", problem))
}

fn contents(source: &Source<'_>) -> Result<Contents, Problem> {
    let mut fields = Fields { file: BufReader::new(&source.file), left: source.length };
    fields.take::<4>()?;
    let version = fields.word()?;
    // A big-endian file has its version in the upper half.
    if !matches!(version, 2 | 3) {
        return Err(Corruption::Version { found: version }.into());
    }
    let (tensors, keys) = (fields.long()?, fields.long()?);
    let mut metadata = BTreeMap::new();
    for _ in 0..keys {
        let key = fields.text()?;
        let kind = fields.word()?;
        if let Some(value) = fields.value(kind)?
            && metadata.insert(key.clone(), value).is_some()
        {
            return Err(Corruption::Duplicate { name: key }.into());
        }
    }
    let alignment = match metadata.get("general.alignment") {
        None => ALIGNMENT.into(),
        Some(text) => text
            .parse()
            .ok()
            .filter(|alignment: &u64| alignment.is_power_of_two() && *alignment <= 1 << 31)
            .ok_or_else(|| Corruption::Alignment { found: text.clone() })?,
    };

    // Memory is allocated for tensors that were read, not for as many as the file claims.
    let mut raw = Vec::new();
    for _ in 0..tensors {
        raw.push(fields.tensor()?);
    }
    let start = (source.length - fields.left).next_multiple_of(alignment);
    let tensors = raw.into_iter().map(|(mut tensor, begin)| {
        // An offset that saturates is beyond the end of the file, which is checked below.
        tensor.offset = start.saturating_add(begin);
        if begin.is_multiple_of(alignment) {
            Ok(tensor)
        } else {
            Err(Corruption::Misaligned { name: tensor.name, begin, alignment })
        }
    });
    let tensors: Vec<Tensor> = tensors.collect::<Result<_, _>>()?;
    Ok(Contents { tensors: in_file(tensors, source.length)?, metadata })
}

/// Reads a file field by field, never more than is left of it.
struct Fields<'a> {
    file: BufReader<&'a File>,
    left: u64,
}

impl Fields<'_> {
    fn spend(&mut self, bytes: u64) -> Result<(), Problem> {
        self.left = self.left.checked_sub(bytes).ok_or(Corruption::Truncated { what: "its header" })?;
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        self.spend(N as u64)?;
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn word(&mut self) -> Result<u32, Problem> {
        self.take().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Result<u64, Problem> {
        self.take().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Result<String, Problem> {
        let length = self.long()?;
        if length > MAX_STRING {
            return Err(Corruption::StringLength { length, maximum: MAX_STRING }.into());
        }
        self.spend(length)?;
        let mut bytes = vec![0; length as usize];
        self.file.read_exact(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Problem> {
        self.spend(bytes)?;
        Ok(self.file.seek_relative(bytes as i64)?)
    }

    /// Reads a metadata value as text; `None` for a list.
    fn value(&mut self, kind: u32) -> Result<Option<String>, Problem> {
        Ok(Some(match kind {
            0 => u8::from_le_bytes(self.take()?).to_string(),
            1 => i8::from_le_bytes(self.take()?).to_string(),
            2 => u16::from_le_bytes(self.take()?).to_string(),
            3 => i16::from_le_bytes(self.take()?).to_string(),
            4 => self.word()?.to_string(),
            5 => i32::from_le_bytes(self.take()?).to_string(),
            6 => f32::from_le_bytes(self.take()?).to_string(),
            7 => (self.take::<1>()? != [0]).to_string(),
            8 => self.text()?,
            9 => return self.list().map(|()| None),
            10 => self.long()?.to_string(),
            11 => i64::from_le_bytes(self.take()?).to_string(),
            12 => f64::from_le_bytes(self.take()?).to_string(),
            other => return Err(Corruption::MetadataType { kind: other }.into()),
        }))
    }

    /// Skips a list. Lists of lists are not supported; ggml does not read them either.
    fn list(&mut self) -> Result<(), Problem> {
        let (kind, count) = (self.word()?, self.long()?);
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => {
                for _ in 0..count {
                    let length = self.long()?;
                    self.skip(length)?;
                }
                return Ok(());
            }
            other => return Err(Corruption::MetadataType { kind: other }.into()),
        };
        self.skip(count.saturating_mul(size))
    }

    /// Reads a tensor whose offset is not known yet, and where its data begin after the first
    /// tensor's.
    fn tensor(&mut self) -> Result<(Tensor, u64), Problem> {
        let name = self.text()?;
        let ndim = self.word()?;
        if ndim > MAX_NDIM {
            return Err(Corruption::Dimensions { name, ndim, maximum: MAX_NDIM }.into());
        }
        let mut shape = Vec::new();
        for _ in 0..ndim {
            shape.push(self.long()?);
        }
        shape.reverse();
        let number = self.word()?;
        let Some(&(_, stored_type, block, size)) = TYPES.iter().find(|(known, ..)| *known == number) else {
            return Err(Corruption::Type { name, found: number.to_string() }.into());
        };
        let dtype = match stored_type {
            "F32" => Some(DType::F32),
            "F64" => Some(DType::F64),
            "BF16" => Some(DType::Bf16),
            "F16" => Some(DType::F16),
            _ => None,
        };
        let (shape, bytes) = extent(&name, &shape, block, size)?;
        let begin = self.long()?;
        let stored_type = stored_type.to_owned();
        Ok((Tensor { name, shape, stored_type, dtype, file: 0, offset: 0, bytes }, begin))
    }
}

/// Lays out a file: metadata and tensors, then the values from the next multiple of the alignment
/// on.
pub(in crate::file) fn outline(target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
    let mut pairs = Pairs::default();
    pairs.text("general.architecture", &architecture(plan));
    pairs.number("general.alignment", ALIGNMENT);
    pairs.text("fanin.plan", target.digest);
    pairs.long("fanin.seed", plan.seed());
    pairs.number("fanin.value_format", init_kernels::VALUE_FORMAT);
    pairs.text("fanin.version", env!("CARGO_PKG_VERSION"));
    if target.files > 1 {
        // The keys of llama.cpp's own tool, which counts from 0.
        let too_many = |_| FormatError::Splits { path: target.path.to_owned(), files: target.files };
        pairs.short("split.no", u16::try_from(target.number).map_err(too_many)?);
        pairs.short("split.count", u16::try_from(target.files).map_err(too_many)?);
        pairs.signed("split.tensors.count", i32::try_from(target.tensors).map_err(too_many)?);
    }

    let mut head = MAGIC.to_vec();
    head.extend(VERSION.to_le_bytes());
    head.extend((plan.entries().len() as u64).to_le_bytes());
    head.extend(pairs.count.to_le_bytes());
    head.extend(pairs.bytes);
    let mut begin = 0u64;
    for entry in plan.entries() {
        tensor(&mut head, target, entry, begin)?;
        begin = (begin + entry.bytes()).next_multiple_of(ALIGNMENT.into());
    }
    Ok(Outline::after(head, plan, ALIGNMENT.into()))
}

/// Returns the architecture: the family of the configuration, in the lower-case letters and digits
/// that the format allows.
fn architecture(plan: &Plan) -> String {
    let family = plan.family().unwrap_or(UNKNOWN).to_ascii_lowercase();
    family.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Appends the record of one tensor, whose values begin `begin` bytes after those of the first.
fn tensor(head: &mut Vec<u8>, target: &Target<'_>, entry: &Entry, begin: u64) -> Result<(), FormatError> {
    let (path, name, dims) = (|| target.path.to_owned(), || entry.name.clone(), entry.shape.dims());
    if entry.name.len() > MAX_NAME || entry.name.contains('\0') {
        return Err(FormatError::Name { path: path(), name: name(), maximum: MAX_NAME });
    }
    if dims.len() > MAX_NDIM as usize {
        return Err(FormatError::Dimensions {
            path: path(),
            name: name(),
            ndim: dims.len(),
            maximum: MAX_NDIM as usize,
        });
    }
    // llama.cpp's Python reader opens scalars of the other types; ggml itself opens all.
    if dims.is_empty() && entry.dtype == DType::Bf16 {
        return Err(FormatError::Scalar { path: path(), name: name() });
    }
    text(head, &entry.name);
    head.extend((dims.len() as u32).to_le_bytes());
    // ggml begins with the innermost dimension.
    head.extend(dims.iter().rev().flat_map(|&dim| (dim as u64).to_le_bytes()));
    let number: u32 = match entry.dtype {
        DType::F32 => 0,
        DType::F16 => 1,
        DType::F64 => 28,
        DType::Bf16 => 30,
    };
    head.extend(number.to_le_bytes());
    head.extend(begin.to_le_bytes());
    Ok(())
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.bytes());
}

/// Keys and values of metadata, each with the number of its type.
#[derive(Default)]
struct Pairs {
    count: u64,
    bytes: Vec<u8>,
}

impl Pairs {
    fn key(&mut self, key: &str, kind: u32) {
        self.count += 1;
        text(&mut self.bytes, key);
        self.bytes.extend(kind.to_le_bytes());
    }

    fn short(&mut self, key: &str, value: u16) {
        self.key(key, 2);
        self.bytes.extend(value.to_le_bytes());
    }

    fn number(&mut self, key: &str, value: u32) {
        self.key(key, 4);
        self.bytes.extend(value.to_le_bytes());
    }

    fn signed(&mut self, key: &str, value: i32) {
        self.key(key, 5);
        self.bytes.extend(value.to_le_bytes());
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key, 8);
        text(&mut self.bytes, value);
    }

    fn long(&mut self, key: &str, value: u64) {
        self.key(key, 10);
        self.bytes.extend(value.to_le_bytes());
    }
}
