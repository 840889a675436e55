use std::{collections::HashMap, path::Path};

use init_core::DType;
use init_kernels::FillError;

use crate::{
    buffers::{Generated, Stored, decode, in_order},
    chunk::{chunks, step},
    compare::{MismatchError, pair},
    files::{Files, ReadError},
    header::{Header, HeaderError, Tensor},
    plan::{Entry, Plan},
    shown::shown,
};

/// Whether a file is the initial state that a plan promises.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The file's header.
    pub header: Header,
    /// The tensors that are not what the plan gives, in the file's order; none in a file that is exactly the plan's.
    pub differences: Vec<Difference>,
}

/// How one tensor of a file is not what the plan gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The tensor's index in the header.
    pub tensor: usize,
    /// What is different.
    pub found: Found,
}

/// What is different.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The element type; the values were not compared.
    DType {
        /// What the plan gives.
        expected: DType,
    },
    /// Some values.
    Values {
        /// How many, by their bits.
        count: u64,
        /// Where the first of them is, in the order of the file.
        flat: u64,
        /// The value there by the plan, exactly.
        expected: f64,
        /// The value there in the file, exactly.
        found: f64,
    },
}

impl Verification {
    /// Whether every bit of every tensor is as the plan gives it.
    pub fn is_exact(&self) -> bool {
        self.differences.is_empty()
    }

    /// The tensor of a difference.
    pub fn tensor(&self, difference: &Difference) -> &Tensor {
        &self.header.tensors()[difference.tensor]
    }
}

/// Makes a plan's values anew and compares them with a file's, bit for bit.
///
/// It takes the memory that [`write()`](crate::write()) does, and as much for what is read: two MiB a thread, and for a tensor whose elements
/// depend on each other the whole of it. The order of the tensors in the file does not matter, nor do its remarks.
/// `progress` is told, from any thread, how many bytes were just compared.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use init_model::{Found, Recipe, verify, write};
///
/// let text = "[parameters]\nbias = [256]\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(-0.1, 0.1)\"";
/// let mut recipe = Recipe::parse(text, "bias.toml")?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &recipe.plan()?, &|_| ControlFlow::Continue(()))?;
/// assert!(verify(&path, &recipe.plan()?, &|_| ())?.is_exact());
///
/// recipe.seed = Some(1);
/// let other = verify(&path, &recipe.plan()?, &|_| ())?;
/// assert!(matches!(other.differences[0].found, Found::Values { flat: 0, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`VerifyError`] if the file cannot be read or is damaged, or if its names and shapes are not those of the plan.
pub fn verify(
    path: impl AsRef<Path>,
    plan: &Plan,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Verification, VerifyError> {
    let header = Header::read(path)?;
    let files = Files::open(&header)?;
    pair(plan, &header)?;
    let by_name: HashMap<&str, usize> =
        header.tensors().iter().enumerate().map(|(index, tensor)| (tensor.name.as_str(), index)).collect();
    // Of each entry, its tensor in the file.
    let places: Vec<usize> = plan.entries().iter().map(|entry| by_name[entry.name.as_str()]).collect();

    let mut differences = vec![None; header.tensors().len()];
    let mut sizes = Vec::with_capacity(places.len());
    for (entry, &tensor) in plan.entries().iter().zip(&places) {
        let same = header.tensors()[tensor].dtype == Some(entry.dtype);
        if !same {
            differences[tensor] = Some(Found::DType { expected: entry.dtype });
        }
        sizes.push(if same { (entry.shape.numel(), entry.step()) } else { (0, 1) });
    }
    in_order(
        chunks(sizes),
        |(generated, stored): &mut (Generated, Stored), chunk| {
            let entry = &plan.entries()[chunk.tensor];
            let expected = generated
                .bytes(plan, chunk)
                .map_err(|source| VerifyError::Fill { name: entry.name.clone(), source })?;
            let tensor = &header.tensors()[places[chunk.tensor]];
            let first = chunk.elements.start;
            let found = compare(&files, tensor, entry, first, expected, stored)?;
            progress(expected.len() as u64);
            Ok::<_, VerifyError>(found)
        },
        |chunk, found| {
            let all = &mut differences[places[chunk.tensor]];
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

/// Compares elements from `first` on with the bytes that they should have, reading a piece at a time.
fn compare(
    files: &Files,
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
        let found = stored.bytes(files, tensor, from, expected.len())?;
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

/// Why a file could not be verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Its header cannot be used.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its names and shapes are not those of the plan.
    #[error(transparent)]
    Mismatch(#[from] MismatchError),
    /// Its data cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A level was asked for that this machine does not have.
    #[error("parameter `{shown}`: {source}", shown = shown(.name))]
    Fill {
        /// The parameter.
        name: String,
        /// What is wrong.
        source: FillError,
    },
}
