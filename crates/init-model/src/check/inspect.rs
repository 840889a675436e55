//! Statistics of the tensors of a file.

use init_core::distribution::Histogram;
use init_kernels::Progress;

use super::{
    error::CheckError,
    histogram::{count, merge},
    moments::Moments,
};
use crate::file::{
    buffers::{Stored, in_order},
    chunk::{chunks, step},
    header::Header,
    tensor::Tensor,
};

/// The statistics of one tensor.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The index of the tensor in the header.
    pub tensor: usize,
    /// Its moments; none for a tensor of integers or of another type that is not supported.
    pub moments: Option<Moments>,
    /// The histogram of its finite values from the minimum to the maximum; none if there are no
    /// finite values.
    pub histogram: Option<Histogram>,
}

/// The result of [`inspect`].
#[derive(Clone, Debug)]
pub struct Inspection<'a> {
    /// The file's header.
    pub header: &'a Header,
    /// The wanted tensors, in the order of their data.
    pub measured: Vec<Measured>,
}

impl<'a> Inspection<'a> {
    /// Returns the tensor that was measured.
    #[must_use]
    pub fn tensor(&self, measured: &Measured) -> &'a Tensor {
        &self.header.tensors()[measured.tensor]
    }
}

/// Measures the tensors of a file that `wanted` selects: moments in one parallel pass, histograms
/// of `bins` bins in a second.
///
/// One MiB per thread is in memory at a time, so a file may be larger than memory. The statistics
/// do not depend on the number of threads. The histograms contain all finite values. Progress is in
/// bytes measured, each of which counts twice.
///
/// ```
/// use init_model::{Header, Progress, Recipe, inspect, write};
///
/// let text = "[parameters]\nbias = [256]\n[[rule]]\nmatch = \"*\"\ninit = \"uniform(-0.1, 0.1)\"";
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("bias.safetensors");
/// write(&path, &Recipe::parse(text, "bias.toml")?.plan()?, Progress::none())?;
///
/// let header = Header::read(&path)?;
/// let found = inspect(&header, 8, |_| true, Progress::none())?;
/// let moments = found.measured[0].moments.unwrap();
/// assert!(-0.1 <= moments.min() && moments.max() <= 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns [`CheckError`] if the values cannot be read, or if `progress` cancels it.
pub fn inspect<'a>(
    header: &'a Header,
    bins: usize,
    wanted: impl Fn(&Tensor) -> bool,
    progress: Progress<'_>,
) -> Result<Inspection<'a>, CheckError> {
    let picked: Vec<bool> = header.tensors().iter().map(wanted).collect();

    let moments = pass(header, |tensor| picked[tensor], |_, values| Moments::of(values), |a, b| a.merge(&b), progress)?;
    let ranges: Vec<Option<(f64, f64)>> =
        moments.iter().map(|moments| moments.filter(|m| m.finite() > 0).map(|m| (m.min(), m.max()))).collect();
    let histograms = pass(
        header,
        |tensor| ranges[tensor].is_some(),
        |tensor, values| {
            let (low, high) = ranges[tensor].unwrap_or_default();
            count(low, high, bins.max(1), values)
        },
        merge,
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

/// Reads the wanted tensors in chunks, measures each chunk on any thread, and merges the results in
/// the order of the file.
fn pass<R: Send>(
    header: &Header,
    wanted: impl Fn(usize) -> bool,
    measure: impl Fn(usize, &[f64]) -> R + Sync,
    merge: impl Fn(R, R) -> R,
    progress: Progress<'_>,
) -> Result<Vec<Option<R>>, CheckError> {
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
                return Ok::<_, CheckError>(measure(chunk.tensor, &[]));
            };
            let (values, bytes) = stored.values(header, tensor, dtype, chunk)?;
            let part = measure(chunk.tensor, values);
            progress.advance(bytes.len() as u64)?;
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
