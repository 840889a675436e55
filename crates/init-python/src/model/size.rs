//! Sizes of files, as numbers of bytes or as text such as `5GB`.

use pyo3::prelude::*;

use crate::error;

/// The units of sizes, in bytes.
const UNITS: [(&str, u64); 8] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// Returns the number of bytes that a size is: a number, or text with a unit.
pub(crate) fn read_size(size: &Bound<'_, PyAny>) -> PyResult<u64> {
    let bytes = match size.extract::<&str>() {
        Ok(text) => of_text(text),
        Err(_) => size.extract::<u64>().ok(),
    };
    bytes.filter(|&bytes| bytes > 0).ok_or_else(|| {
        let given = size.repr().map(|text| text.to_string()).unwrap_or_default();
        error::value(format!("shard_size must be a number of bytes or text such as \"5GB\" or \"512MiB\", got {given}"))
    })
}

fn of_text(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))
        .unwrap_or((text.strip_suffix('B').unwrap_or(text), 1));
    number.trim().replace('_', "").parse::<u64>().ok()?.checked_mul(unit)
}
