//! The difference of two files, tensor by tensor.

use std::collections::HashMap;

use init_core::DType;
use init_kernels::Progress;

use super::error::CheckError;
use crate::file::{
    buffers::{Stored, in_order},
    chunk::{Chunk, chunks, step},
    header::Header,
    tensor::Tensor,
};

/// The result of [`diff`]: how the tensors of two files differ.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The tensors that both files have, in the first one's order.
    pub changes: Vec<Change>,
    /// The tensors that only the first file has, in its order.
    pub only_before: Vec<Tensor>,
    /// The tensors that only the second file has, in its order.
    pub only_after: Vec<Tensor>,
}

/// A tensor that both files have.
#[derive(Clone, Debug)]
pub struct Change {
    /// As the first file has it.
    pub before: Tensor,
    /// As the second file has it.
    pub after: Tensor,
    /// The number of elements that differ; none if the shapes differ, or the types do and one is
    /// not supported as numbers.
    pub differing: Option<u64>,
    /// The size of the change; none if `differing` is, and for types that are not supported as
    /// numbers.
    pub statistics: Option<ChangeStatistics>,
}

impl Change {
    /// Whether shape, type and every bit are equal.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.before.shape == self.after.shape
            && self.before.stored_type == self.after.stored_type
            && self.differing == Some(0)
    }
}

/// By how much the values of a tensor differ. Pairs of which one is not finite are counted
/// separately, and enter nothing else.
///
/// Sums are in f64 and in the order of the file, so that they do not depend on the number of
/// threads.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ChangeStatistics {
    /// The number of pairs of finite values.
    pub finite: u64,
    /// The number of pairs with a NaN or an infinity.
    pub not_finite: u64,
    /// The maximum of |b − a|.
    pub max: f64,
    /// Σ (b − a)².
    squares: f64,
    /// Σ a².
    before: f64,
}

impl ChangeStatistics {
    /// Returns the root mean square of the changes, √(Σ (b − a)² / n); 0 without finite pairs.
    #[must_use]
    pub fn rms(&self) -> f64 {
        self.root(self.squares)
    }

    /// Returns the root mean square of the values before, √(Σ a² / n).
    #[must_use]
    pub fn rms_before(&self) -> f64 {
        self.root(self.before)
    }

    /// Returns the root mean square of the changes relative to that of the values before; NaN for 0
    /// / 0, infinite if all values were 0.
    #[must_use]
    pub fn relative(&self) -> f64 {
        self.rms() / self.rms_before()
    }

    fn root(&self, sum: f64) -> f64 {
        (sum / self.finite.max(1) as f64).sqrt()
    }

    fn of(before: &[f64], after: &[f64]) -> Self {
        let mut statistics = Self::default();
        for (a, b) in before.iter().zip(after) {
            if !a.is_finite() || !b.is_finite() {
                statistics.not_finite += 1;
                continue;
            }
            let change = b - a;
            statistics.finite += 1;
            statistics.max = statistics.max.max(change.abs());
            statistics.squares += change * change;
            statistics.before += a * a;
        }
        statistics
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
enum Method {
    /// Not at all: the shapes differ, or the types do and one is not supported as numbers.
    None,
    /// As numbers: equal bits where the types are the same, equal values where they are not.
    Numbers(DType, DType),
    /// By their bits, that many bytes each.
    Bits(u64),
}

impl Method {
    fn of(before: &Tensor, after: &Tensor) -> Self {
        if before.shape != after.shape {
            return Self::None;
        }
        let elements = before.elements();
        match (before.dtype, after.dtype) {
            (Some(a), Some(b)) => Self::Numbers(a, b),
            _ if before.stored_type != after.stored_type => Self::None,
            // Elements smaller than a byte are compared by bytes.
            _ if elements > 0 && before.bytes.is_multiple_of(elements) => Self::Bits(before.bytes / elements),
            _ => Self::Bits(1),
        }
    }

    /// Returns the number of elements to compare, and how many at a time.
    fn sizes(self, before: &Tensor) -> (u64, u64) {
        match self {
            Self::None => (0, 1),
            // Each is decoded to an f64.
            Self::Numbers(..) => (before.elements(), step(size_of::<f64>())),
            Self::Bits(size) => (before.bytes / size, step(size as usize).max(1)),
        }
    }
}

/// Finds which tensors differ between two files, such as an initial and a trained state, and by how
/// much.
///
/// At most four MiB per thread are in memory at a time. Tensors are matched by name; their order
/// does not matter. Progress is in bytes of the first file.
///
/// ```
/// use init_model::{Header, NamedTensor, Progress, diff, save};
///
/// let folder = tempfile::tempdir()?;
/// let (before, after) = (folder.path().join("before.safetensors"), folder.path().join("after.safetensors"));
/// let bias = |values| [NamedTensor { name: "bias".to_owned(), shape: vec![2], values }];
/// save(&before, &bias(vec![3.0, 4.0]), &[], Progress::none())?;
/// save(&after, &bias(vec![3.0, 4.5]), &[], Progress::none())?;
///
/// let found = diff(&Header::read(&before)?, &Header::read(&after)?, Progress::none())?;
/// let change = found.changes[0].statistics.unwrap();
/// assert_eq!((found.changes[0].differing, change.max), (Some(1), 0.5));
/// assert!((change.relative() - 0.1).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns [`CheckError`] if the values cannot be read, or if `progress` cancels it.
pub fn diff(before: &Header, after: &Header, progress: Progress<'_>) -> Result<Diff, CheckError> {
    let (before_header, after_header) = (before, after);
    let mut rest: HashMap<&str, &Tensor> =
        after.tensors().iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let (mut pairs, mut only_before) = (Vec::new(), Vec::new());
    for tensor in before.tensors() {
        match rest.remove(tensor.name.as_str()) {
            Some(other) => pairs.push((tensor, other, Method::of(tensor, other))),
            None => only_before.push(tensor.clone()),
        }
    }
    let only_after = after.tensors().iter().filter(|tensor| rest.contains_key(tensor.name.as_str()));

    let mut changes: Vec<Change> = pairs
        .iter()
        .map(|&(before, after, method)| Change {
            before: before.clone(),
            after: after.clone(),
            differing: (!matches!(method, Method::None)).then_some(0),
            statistics: matches!(method, Method::Numbers(..)).then(ChangeStatistics::default),
        })
        .collect();
    let sizes: Vec<_> = pairs.iter().map(|(tensor, _, method)| method.sizes(tensor)).collect();
    in_order(
        chunks(sizes),
        |(a, b): &mut (Stored, Stored), chunk| {
            let (old, new, method) = pairs[chunk.tensor];
            let part = match method {
                Method::None => (0, ChangeStatistics::default()),
                Method::Numbers(old_dtype, new_dtype) => {
                    let (old_values, old_bytes) = a.values(before_header, old, old_dtype, chunk)?;
                    let (new_values, new_bytes) = b.values(after_header, new, new_dtype, chunk)?;
                    progress.advance(old_bytes.len() as u64)?;
                    let differing = if old_dtype == new_dtype {
                        unequal(old_bytes, new_bytes, old_dtype.size())
                    } else {
                        let same = |(a, b): &(&f64, &f64)| a == b || a.is_nan() && b.is_nan();
                        old_values.iter().zip(new_values).filter(|pair| !same(pair)).count() as u64
                    };
                    (differing, ChangeStatistics::of(old_values, new_values))
                }
                Method::Bits(size) => {
                    let (from, count) = (chunk.elements.start * size, bytes_of(chunk, size));
                    let old = a.bytes(before_header, old, from, count)?;
                    let new = b.bytes(after_header, new, from, count)?;
                    progress.advance(count as u64)?;
                    (unequal(old, new, size as usize), ChangeStatistics::default())
                }
            };
            Ok::<_, CheckError>(part)
        },
        |chunk, (differing, statistics)| {
            let change = &mut changes[chunk.tensor];
            change.differing = change.differing.map(|all| all + differing);
            change.statistics = change.statistics.map(|all| all.merge(statistics));
        },
    )?;
    let only_after = only_after.cloned().collect();
    Ok(Diff { changes, only_before, only_after })
}

fn bytes_of(chunk: &Chunk, size: u64) -> usize {
    chunk.len() * size as usize
}

/// Returns how many elements of `size` bytes differ, bit for bit.
fn unequal(a: &[u8], b: &[u8], size: usize) -> u64 {
    if a == b {
        return 0;
    }
    a.chunks_exact(size).zip(b.chunks_exact(size)).filter(|(a, b)| a != b).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_parts_merge_to_those_of_the_whole() {
        let before: Vec<f64> = (0..100).map(|i| f64::from(i % 7) - 3.0).collect();
        let after: Vec<f64> = before.iter().enumerate().map(|(i, a)| a + (i % 3) as f64 * 0.25).collect();
        let whole = ChangeStatistics::of(&before, &after);
        assert_eq!((whole.finite, whole.not_finite, whole.max), (100, 0, 0.5));
        for cut in [0, 1, 33, 100] {
            let parts = ChangeStatistics::of(&before[..cut], &after[..cut])
                .merge(ChangeStatistics::of(&before[cut..], &after[cut..]));
            // Multiples of 1/16 add up exactly in any order.
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn pairs_that_are_not_finite_are_counted_separately() {
        let statistics =
            ChangeStatistics::of(&[1.0, f64::NAN, f64::INFINITY, 2.0], &[1.5, 0.0, f64::INFINITY, f64::NAN]);
        assert_eq!((statistics.finite, statistics.not_finite, statistics.max), (1, 3, 0.5));
        assert_eq!((statistics.rms(), statistics.rms_before(), statistics.relative()), (0.5, 1.0, 0.5));
        assert!(ChangeStatistics::default().relative().is_nan());
        assert_eq!(ChangeStatistics::of(&[0.0], &[1.0]).relative(), f64::INFINITY);
    }
}
