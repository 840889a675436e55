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

use super::{Contents, Damage, HeaderError, Tensor, remarks, source::Source, versions};
use crate::{plan::Plan, position::read_exact_at};

/// The largest header that a safetensors file may have.
pub(crate) const MAX_HEADER_BYTES: u64 = 100_000_000;

/// Reads and checks a file's header.
pub(super) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    let length = source.length;
    let damaged = |damage| HeaderError::Damaged { path: source.path.display().to_string(), damage };
    if length < 8 {
        return Err(damaged(Damage::Short { length }));
    }
    let stated = u64::from_le_bytes(source.start()?);
    if stated > MAX_HEADER_BYTES || stated > length - 8 {
        return Err(damaged(Damage::Length { stated, length }));
    }
    let mut json = vec![0; stated as usize];
    read_exact_at(&source.file, &mut json, 8).map_err(|error| source.failed(error))?;
    parse(&json, length).map_err(damaged)
}

fn parse(json: &[u8], length: u64) -> Result<Contents, Damage> {
    let raw: RawHeader = serde_json::from_slice(json).map_err(|error| Damage::Json(error.to_string()))?;
    let data_start = 8 + json.len() as u64;
    let mut names = HashSet::new();
    let mut tensors = Vec::with_capacity(raw.tensors.len());
    for (name, tensor) in raw.tensors {
        if !names.insert(name.clone()) {
            return Err(Damage::Duplicate { name });
        }
        tensors.push(tensor.check(name, data_start)?);
    }
    if raw.twice {
        return Err(Damage::Duplicate { name: "__metadata__".to_owned() });
    }

    tensors.sort_by_key(|tensor| (tensor.position, tensor.bytes));
    let mut end = data_start;
    for tensor in &tensors {
        if tensor.position != end {
            let name = tensor.name.clone();
            return Err(Damage::Gap { name, begin: tensor.position - data_start, end: end - data_start });
        }
        end += tensor.bytes;
    }
    if end != length {
        return Err(Damage::End { end, length });
    }
    Ok((tensors, raw.metadata))
}

/// A file's header as it is written: name, then dtype, shape and the data's bytes counted from the header's end.
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
    fn check(self, name: String, data_start: u64) -> Result<Tensor, Damage> {
        let format: Result<Dtype, _> = serde_json::from_value(self.dtype.as_str().into());
        let Ok(format) = format else {
            return Err(Damage::Format { name, format: self.dtype });
        };
        let shape: Option<Vec<_>> = self.shape.iter().map(|&dim| dim.try_into().ok()).collect();
        let bits = (self.shape.iter()).try_fold(format.bitsize() as u64, |product, &dim| product.checked_mul(dim));
        let (Some(shape), Some(bits)) = (shape, bits) else {
            return Err(Damage::Overflow { name, shape: self.shape });
        };

        let (begin, end) = self.data_offsets;
        let position = data_start.checked_add(begin).filter(|_| data_start.checked_add(end).is_some());
        let stated = end.checked_sub(begin);
        match (position, stated) {
            (Some(position), Some(bytes)) if bytes.checked_mul(8) == Some(bits) => {
                let dtype = dtype_of(format);
                Ok(Tensor { name, shape, format: self.dtype, dtype, file: 0, position, bytes })
            }
            _ => Err(Damage::Offsets { name, begin, end, needs: bits.div_ceil(8) }),
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

            // A map type would keep the last of two equal names without a word.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeader, A::Error> {
                let mut header = RawHeader::default();
                let mut remarks = 0;
                while let Some(name) = map.next_key::<String>()? {
                    if name != "__metadata__" {
                        header.tensors.push((name, map.next_value()?));
                    } else if remarks == 0 {
                        remarks += 1;
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

fn dtype_of(format: Dtype) -> Option<DType> {
    match format {
        Dtype::F32 => Some(DType::F32),
        Dtype::F64 => Some(DType::F64),
        Dtype::BF16 => Some(DType::Bf16),
        Dtype::F16 => Some(DType::F16),
        _ => None,
    }
}

fn format_of(dtype: DType) -> Dtype {
    match dtype {
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
        DType::Bf16 => Dtype::BF16,
        DType::F16 => Dtype::F16,
    }
}

/// What a header says of one tensor: name, element type, dimensions.
pub(crate) type Line<'a> = (&'a str, DType, &'a [usize]);

/// The first bytes of a plan's file, data follows; `digest` is that of the whole model's plan.
pub(crate) fn encode_plan(plan: &Plan, digest: &str) -> Result<Vec<u8>, serde_json::Error> {
    encode(
        remarks(plan, digest),
        plan.entries().iter().map(|entry| (entry.name.as_str(), entry.dtype, entry.shape.dims())),
    )
}

/// The first bytes of a file: length, JSON in the order of the tensors, spaces up to a multiple of 8.
///
/// Equal arguments give equal bytes; `safetensors` itself keeps its remarks in a map of random order.
pub(crate) fn encode<'a>(
    mut remarks: BTreeMap<&str, String>,
    tensors: impl Iterator<Item = Line<'a>>,
) -> Result<Vec<u8>, serde_json::Error> {
    remarks.insert("format", "pt".to_owned());
    remarks.extend(versions());
    let mut json = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut json);
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("__metadata__", &remarks)?;
    let mut begin = 0;
    for (name, dtype, dims) in tensors {
        let shape: Vec<_> = dims.iter().map(|&dim| dim as u64).collect();
        let end = begin + shape.iter().product::<u64>() * dtype.size() as u64;
        map.serialize_entry(
            name,
            &RawTensor { dtype: format_of(dtype).to_string(), shape, data_offsets: (begin, end) },
        )?;
        begin = end;
    }
    map.end()?;
    json.resize(json.len().next_multiple_of(8), b' ');
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.append(&mut json);
    Ok(bytes)
}
