//! The functions that fill: arrays, memory by address, and ranges of a tensor.

use fanin::{
    DType, Filler, Resolved, Shape, bf16, f16,
    init_kernels::{
        FloatEnv,
        threads::{MAX_THREADS, ThreadsError},
    },
};
use pyo3::prelude::*;

use crate::{
    arguments::{Natural, Sizes},
    array,
    destination::Destination,
    dtype, error, initializer,
    resolved::read_layout,
    shard::Shard,
    stream,
};

/// From this many elements on the interpreter's lock is released: below, releasing costs more than the fill.
const DETACHED: usize = 1 << 12;

/// Fill an array with the values of an initializer, in place.
///
/// Parameters
/// ----------
/// out : array
///     A writable array on the CPU of float32, float64, bfloat16 or float16 with any strides: whatever exports
///     DLPack, the buffer protocol or ``__array_interface__`` (bfloat16 through ml_dtypes).
/// initializer : str or Initializer
/// stream : Stream or int
///     Where the values come from; a number is a seed.
/// layout : str, optional
///     What each axis means: ``"torch"`` (default), ``"jax"``, ``"keras"``, …
/// shard : Shard, optional
///     The part of the whole tensor that ``out`` is; ``out.shape`` must be ``shard.shape``.
/// shape : sequence of int, optional
///     The shape of the tensor, where ``out`` is a reshaped view of it; without ``shard`` only.
/// threads : int, optional
///     Maximum number of threads of this call.
///
/// Returns
/// -------
/// array
///     ``out``.
///
/// Raises
/// ------
/// ValueError, TypeError
///     If an argument is invalid; nothing is written then.
///
/// Examples
/// --------
/// >>> import array, fanin
/// >>> out = array.array("f", bytes(12))
/// >>> _ = fanin.fill(out, "uniform(low=0, high=1)", fanin.Stream(0))
/// >>> all(0 <= x < 1 for x in out)
/// True
#[pyfunction]
#[pyo3(signature = (out, initializer, stream, *, layout=None, shard=None, shape=None, threads=None))]
#[expect(clippy::too_many_arguments, reason = "a Python signature")]
pub(crate) fn fill<'py>(
    py: Python<'py>,
    out: Bound<'py, PyAny>,
    initializer: &Bound<'py, PyAny>,
    stream: &Bound<'py, PyAny>,
    layout: Option<&str>,
    shard: Option<PyRef<'py, Shard>>,
    shape: Option<Sizes>,
    threads: Option<Natural>,
) -> PyResult<Bound<'py, PyAny>> {
    let array = array::open(&out)?;
    let whole = shape.as_ref().map_or_else(|| array.destination.shape(), |shape| &shape.0);
    let request = Request::new(initializer, stream, layout, whole, shard.as_deref(), threads)?;
    request.fill(py, &array.destination)?;
    Ok(out)
}

/// Fill the memory at an address. The caller vouches for the memory; `fanin.fill` is the safe function.
///
/// Parameters
/// ----------
/// address : int
/// dtype : str
///     ``"f32"``, ``"f64"``, ``"bf16"`` or ``"f16"``.
/// shape : sequence of int
/// strides : sequence of int or None
///     In elements; None is contiguous.
/// initializer : str or Initializer
/// stream : Stream or int
/// layout : str, optional
/// shard : Shard, optional
/// threads : int, optional
///
/// Raises
/// ------
/// ValueError
///     If the address is 0 or misaligned, if elements share memory, or if the initializer does not fit.
#[pyfunction]
#[pyo3(signature = (address, dtype, shape, strides, initializer, stream, layout=None, shard=None, threads=None))]
#[expect(clippy::too_many_arguments, reason = "a Python signature")]
pub(crate) fn fill_address(
    py: Python<'_>,
    address: Natural,
    dtype: &str,
    shape: Sizes,
    strides: Option<Vec<isize>>,
    initializer: &Bound<'_, PyAny>,
    stream: &Bound<'_, PyAny>,
    layout: Option<&str>,
    shard: Option<PyRef<'_, Shard>>,
    threads: Option<Natural>,
) -> PyResult<()> {
    let destination = Destination::new(address.size(), dtype::of_name(dtype)?, shape.0, strides)?;
    Request::new(initializer, stream, layout, destination.shape(), shard.as_deref(), threads)?.fill(py, &destination)
}

/// Fill contiguous memory with elements ``offset`` to ``offset + length`` of a tensor, in row-major order.
///
/// Parameters
/// ----------
/// address : int
/// dtype : str
/// shape : sequence of int
///     Shape of the whole tensor.
/// initializer : str or Initializer
/// stream : Stream or int
/// offset, length : int
/// layout : str, optional
/// threads : int, optional
#[pyfunction]
#[pyo3(signature = (address, dtype, shape, initializer, stream, offset, length, layout=None, threads=None))]
#[expect(clippy::too_many_arguments, reason = "a Python signature")]
pub(crate) fn fill_range(
    py: Python<'_>,
    address: Natural,
    dtype: &str,
    shape: Sizes,
    initializer: &Bound<'_, PyAny>,
    stream: &Bound<'_, PyAny>,
    offset: Natural,
    length: Natural,
    layout: Option<&str>,
    threads: Option<Natural>,
) -> PyResult<()> {
    let (shape, offset, length) = (shape.0, offset.0, length.size());
    let elements = Shape::new(shape.as_slice()).map_err(error::value)?.numel();
    if offset.checked_add(length as u64).is_none_or(|end| end > elements) {
        return Err(error::value(format!(
            "offset {offset} + length {length} exceeds the {elements} elements of shape {shape:?}"
        )));
    }
    let destination = Destination::new(address.size(), dtype::of_name(dtype)?, vec![length], None)?;
    let request = Request::new(initializer, stream, layout, &shape, None, threads)?;
    let Request { resolved, stream, filler, .. } = &request;
    let done = request.detached(py, length, || match destination.dtype() {
        DType::F32 => destination.fill_range::<f32>(offset, resolved, *stream, *filler),
        DType::F64 => destination.fill_range::<f64>(offset, resolved, *stream, *filler),
        DType::Bf16 => destination.fill_range::<bf16>(offset, resolved, *stream, *filler),
        DType::F16 => destination.fill_range::<f16>(offset, resolved, *stream, *filler),
    });
    done.map_err(error::value)
}

/// Returns a maximum number of threads; 0 is the process's.
pub(crate) fn read_threads(threads: Option<Natural>) -> PyResult<usize> {
    match threads.map_or(0, Natural::size) {
        threads if threads > MAX_THREADS => Err(error::value(ThreadsError::TooMany { threads })),
        threads => Ok(threads),
    }
}

/// What to fill with: resolved for the shape of the whole tensor.
pub(crate) struct Request<'a> {
    resolved: Resolved,
    stream: fanin::Stream,
    shard: Option<&'a Shard>,
    filler: Filler,
    whole: Vec<usize>,
}

impl<'a> Request<'a> {
    fn new(
        initializer: &Bound<'_, PyAny>,
        stream: &Bound<'_, PyAny>,
        layout: Option<&str>,
        shape: &[usize],
        shard: Option<&'a Shard>,
        threads: Option<Natural>,
    ) -> PyResult<Self> {
        let initializer = initializer::read(initializer)?;
        let stream = stream::read(stream)?;
        let whole = shard.map_or(shape, Shard::whole);
        let (sizes, layout) = (Shape::new(whole).map_err(error::value)?, read_layout(layout)?);
        let resolved = FloatEnv::run(|| initializer.resolve(&sizes, &layout)).map_err(error::value)?;
        let filler = Filler::new().threads(read_threads(threads)?);
        Ok(Self::of(resolved, stream, shard, filler, whole.to_vec()))
    }

    pub(crate) fn of(
        resolved: Resolved,
        stream: fanin::Stream,
        shard: Option<&'a Shard>,
        filler: Filler,
        whole: Vec<usize>,
    ) -> Self {
        Self { resolved, stream, shard, filler, whole }
    }

    /// Fills a destination; checks that its shape is the part's or has as many elements as the whole tensor.
    pub(crate) fn fill(&self, py: Python<'_>, destination: &Destination) -> PyResult<()> {
        let pieces = match self.shard {
            Some(shard) => {
                let expected = shard.shape();
                if destination.shape() != expected {
                    let shape = destination.shape();
                    return Err(error::value(format!(
                        "the array must have the shape {expected:?} of the shard, got {shape:?}"
                    )));
                }
                Some(shard.pieces())
            }
            None => {
                let elements = self.whole.iter().product::<usize>();
                if destination.len() != elements {
                    let (len, whole) = (destination.len(), &self.whole);
                    return Err(error::value(format!(
                        "the array must have the {elements} elements of shape {whole:?}, got {len}"
                    )));
                }
                None
            }
        };
        let (what, stream, filler) = (&self.resolved, self.stream, self.filler);
        let done = self.detached(py, destination.len(), || match destination.dtype() {
            DType::F32 => destination.fill::<f32>(pieces.as_deref(), what, stream, filler),
            DType::F64 => destination.fill::<f64>(pieces.as_deref(), what, stream, filler),
            DType::Bf16 => destination.fill::<bf16>(pieces.as_deref(), what, stream, filler),
            DType::F16 => destination.fill::<f16>(pieces.as_deref(), what, stream, filler),
        });
        done.map_err(error::value)
    }

    /// Runs `body`, without the interpreter's lock if it is long.
    fn detached<R: Send>(&self, py: Python<'_>, len: usize, body: impl FnOnce() -> R + Send) -> R {
        if len < DETACHED && self.resolved.structured().is_none() { body() } else { py.detach(body) }
    }
}
