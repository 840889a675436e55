use std::path::Path;

use crate::{
    buffers::{Stored, in_order},
    chunk::{chunks, step},
    files::{Files, ReadError},
    header::{Header, HeaderError, Tensor},
    stats::Moments,
};

/// What was measured of one tensor.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The tensor's index in the header.
    pub tensor: usize,
    /// Its figures; none for a tensor of integers or of a type that this program does not read.
    pub moments: Option<Moments>,
    /// How its finite values spread from the least to the greatest; none where there are none.
    pub histogram: Option<Histogram>,
}

/// How many values fall into each of several bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins.
    pub low: f64,
    /// Where the last bin ends; this value is in the last bin.
    pub high: f64,
    /// The values in each bin.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// The edges of bin `index`.
    pub fn edges(&self, index: usize) -> (f64, f64) {
        let at = |i: usize| {
            let share = i as f64 / self.counts.len() as f64;
            self.low * (1.0 - share) + self.high * share
        };
        (at(index), at(index + 1))
    }

    fn count(low: f64, high: f64, bins: usize, values: &[f64]) -> Self {
        let mut counts = vec![0; bins];
        // Half of the width, so that the widest f64 range does not overflow.
        let half = high / 2.0 - low / 2.0;
        for value in values.iter().filter(|value| (low..=high).contains(value)) {
            let share = if half > 0.0 { (value / 2.0 - low / 2.0) / half } else { 0.0 };
            counts[((share * bins as f64) as usize).min(bins - 1)] += 1;
        }
        Self { low, high, counts }
    }

    fn merge(mut self, other: Self) -> Self {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self
    }
}

/// What [`inspect`] found in a file.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The file's header.
    pub header: Header,
    /// The tensors that were asked for, in the order of their data.
    pub measured: Vec<Measured>,
}

impl Inspection {
    /// The tensor that was measured.
    pub fn tensor(&self, measured: &Measured) -> &Tensor {
        &self.header.tensors()[measured.tensor]
    }
}

/// Measures the tensors of a file that `wanted` picks: moments in one parallel pass, histograms of `bins` bins in a second.
///
/// One MiB a thread is in memory at a time, so a file may be larger than memory. The figures do not depend on the number
/// of threads. A file without NaN or infinities has all its values in the histograms. `progress` is told, from any thread, how many bytes
/// were just measured: each twice.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use init_model::{Recipe, inspect, write};
///
/// let text = "[parameters]\nbias = [256]\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(-0.1, 0.1)\"";
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &Recipe::parse(text, "bias.toml")?.plan()?, &|_| ControlFlow::Continue(()))?;
///
/// let found = inspect(&path, 8, |_| true, &|_| ())?;
/// let moments = found.measured[0].moments.unwrap();
/// assert!(-0.1 <= moments.min() && moments.max() <= 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`InspectError`] if the header is damaged or the data cannot be read.
pub fn inspect(
    path: impl AsRef<Path>,
    bins: usize,
    wanted: impl Fn(&Tensor) -> bool,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Inspection, InspectError> {
    let header = Header::read(path)?;
    let files = Files::open(&header)?;
    let picked: Vec<bool> = header.tensors().iter().map(wanted).collect();

    let moments =
        pass(&files, &header, |tensor| picked[tensor], |_, values| Moments::of(values), |a, b| a.merge(&b), progress)?;
    let ranges: Vec<Option<(f64, f64)>> =
        moments.iter().map(|moments| moments.filter(|m| m.finite() > 0).map(|m| (m.min(), m.max()))).collect();
    let histograms = pass(
        &files,
        &header,
        |tensor| ranges[tensor].is_some(),
        |tensor, values| {
            let (low, high) = ranges[tensor].unwrap_or_default();
            Histogram::count(low, high, bins.max(1), values)
        },
        Histogram::merge,
        progress,
    )?;

    let measured = moments
        .into_iter()
        .zip(histograms)
        .enumerate()
        .filter(|(tensor, _)| picked[*tensor])
        .map(|(tensor, (moments, histogram))| Measured { tensor, moments, histogram })
        .collect();
    Ok(Inspection { header, measured })
}

/// Reads the wanted tensors in chunks, measures each chunk on any thread, and merges the results in the order of the file.
fn pass<R: Send>(
    files: &Files,
    header: &Header,
    wanted: impl Fn(usize) -> bool,
    measure: impl Fn(usize, &[f64]) -> R + Sync,
    merge: impl Fn(R, R) -> R,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Option<R>>, ReadError> {
    let tensors = header.tensors();
    let sizes = tensors.iter().enumerate().map(|(index, tensor)| match tensor.dtype {
        Some(dtype) if wanted(index) => (tensor.bytes / dtype.size() as u64, step(dtype.size())),
        _ => (0, 1),
    });
    let mut results: Vec<Option<R>> = tensors.iter().map(|_| None).collect();
    in_order(
        chunks(sizes),
        |stored: &mut Stored, chunk| {
            let tensor = &tensors[chunk.tensor];
            let Some(dtype) = tensor.dtype else {
                return Ok::<_, ReadError>(measure(chunk.tensor, &[]));
            };
            let (values, bytes) = stored.values(files, tensor, dtype, chunk)?;
            let part = measure(chunk.tensor, values);
            progress(bytes.len() as u64);
            Ok(part)
        },
        |chunk, part| {
            let result = &mut results[chunk.tensor];
            *result = Some(match result.take() {
                None => part,
                Some(earlier) => merge(earlier, part),
            });
        },
    )?;
    Ok(results)
}

/// Why a file could not be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// Its header cannot be used.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// Its data cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_bin() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let histogram = Histogram::count(0.0, 100.0, 10, &values);
        assert_eq!(histogram.counts, [10, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
        assert_eq!(histogram.edges(3), (30.0, 40.0));

        let equal = Histogram::count(0.5, 0.5, 4, &[0.5; 7]);
        assert_eq!(equal.counts, [7, 0, 0, 0]);

        let widest = Histogram::count(f64::MIN, f64::MAX, 2, &[f64::MIN, -1e300, 1e300, f64::MAX]);
        assert_eq!(widest.counts, [2, 2]);
    }
}
