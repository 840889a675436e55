//! The outline of a file: everything about it that is known before its values are generated.

use std::{fmt, path::Path};

use crate::plan::plan::Plan;

/// One of the files of a model.
pub(super) struct Target<'a> {
    pub(super) path: &'a Path,
    /// The digest of the whole model's plan.
    pub(super) digest: &'a str,
    /// The index of this file, the number of files, and the number of tensors in all of them.
    pub(super) number: usize,
    pub(super) files: usize,
    pub(super) tensors: usize,
}

/// A file without its values. Bytes that nothing fills are zero.
#[derive(Debug)]
pub(super) struct Outline {
    /// Bytes that identify the model, which no other model's file has, and their offset.
    pub(super) mark: Vec<u8>,
    pub(super) mark_at: u64,
    /// The offset of the values of each entry.
    pub(super) starts: Vec<u64>,
    /// The size of all values, and of the whole file.
    pub(super) values: u64,
    pub(super) length: u64,
    /// Records that contain checksums of the values, and so can only be written after them.
    pub(super) records: Option<Box<dyn Records>>,
}

/// Records of a file that contain a checksum (CRC-32) of each entry's values.
pub(super) trait Records: fmt::Debug + Sync {
    /// Returns the bytes before each entry's values that its checksum includes.
    fn heads(&self) -> Vec<&[u8]>;

    /// Returns the records and their offsets, given the checksum of each entry.
    fn records(&self, checksums: &[u32]) -> Vec<(u64, Vec<u8>)>;
}

impl Outline {
    /// A file that begins with `head`. Each entry follows at the next multiple of `alignment`,
    /// which the file's length is also padded to.
    pub(super) fn after(head: Vec<u8>, plan: &Plan, alignment: u64) -> Self {
        let mut end = (head.len() as u64).next_multiple_of(alignment);
        let mut starts = Vec::with_capacity(plan.entries().len());
        for entry in plan.entries() {
            starts.push(end);
            end = (end + entry.bytes()).next_multiple_of(alignment);
        }
        Self { mark: head, mark_at: 0, starts, values: plan.bytes(), length: end, records: None }
    }
}
