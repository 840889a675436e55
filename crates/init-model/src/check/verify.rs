//! Bit-for-bit verification of a file against a plan.

use std::collections::HashMap;

use init_core::DType;
use init_kernels::Progress;

use super::{error::CheckError, pair::pair};
use crate::{
    file::{
        buffers::{Generated, Stored, decode, in_order},
        chunk::{chunks, step, step_of},
        header::Header,
        read_error::ReadError,
        tensor::Tensor,
    },
    plan::{entry::Entry, plan::Plan},
};

/// The result of [`verify`].
#[derive(Clone, Debug)]
pub struct Verification<'a> {
    /// The file's header.
    pub header: &'a Header,
    /// The tensors that differ from the plan, in the file's order.
    pub differences: Vec<Difference>,
}

/// A tensor of a file that differs from the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The index of the tensor in the header.
    pub tensor: usize,
    /// The kind of difference.
    pub found: Found,
}

/// The kinds of differences between a tensor and the plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The element type; the values were not compared.
    DType {
        /// The element type of the plan.
        expected: DType,
    },
    /// Some values.
    Values {
        /// The number of values whose bits differ.
        count: u64,
        /// The flat index of the first of them.
        flat: u64,
        /// The value that the plan gives there, exactly.
        expected: f64,
        /// The value that the file has there, exactly.
        found: f64,
    },
}

impl<'a> Verification<'a> {
    /// Whether every bit of every tensor is that of the plan.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.differences.is_empty()
    }

    /// Returns the tensor of a difference.
    #[must_use]
    pub fn tensor(&self, difference: &Difference) -> &'a Tensor {
        &self.header.tensors()[difference.tensor]
    }
}

/// Generates a plan's values again and compares them with a file's, bit for bit.
///
/// It takes two MiB per thread, and for a tensor whose elements depend on each other the size of
/// the tensor. The order of the tensors in the file does not matter, nor does its metadata.
/// Progress is in bytes compared.
///
/// ```
/// use init_model::{Header, Progress, Recipe, check::Found, verify, write};
///
/// let text = "[parameters]\nbias = [256]\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(-0.1, 0.1)\"";
/// let mut recipe = Recipe::parse(text, "bias.toml")?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &recipe.plan()?, Progress::none())?;
/// let header = Header::read(&path)?;
/// assert!(verify(&header, &recipe.plan()?, Progress::none())?.is_exact());
///
/// recipe.seed = Some(1);
/// let other = verify(&header, &recipe.plan()?, Progress::none())?;
/// assert!(matches!(other.differences[0].found, Found::Values { flat: 0, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns [`CheckError`] if the values cannot be read, if names and shapes are not those of the
/// plan, or if `progress` cancels it.
pub fn verify<'a>(header: &'a Header, plan: &Plan, progress: Progress<'_>) -> Result<Verification<'a>, CheckError> {
    pair(plan, header)?;
    let by_name: HashMap<&str, usize> =
        header.tensors().iter().enumerate().map(|(index, tensor)| (tensor.name.as_str(), index)).collect();
    // The tensor in the file of each entry.
    let tensors: Vec<usize> = plan.entries().iter().map(|entry| by_name[entry.name.as_str()]).collect();

    let mut differences = vec![None; header.tensors().len()];
    let mut sizes = Vec::with_capacity(tensors.len());
    for (entry, &tensor) in plan.entries().iter().zip(&tensors) {
        let same = header.tensors()[tensor].dtype == Some(entry.dtype);
        if !same {
            differences[tensor] = Some(Found::DType { expected: entry.dtype });
        }
        sizes.push(if same { (entry.shape.numel(), step_of(entry)) } else { (0, 1) });
    }
    in_order(
        chunks(sizes),
        |(generated, stored): &mut (Generated, Stored), chunk| {
            let entry = &plan.entries()[chunk.tensor];
            let expected =
                generated.bytes(plan, chunk).map_err(|source| CheckError::Fill { name: entry.name.clone(), source })?;
            let tensor = &header.tensors()[tensors[chunk.tensor]];
            let first = chunk.elements.start;
            let found = compare(header, tensor, entry, first, expected, stored)?;
            progress.advance(expected.len() as u64)?;
            Ok::<_, CheckError>(found)
        },
        |chunk, found| {
            let all = &mut differences[tensors[chunk.tensor]];
            match (all, found) {
                (Some(Found::Values { count, .. }), Some(Found::Values { count: more, .. })) => *count += more,
                (all @ None, found) => *all = found,
                _ => {}
            }
        },
    )?;
    let differences = differences.into_iter().enumerate();
    let differences = differences.filter_map(|(tensor, found)| Some(Difference { tensor, found: found? })).collect();
    Ok(Verification { header, differences })
}

/// Compares the elements from `first` on with the expected bytes, reading a piece at a time.
fn compare(
    header: &Header,
    tensor: &Tensor,
    entry: &Entry,
    first: u64,
    expected: &[u8],
    stored: &mut Stored,
) -> Result<Option<Found>, ReadError> {
    let size = entry.dtype.size();
    let piece = step(size) as usize * size;
    let mut all: Option<Found> = None;
    for (index, expected) in expected.chunks(piece).enumerate() {
        let from = first * size as u64 + (index * piece) as u64;
        let found = stored.bytes(header, tensor, from, expected.len())?;
        if found == expected {
            continue;
        }
        let pairs = || expected.chunks_exact(size).zip(found.chunks_exact(size));
        let more = pairs().filter(|(expected, found)| expected != found).count() as u64;
        match &mut all {
            Some(Found::Values { count, .. }) => *count += more,
            _ => {
                all = pairs().enumerate().find(|(_, (expected, found))| expected != found).map(
                    |(at, (expected, found))| Found::Values {
                        count: more,
                        flat: from / size as u64 + at as u64,
                        expected: value(entry.dtype, expected),
                        found: value(entry.dtype, found),
                    },
                );
            }
        }
    }
    Ok(all)
}

fn value(dtype: DType, bytes: &[u8]) -> f64 {
    let mut values = Vec::with_capacity(1);
    decode(dtype, bytes, &mut values);
    values[0]
}
