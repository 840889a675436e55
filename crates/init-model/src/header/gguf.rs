//! The format of llama.cpp, versions 2 and 3: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read},
};

use init_core::DType;

use super::{
    Contents, FileDamage, HeaderError, Tensor,
    source::{Problem, Source, extent, in_file},
};

pub(super) const MAGIC: &[u8] = b"GGUF";

/// The longest text that is read, and the most dimensions that the format has.
const MAX_TEXT: u64 = 16 << 20;
const MAX_NDIM: u32 = 4;

/// What values are aligned to where the file does not say it.
const ALIGNMENT: u64 = 32;

/// ggml's types of elements: number, name, elements of a block, bytes of a block.
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

/// Reads remarks and tensors. Remarks that are lists, such as vocabularies, are passed over.
pub(super) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    contents(source).map_err(|problem| source.broken("GGUF", problem))
}

fn contents(source: &Source<'_>) -> Result<Contents, Problem> {
    let mut fields = Fields { file: BufReader::new(&source.file), left: source.length };
    fields.take::<4>()?;
    let version = fields.word()?;
    // The other byte order puts it into the upper half.
    if !matches!(version, 2 | 3) {
        return Err(FileDamage::Version { found: version }.into());
    }
    let (tensors, remarks) = (fields.long()?, fields.long()?);
    let mut metadata = BTreeMap::new();
    for _ in 0..remarks {
        let key = fields.text()?;
        let kind = fields.word()?;
        if let Some(value) = fields.value(kind)?
            && metadata.insert(key.clone(), value).is_some()
        {
            return Err(FileDamage::Duplicate { name: key }.into());
        }
    }
    let alignment = match metadata.get("general.alignment") {
        None => ALIGNMENT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|alignment: &u64| alignment.is_power_of_two() && *alignment <= 1 << 31)
            .ok_or_else(|| FileDamage::Alignment { found: text.clone() })?,
    };

    // No room is made for as many as the file claims: each must be there first.
    let mut raw = Vec::new();
    for _ in 0..tensors {
        raw.push(fields.tensor()?);
    }
    let start = (source.length - fields.left).next_multiple_of(alignment);
    let placed = raw.into_iter().map(|(mut tensor, begin)| {
        // Beyond all files, which is said of it below.
        tensor.position = start.saturating_add(begin);
        if begin.is_multiple_of(alignment) {
            Ok(tensor)
        } else {
            Err(FileDamage::Unaligned { name: tensor.name, begin, alignment })
        }
    });
    let placed: Vec<Tensor> = placed.collect::<Result<_, _>>()?;
    Ok((in_file(placed, source.length)?, metadata))
}

/// A file, field by field. None takes more than what is left of it.
struct Fields<'a> {
    file: BufReader<&'a File>,
    left: u64,
}

impl Fields<'_> {
    fn spend(&mut self, bytes: u64) -> Result<(), Problem> {
        self.left = self.left.checked_sub(bytes).ok_or(FileDamage::Cut { what: "its header" })?;
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
        if length > MAX_TEXT {
            return Err(FileDamage::Text { length, most: MAX_TEXT }.into());
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

    /// A remark's value as text, if it is a single one.
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
            other => return Err(FileDamage::Remark { kind: other }.into()),
        }))
    }

    /// Passes over a list. One of lists has not been written yet, and ggml does not read it either.
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
            other => return Err(FileDamage::Remark { kind: other }.into()),
        };
        self.skip(count.saturating_mul(size))
    }

    /// A tensor whose position is not known yet, and where it begins after the first.
    fn tensor(&mut self) -> Result<(Tensor, u64), Problem> {
        let name = self.text()?;
        let ndim = self.word()?;
        if ndim > MAX_NDIM {
            return Err(FileDamage::Dimensions { name, ndim, most: MAX_NDIM }.into());
        }
        let mut shape = Vec::new();
        for _ in 0..ndim {
            shape.push(self.long()?);
        }
        shape.reverse();
        let number = self.word()?;
        let Some(&(_, format, block, size)) = TYPES.iter().find(|(known, ..)| *known == number) else {
            return Err(FileDamage::Type { name, found: number.to_string() }.into());
        };
        let dtype = match format {
            "F32" => Some(DType::F32),
            "F64" => Some(DType::F64),
            "BF16" => Some(DType::Bf16),
            "F16" => Some(DType::F16),
            _ => None,
        };
        let (shape, bytes) = extent(&name, &shape, block, size)?;
        let begin = self.long()?;
        Ok((Tensor { name, shape, format: format.to_owned(), dtype, file: 0, position: 0, bytes }, begin))
    }
}
