use std::{collections::HashMap, path::Path};

use crate::{
    buffers::{Stored, in_order},
    chunk::{Chunk, chunks, step},
    files::{Files, ReadError},
    header::{Header, HeaderError, Tensor},
};

/// How the tensors of one file have become those of another.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The tensors that both files have, in the first one's order.
    pub changes: Vec<Change>,
    /// The tensors of the first file alone, in its order.
    pub only_before: Vec<Tensor>,
    /// The tensors of the second file alone, in its order.
    pub only_after: Vec<Tensor>,
}

/// A tensor that both files have.
#[derive(Clone, Debug)]
pub struct Change {
    /// As the first file has it.
    pub before: Tensor,
    /// As the second file has it.
    pub after: Tensor,
    /// How many elements are not the same; none where the shapes differ, or types of which one is not read as numbers.
    pub differing: Option<u64>,
    /// By how much; none where `differing` is, and for types that are not read as numbers.
    pub figures: Option<Figures>,
}

impl Change {
    /// Whether shape, type and every bit are the same.
    pub fn is_equal(&self) -> bool {
        self.before.shape == self.after.shape && self.before.format == self.after.format && self.differing == Some(0)
    }
}

/// By how much the values of a tensor differ. Pairs of which one is not finite count apart, and enter nothing else.
///
/// Sums run in f64 in the order of the file, so that they do not depend on the number of threads.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// The pairs of finite values.
    pub finite: u64,
    /// The pairs of which a value is NaN or infinite.
    pub not_finite: u64,
    /// The greatest |b − a|.
    pub max: f64,
    /// Σ (b − a)².
    squares: f64,
    /// Σ a².
    before: f64,
}

impl Figures {
    /// √(Σ (b − a)² / n); 0 without finite pairs.
    pub fn rms(&self) -> f64 {
        self.root(self.squares)
    }

    /// √(Σ a² / n): the size of the values before.
    pub fn rms_before(&self) -> f64 {
        self.root(self.before)
    }

    /// The root mean square of the changes in that of the values before; NaN for 0 / 0, infinite where all were 0.
    pub fn relative(&self) -> f64 {
        self.rms() / self.rms_before()
    }

    fn root(&self, sum: f64) -> f64 {
        (sum / self.finite.max(1) as f64).sqrt()
    }

    fn of(before: &[f64], after: &[f64]) -> Self {
        let mut figures = Self::default();
        for (a, b) in before.iter().zip(after) {
            if !a.is_finite() || !b.is_finite() {
                figures.not_finite += 1;
                continue;
            }
            let change = b - a;
            figures.finite += 1;
            figures.max = figures.max.max(change.abs());
            figures.squares += change * change;
            figures.before += a * a;
        }
        figures
    }

    fn merge(self, other: Self) -> Self {
        Self {
            finite: self.finite + other.finite,
            not_finite: self.not_finite + other.not_finite,
            max: self.max.max(other.max),
            squares: self.squares + other.squares,
            before: self.before + other.before,
        }
    }
}

/// How the elements of two tensors are compared.
#[derive(Clone, Copy)]
enum Way {
    /// Not at all: the shapes differ, or the types, of which one is not read as numbers.
    None,
    /// As numbers: equal bits where the types are the same, equal values where they are not.
    Numbers(init_core::DType, init_core::DType),
    /// By their bits, so many bytes each.
    Bits(u64),
}

impl Way {
    fn of(before: &Tensor, after: &Tensor) -> Self {
        if before.shape != after.shape {
            return Self::None;
        }
        let elements = elements(before);
        match (before.dtype, after.dtype) {
            (Some(a), Some(b)) => Self::Numbers(a, b),
            _ if before.format != after.format => Self::None,
            // Of types smaller than a byte, the bytes.
            _ if elements > 0 && before.bytes.is_multiple_of(elements) => Self::Bits(before.bytes / elements),
            _ => Self::Bits(1),
        }
    }

    /// The elements to compare, and how many at a time.
    fn sizes(self, before: &Tensor) -> (u64, u64) {
        match self {
            Self::None => (0, 1),
            // They become f64.
            Self::Numbers(..) => (elements(before), step(size_of::<f64>())),
            Self::Bits(size) => (before.bytes / size, step(size as usize).max(1)),
        }
    }
}

fn elements(tensor: &Tensor) -> u64 {
    tensor.shape.iter().map(|&dim| dim as u64).product()
}

/// Says which tensors of a file have moved away from those of another, such as its initial state, and by how much.
///
/// At most four MiB a thread are in memory at a time. Tensors are told apart by name; their order does not matter. `progress` is told,
/// from any thread, how many bytes of the first file were just compared.
///
/// ```
/// use init_model::{NamedTensor, diff, save};
///
/// let folder = tempfile::tempdir()?;
/// let (before, after) = (folder.path().join("before.safetensors"), folder.path().join("after.safetensors"));
/// let bias = |values| [NamedTensor { name: "bias".to_owned(), shape: vec![2], values }];
/// save(&before, &bias(vec![3.0, 4.0]), &[])?;
/// save(&after, &bias(vec![3.0, 4.5]), &[])?;
///
/// let found = diff(&before, &after, &|_| ())?;
/// let figures = found.changes[0].figures.unwrap();
/// assert_eq!((found.changes[0].differing, figures.max), (Some(1), 0.5));
/// assert!((figures.relative() - 0.1).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`DiffError`] if a file cannot be read or is damaged.
pub fn diff(
    before: impl AsRef<Path>,
    after: impl AsRef<Path>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Diff, DiffError> {
    let (before, after) = (Header::read(before)?, Header::read(after)?);
    let (before_files, after_files) = (Files::open(&before)?, Files::open(&after)?);
    let mut rest: HashMap<&str, &Tensor> =
        after.tensors().iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let (mut pairs, mut only_before) = (Vec::new(), Vec::new());
    for tensor in before.tensors() {
        match rest.remove(tensor.name.as_str()) {
            Some(other) => pairs.push((tensor, other, Way::of(tensor, other))),
            None => only_before.push(tensor.clone()),
        }
    }
    let only_after = after.tensors().iter().filter(|tensor| rest.contains_key(tensor.name.as_str()));

    let mut changes: Vec<Change> = pairs
        .iter()
        .map(|&(before, after, way)| Change {
            before: before.clone(),
            after: after.clone(),
            differing: (!matches!(way, Way::None)).then_some(0),
            figures: matches!(way, Way::Numbers(..)).then(Figures::default),
        })
        .collect();
    let sizes: Vec<_> = pairs.iter().map(|(tensor, _, way)| way.sizes(tensor)).collect();
    in_order(
        chunks(sizes),
        |(a, b): &mut (Stored, Stored), chunk| {
            let (old, new, way) = pairs[chunk.tensor];
            let part = match way {
                Way::None => (0, Figures::default()),
                Way::Numbers(old_dtype, new_dtype) => {
                    let (old_values, old_bytes) = a.values(&before_files, old, old_dtype, chunk)?;
                    let (new_values, new_bytes) = b.values(&after_files, new, new_dtype, chunk)?;
                    progress(old_bytes.len() as u64);
                    let differing = if old_dtype == new_dtype {
                        unequal(old_bytes, new_bytes, old_dtype.size())
                    } else {
                        let same = |(a, b): &(&f64, &f64)| a == b || a.is_nan() && b.is_nan();
                        old_values.iter().zip(new_values).filter(|pair| !same(pair)).count() as u64
                    };
                    (differing, Figures::of(old_values, new_values))
                }
                Way::Bits(size) => {
                    let (from, count) = (chunk.elements.start * size, bytes_of(chunk, size));
                    let old = a.bytes(&before_files, old, from, count)?;
                    let new = b.bytes(&after_files, new, from, count)?;
                    progress(count as u64);
                    (unequal(old, new, size as usize), Figures::default())
                }
            };
            Ok::<_, DiffError>(part)
        },
        |chunk, (differing, figures)| {
            let change = &mut changes[chunk.tensor];
            change.differing = change.differing.map(|all| all + differing);
            change.figures = change.figures.map(|all| all.merge(figures));
        },
    )?;
    let only_after = only_after.cloned().collect();
    Ok(Diff { changes, only_before, only_after })
}

fn bytes_of(chunk: &Chunk, size: u64) -> usize {
    chunk.len() * size as usize
}

/// How many elements of so many bytes are not the same, bit for bit.
fn unequal(a: &[u8], b: &[u8], size: usize) -> u64 {
    if a == b {
        return 0;
    }
    a.chunks_exact(size).zip(b.chunks_exact(size)).filter(|(a, b)| a != b).count() as u64
}

/// Why two files could not be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A header cannot be used.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Data cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_parts_are_those_of_the_whole() {
        let before: Vec<f64> = (0..100).map(|i| f64::from(i % 7) - 3.0).collect();
        let after: Vec<f64> = before.iter().enumerate().map(|(i, a)| a + (i % 3) as f64 * 0.25).collect();
        let whole = Figures::of(&before, &after);
        assert_eq!((whole.finite, whole.not_finite, whole.max), (100, 0, 0.5));
        for cut in [0, 1, 33, 100] {
            let parts = Figures::of(&before[..cut], &after[..cut]).merge(Figures::of(&before[cut..], &after[cut..]));
            // Multiples of 1/16 add up exactly in any order.
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn pairs_that_are_not_finite_are_counted_apart() {
        let figures = Figures::of(&[1.0, f64::NAN, f64::INFINITY, 2.0], &[1.5, 0.0, f64::INFINITY, f64::NAN]);
        assert_eq!((figures.finite, figures.not_finite, figures.max), (1, 3, 0.5));
        assert_eq!((figures.rms(), figures.rms_before(), figures.relative()), (0.5, 1.0, 0.5));
        assert!(Figures::default().relative().is_nan());
        assert_eq!(Figures::of(&[0.0], &[1.0]).relative(), f64::INFINITY);
    }
}
