//! Several files and the index that says which tensor is where.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path},
};

use serde::Deserialize;

use super::{Header, HeaderError, IndexDamage, safetensors, source::Source};

/// The largest index that is read: as large as the header of all its tensors in one file may be.
const MAX_INDEX_BYTES: u64 = safetensors::MAX_HEADER_BYTES;

#[derive(Deserialize)]
struct RawIndex {
    weight_map: BTreeMap<String, String>,
}

/// Reads an index and the headers of its files, which must agree.
pub(super) fn read(path: &Path) -> Result<Header, HeaderError> {
    let name = || path.display().to_string();
    let failed = |source| HeaderError::Read { path: name(), source };
    let damaged = |damage| HeaderError::Index { path: name(), damage };
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_file() {
        return Err(HeaderError::NoFile { path: name() });
    }
    if found.len() > MAX_INDEX_BYTES {
        return Err(damaged(IndexDamage::Length { length: found.len(), most: MAX_INDEX_BYTES }));
    }
    let text = fs::read(path).map_err(failed)?;
    let raw: RawIndex = serde_json::from_slice(&text).map_err(|error| damaged(IndexDamage::Json(error.to_string())))?;
    let by_file = by_file(raw.weight_map).map_err(damaged)?;

    let mut header = Header { files: Vec::new(), tensors: Vec::new(), metadata: BTreeMap::new() };
    for (number, (file, mut names)) in by_file.into_iter().enumerate() {
        let shard = path.with_file_name(&file);
        let (tensors, metadata) = safetensors::read(&Source::open(&shard)?)?;
        for mut tensor in tensors {
            if !names.remove(&tensor.name) {
                return Err(damaged(IndexDamage::Unlisted { name: tensor.name, file }));
            }
            tensor.file = number;
            header.tensors.push(tensor);
        }
        if let Some(name) = names.pop_first() {
            return Err(damaged(IndexDamage::Missing { name, file }));
        }
        match number {
            0 => header.metadata = metadata,
            _ => header.metadata.retain(|remark, text| metadata.get(remark) == Some(text)),
        }
        header.files.push(shard);
    }
    Ok(header)
}

/// The names of each file's tensors.
fn by_file(weight_map: BTreeMap<String, String>) -> Result<BTreeMap<String, BTreeSet<String>>, IndexDamage> {
    if weight_map.is_empty() {
        return Err(IndexDamage::Empty);
    }
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, file) in weight_map {
        let mut parts = Path::new(&file).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(IndexDamage::Elsewhere { name, file });
        }
        files.entry(file).or_default().insert(name);
    }
    Ok(files)
}
