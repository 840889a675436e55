use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use init_core::{DType, Shape, ShapeError};
use safetensors::Dtype;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};

use crate::{place::Place, plan::Plan, recipe::Parameter, shown::shown};

/// The largest header that a safetensors file may have.
pub(crate) const MAX_HEADER_BYTES: u64 = 100_000_000;

/// The names, types, shapes and places of the tensors in a safetensors file.
#[derive(Clone, Debug)]
pub struct Header {
    tensors: Vec<Tensor>,
    metadata: BTreeMap<String, String>,
}

/// One tensor of a [`Header`].
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its element type as the file spells it, such as `F32` or `I64`.
    pub format: String,
    /// Its element type, where it is one that can be initialised.
    pub dtype: Option<DType>,
    /// Its first byte, counted from the start of the file.
    pub position: u64,
    /// The size of its values, in bytes.
    pub bytes: u64,
}

impl Header {
    /// Reads and checks a file's header. Its tensors come in the order of their data; the data is not read.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] if the file cannot be read, or if its header is damaged, with the culprit.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, HeaderError> {
        let path = path.as_ref();
        let name = || path.display().to_string();
        let failed = |source| HeaderError::Read { path: name(), source };
        // Asked before it is opened: opening a pipe waits for its other end.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(HeaderError::NoFile { path: name() });
        }
        let mut file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();

        let damaged = |damage| HeaderError::Damaged { path: name(), damage };
        if length < 8 {
            return Err(damaged(Damage::Short { length }));
        }
        let mut prefix = [0; 8];
        file.read_exact(&mut prefix).map_err(failed)?;
        let stated = u64::from_le_bytes(prefix);
        if stated > MAX_HEADER_BYTES || stated > length - 8 {
            return Err(damaged(Damage::Length { stated, length }));
        }
        let mut json = vec![0; stated as usize];
        file.read_exact(&mut json).map_err(failed)?;
        Self::parse(&json, length).map_err(damaged)
    }

    fn parse(json: &[u8], length: u64) -> Result<Self, Damage> {
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
        Ok(Self { tensors, metadata: raw.metadata })
    }

    /// The tensors, in the order of their data.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// The file's own remarks: `format`, and from this program `fanin.plan` (its digest), `fanin.seed`, `fanin.version` and `fanin.value_format`.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Names, shapes and dtypes as parameters that wait for rules, in the order of their data. `origin` is what errors call
    /// the file.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] if a tensor is of no type that can be initialised.
    pub fn parameters(&self, origin: &str) -> Result<Vec<Parameter>, HeaderError> {
        let place = Place::of(origin);
        self.tensors
            .iter()
            .map(|tensor| {
                let name = tensor.name.clone();
                let dtype = tensor.dtype.ok_or_else(|| HeaderError::Format {
                    path: origin.to_owned(),
                    name: name.clone(),
                    format: tensor.format.clone(),
                })?;
                let shape = Shape::new(tensor.shape.clone()).map_err(|source| HeaderError::Shape {
                    path: origin.to_owned(),
                    name: name.clone(),
                    source,
                })?;
                Ok(Parameter { name, shape, dtype: Some(dtype), place: place.clone() })
            })
            .collect()
    }
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
                Ok(Tensor { name, shape, format: self.dtype, dtype, position, bytes })
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

/// What a plan's file says of itself in every format.
pub(crate) fn remarks(plan: &Plan, digest: &str) -> BTreeMap<&'static str, String> {
    let mut remarks = BTreeMap::from([("fanin.plan", digest.to_owned()), ("fanin.seed", plan.seed().to_string())]);
    remarks.extend(versions());
    remarks
}

fn versions() -> [(&'static str, String); 2] {
    [
        ("fanin.value_format", init_kernels::VALUE_FORMAT.to_string()),
        ("fanin.version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
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
    #[error("`{path}` is no regular file; name a .safetensors file")]
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
