//! The index of a model of several files, as transformers writes it: which tensor is in which file.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    fs,
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::header::{self, MAX_HEADER_BYTES};
use crate::{
    file::{
        error::{HeaderError, IndexCorruption, unreadable},
        indexed::{Index, Indexed, Located},
        shards::Piece,
        source::Source,
        tensor::Contents,
    },
    plan::plan::Plan,
};

/// The largest index that is read: as large as the header of all its tensors in one file may be.
const MAX_INDEX_BYTES: u64 = MAX_HEADER_BYTES;

/// The name of a model's file in a folder, and the first part of the name of its index.
const MODEL: &str = "model.safetensors";

/// The suffix that an index adds to the name of its model.
const SUFFIX: &str = ".index.json";

/// How an index is found, read and written.
pub(in crate::file) const INDEX: Index = Index { locate, read, write };

/// Returns the index or the file that a path refers to, if it is not itself a model file: a folder
/// refers to its `model.safetensors` or the index of that name, and a file that does not exist to
/// its index.
fn locate(path: &Path) -> Option<Located> {
    if path.extension().is_some_and(|extension| extension == "json") {
        return Some(Located::Index(path.to_owned()));
    }
    let is_folder = path.is_dir();
    let file = if is_folder { path.join(MODEL) } else { path.to_owned() };
    if file.exists() {
        return is_folder.then_some(Located::File(file));
    }
    let mut index = OsString::from(&file);
    index.push(SUFFIX);
    Some(PathBuf::from(index)).filter(|index| index.exists()).map(Located::Index)
}

#[derive(Deserialize)]
struct RawIndex {
    weight_map: BTreeMap<String, String>,
}

/// Reads an index and the headers of its files, which must agree.
fn read(path: &Path) -> Result<Indexed, HeaderError> {
    let name = || path.display().to_string();
    let failed = |source| unreadable(path, source);
    let corrupt = |corruption| HeaderError::Index { path: name(), corruption };
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_file() {
        return Err(HeaderError::NotAFile { path: name() });
    }
    if found.len() > MAX_INDEX_BYTES {
        return Err(corrupt(IndexCorruption::Length { length: found.len(), maximum: MAX_INDEX_BYTES }));
    }
    let text = fs::read(path).map_err(failed)?;
    let raw: RawIndex =
        serde_json::from_slice(&text).map_err(|error| corrupt(IndexCorruption::Json(error.to_string())))?;
    let by_file = by_file(raw.weight_map).map_err(corrupt)?;

    let mut indexed = Indexed { files: Vec::new(), tensors: Vec::new(), metadata: BTreeMap::new() };
    for (number, (file, mut names)) in by_file.into_iter().enumerate() {
        let shard = path.with_file_name(&file);
        let source = Source::open(&shard)?;
        let Contents { tensors, metadata } = header::read(&source)?;
        for mut tensor in tensors {
            if !names.remove(&tensor.name) {
                return Err(corrupt(IndexCorruption::Unlisted { name: tensor.name, file }));
            }
            tensor.file = number;
            indexed.tensors.push(tensor);
        }
        if let Some(name) = names.pop_first() {
            return Err(corrupt(IndexCorruption::Missing { name, file }));
        }
        match number {
            0 => indexed.metadata = metadata,
            _ => indexed.metadata.retain(|key, value| metadata.get(key) == Some(value)),
        }
        let file = source.file;
        indexed.files.push((shard, file));
    }
    Ok(indexed)
}

/// Returns the names of each file's tensors.
fn by_file(weight_map: BTreeMap<String, String>) -> Result<BTreeMap<String, BTreeSet<String>>, IndexCorruption> {
    if weight_map.is_empty() {
        return Err(IndexCorruption::Empty);
    }
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, file) in weight_map {
        let mut parts = Path::new(&file).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(IndexCorruption::Elsewhere { name, file });
        }
        files.entry(file).or_default().insert(name);
    }
    Ok(files)
}

#[derive(Serialize)]
struct RawWritten<'a> {
    metadata: Metadata,
    weight_map: BTreeMap<&'a str, String>,
}

#[derive(Serialize)]
struct Metadata {
    total_parameters: u64,
    total_size: u64,
}

/// Returns the path of the index of several files, such as `model.safetensors.index.json`, and its
/// bytes.
fn write(path: &Path, plan: &Plan, pieces: &[Piece]) -> (PathBuf, Vec<u8>) {
    let file = |piece: &Piece| piece.path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
    let weight_map =
        pieces.iter().flat_map(|piece| piece.plan.entries().iter().map(|entry| (entry.name.as_str(), file(piece))));
    let metadata = Metadata { total_parameters: plan.elements(), total_size: plan.bytes() };
    let index = RawWritten { metadata, weight_map: weight_map.collect() };
    let mut json = serde_json::to_vec_pretty(&index).expect("names are text");
    json.push(b'\n');
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(SUFFIX);
    (path.with_file_name(name), json)
}
