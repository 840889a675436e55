//! The format of llama.cpp, version 3: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use init_core::DType;

use super::{FormatError, Outline, Target};
use crate::plan::{Entry, Plan};

/// Each tensor's values begin at a multiple of so many bytes; it is what the format has where a file does not say it.
const ALIGNMENT: u32 = 32;

/// What ggml has room for: names with a zero byte at their end, and dimensions.
const MAX_NAME: usize = 63;
const MAX_NDIM: usize = 4;

/// The architecture of a model that is of no published family.
const UNKNOWN: &str = "unknown";

/// Remarks and tensors, then the values from the next multiple of the alignment on.
pub(super) fn outline(target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
    let mut remarks = Remarks::default();
    remarks.text("general.architecture", &architecture(plan));
    remarks.number("general.alignment", ALIGNMENT);
    remarks.text("fanin.plan", target.digest);
    remarks.long("fanin.seed", plan.seed());
    remarks.number("fanin.value_format", init_kernels::VALUE_FORMAT);
    remarks.text("fanin.version", env!("CARGO_PKG_VERSION"));
    if target.files > 1 {
        // As llama.cpp's own tool divides a model, which counts from 0.
        let too_many = |_| FormatError::Splits { path: target.path.to_owned(), files: target.files };
        remarks.short("split.no", u16::try_from(target.number).map_err(too_many)?);
        remarks.short("split.count", u16::try_from(target.files).map_err(too_many)?);
        remarks.signed("split.tensors.count", i32::try_from(target.tensors).map_err(too_many)?);
    }

    let mut head = b"GGUF".to_vec();
    head.extend(3u32.to_le_bytes());
    head.extend((plan.entries().len() as u64).to_le_bytes());
    head.extend(remarks.count.to_le_bytes());
    head.extend(remarks.bytes);
    let mut begin = 0u64;
    for entry in plan.entries() {
        tensor(&mut head, target, entry, begin)?;
        begin = (begin + entry.bytes()).next_multiple_of(ALIGNMENT.into());
    }
    Ok(Outline::after(head, plan, ALIGNMENT.into()))
}

/// What the values are meant for: the family of the configuration, of which the format allows small letters and digits.
fn architecture(plan: &Plan) -> String {
    let family = plan.family().unwrap_or(UNKNOWN).to_ascii_lowercase();
    family.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// What the file says of one tensor, whose values begin so many bytes after the start of the first's.
fn tensor(head: &mut Vec<u8>, target: &Target<'_>, entry: &Entry, begin: u64) -> Result<(), FormatError> {
    let (path, name, dims) = (|| target.path.to_owned(), || entry.name.clone(), entry.shape.dims());
    if entry.name.len() > MAX_NAME || entry.name.contains('\0') {
        return Err(FormatError::Name { path: path(), name: name(), most: MAX_NAME });
    }
    if dims.len() > MAX_NDIM {
        return Err(FormatError::Dimensions { path: path(), name: name(), ndim: dims.len(), most: MAX_NDIM });
    }
    // Of the other types it takes one, as the file then has no dimension; ggml takes any.
    if dims.is_empty() && entry.dtype == DType::Bf16 {
        return Err(FormatError::Scalar { path: path(), name: name() });
    }
    text(head, &entry.name);
    head.extend((dims.len() as u32).to_le_bytes());
    // ggml counts from the innermost dimension.
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

/// Keys and their values, each with the number of its type.
#[derive(Default)]
struct Remarks {
    count: u64,
    bytes: Vec<u8>,
}

impl Remarks {
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
