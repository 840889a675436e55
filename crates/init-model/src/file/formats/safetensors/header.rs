//! One safetensors file: a header of JSON, then the values without gaps.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use init_core::DType;
use safetensors::Dtype;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};

use crate::{
    file::{
        error::{Corruption, HeaderError},
        format_error::FormatError,
        metadata::{metadata, versions},
        offset_io::read_exact_at,
        outline::{Outline, Target},
        source::{Problem, Source},
        tensor::{Contents, Tensor},
    },
    plan::plan::Plan,
};

/// The largest header that the format allows.
pub(super) const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Whether a file begins as this format does: it has no magic number, but the length of its header,
/// for which the magic numbers of other formats are too large.
pub(in crate::file) fn recognises(start: [u8; 8]) -> bool {
    u64::from_le_bytes(start) <= MAX_HEADER_BYTES
}

/// Reads and checks a file's header.
pub(in crate::file) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    let failed = |problem: Problem| source.failed("safetensors", problem);
    let length = source.length;
    if length < 8 {
        return Err(failed(Corruption::Short { length }.into()));
    }
    let stated = u64::from_le_bytes(source.start()?);
    if stated > MAX_HEADER_BYTES || stated > length - 8 {
        return Err(failed(Corruption::HeaderLength { stated, length }.into()));
    }
    let mut json = vec![0; stated as usize];
    read_exact_at(&source.file, &mut json, 8).map_err(|error| failed(error.into()))?;
    parse(&json, length).map_err(|corruption| failed(corruption.into()))
}

/// Lays out a file: a header of JSON, then the values without gaps.
pub(in crate::file) fn outline(target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
    let tensors: Vec<_> =
        plan.entries().iter().map(|entry| (entry.name.as_str(), entry.dtype, entry.shape.dims())).collect();
    let header = header_of(metadata(plan, target.digest), &tensors);
    let json = header.len() as u64 - 8;
    if json > MAX_HEADER_BYTES {
        return Err(FormatError::Header { path: target.path.to_owned(), bytes: json, maximum: MAX_HEADER_BYTES });
    }
    Ok(Outline::after(header, plan, 1))
}

/// Returns the header of tensors from memory.
pub(in crate::file) fn encode(pairs: &[(&str, String)], tensors: &[(&str, DType, &[usize])]) -> Vec<u8> {
    header_of(pairs.iter().cloned().collect(), tensors)
}

fn parse(json: &[u8], length: u64) -> Result<Contents, Corruption> {
    let raw: RawHeader = serde_json::from_slice(json).map_err(|error| Corruption::Json(error.to_string()))?;
    let data_start = 8 + json.len() as u64;
    let mut names = HashSet::new();
    let mut tensors = Vec::with_capacity(raw.tensors.len());
    for (name, tensor) in raw.tensors {
        if !names.insert(name.clone()) {
            return Err(Corruption::Duplicate { name });
        }
        tensors.push(tensor.check(name, data_start)?);
    }
    if raw.twice {
        return Err(Corruption::Duplicate { name: "__metadata__".to_owned() });
    }

    tensors.sort_by_key(|tensor| (tensor.offset, tensor.bytes));
    let mut end = data_start;
    for tensor in &tensors {
        if tensor.offset != end {
            let name = tensor.name.clone();
            return Err(Corruption::Gap { name, begin: tensor.offset - data_start, end: end - data_start });
        }
        end += tensor.bytes;
    }
    if end != length {
        return Err(Corruption::End { end, length });
    }
    Ok(Contents { tensors, metadata: raw.metadata })
}

/// The JSON of a header: name, then dtype, shape and the range of the data, counted from the
/// header's end.
#[derive(Default)]
struct RawHeader {
    tensors: Vec<(String, RawTensor)>,
    metadata: BTreeMap<String, String>,
    twice: bool,
}

#[derive(Deserialize, Serialize)]
struct RawTensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

impl RawTensor {
    fn check(self, name: String, data_start: u64) -> Result<Tensor, Corruption> {
        let dtype: Result<Dtype, _> = serde_json::from_value(self.dtype.as_str().into());
        let Ok(dtype) = dtype else {
            return Err(Corruption::Type { name, found: self.dtype });
        };
        let shape: Option<Vec<_>> = self.shape.iter().map(|&dim| dim.try_into().ok()).collect();
        let bits = (self.shape.iter()).try_fold(dtype.bitsize() as u64, |product, &dim| product.checked_mul(dim));
        let (Some(shape), Some(bits)) = (shape, bits) else {
            return Err(Corruption::ShapeOverflow { name, shape: self.shape });
        };

        let (begin, end) = self.data_offsets;
        let offset = data_start.checked_add(begin).filter(|_| data_start.checked_add(end).is_some());
        let stated = end.checked_sub(begin);
        match (offset, stated) {
            (Some(offset), Some(bytes)) if bytes.checked_mul(8) == Some(bits) => {
                let dtype = dtype_of(dtype);
                Ok(Tensor { name, shape, stored_type: self.dtype, dtype, file: 0, offset, bytes })
            }
            _ => Err(Corruption::Offsets { name, begin, end, needs: bits.div_ceil(8) }),
        }
    }
}

impl<'de> Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = RawHeader;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            // A map type would silently keep the last of two equal names.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeader, A::Error> {
                let mut header = RawHeader::default();
                let mut seen = false;
                while let Some(name) = map.next_key::<String>()? {
                    if name != "__metadata__" {
                        header.tensors.push((name, map.next_value()?));
                    } else if !seen {
                        seen = true;
                        header.metadata = map.next_value::<Option<_>>()?.unwrap_or_default();
                    } else {
                        header.twice = true;
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(header)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

fn dtype_of(dtype: Dtype) -> Option<DType> {
    match dtype {
        Dtype::F32 => Some(DType::F32),
        Dtype::F64 => Some(DType::F64),
        Dtype::BF16 => Some(DType::Bf16),
        Dtype::F16 => Some(DType::F16),
        _ => None,
    }
}

fn safetensors_dtype(dtype: DType) -> Dtype {
    match dtype {
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
        DType::Bf16 => Dtype::BF16,
        DType::F16 => Dtype::F16,
    }
}

/// Returns the first bytes of a file: length, JSON in the order of the tensors, spaces up to a
/// multiple of 8.
///
/// Equal arguments give equal bytes; the crate `safetensors` writes its metadata in random order.
fn header_of(mut metadata: BTreeMap<&str, String>, tensors: &[(&str, DType, &[usize])]) -> Vec<u8> {
    metadata.insert("format", "pt".to_owned());
    metadata.extend(versions());
    let mut json = to_json(&metadata, tensors).expect("names are text");
    json.resize(json.len().next_multiple_of(8), b' ');
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.append(&mut json);
    bytes
}

fn to_json(
    metadata: &BTreeMap<&str, String>,
    tensors: &[(&str, DType, &[usize])],
) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut json);
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("__metadata__", metadata)?;
    let mut begin = 0;
    for &(name, dtype, dims) in tensors {
        let shape: Vec<_> = dims.iter().map(|&dim| dim as u64).collect();
        let end = begin + shape.iter().product::<u64>() * dtype.size() as u64;
        let dtype = safetensors_dtype(dtype).to_string();
        map.serialize_entry(name, &RawTensor { dtype, shape, data_offsets: (begin, end) })?;
        begin = end;
    }
    map.end()?;
    Ok(json)
}
