"""New NumPy arrays, and streams as NumPy's bit generators. NumPy is imported when they are called."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fanin import _fanin

TYPE_CHECKING = False  # As type checkers read it; importing typing takes longer than this package.
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from fanin._bit_generator import StreamBits
    from fanin._fanin import Initializer, Shard, Stream

_ALIGNMENT = 64


def empty(shape: int | Sequence[int], dtype: object = "float32") -> np.ndarray[Any, Any]:
    """Return an uninitialised NumPy array whose memory begins at a multiple of 64 bytes.

    JAX and PyTorch take such memory without a copy.

    Parameters
    ----------
    shape : int or sequence of int
    dtype : str or dtype
        float32 (default), float64, float16, or bfloat16 where ml_dtypes is installed.

    Returns
    -------
    numpy.ndarray
        C-contiguous.

    Examples
    --------
    >>> import fanin
    >>> fanin.empty((2, 3)).ctypes.data % 64
    0
    """
    import numpy as np

    sizes = (shape,) if isinstance(shape, int) else tuple(int(size) for size in shape)
    if any(size < 0 for size in sizes):
        raise ValueError(f"sizes must be at least 0, got {sizes}")
    numpy_dtype = _numpy_dtype(dtype)
    bytes_needed = math.prod(sizes) * numpy_dtype.itemsize
    memory = np.empty(bytes_needed + _ALIGNMENT, dtype=np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + bytes_needed].view(numpy_dtype).reshape(sizes)


def init(
    shape: int | Sequence[int],
    initializer: str | Initializer,
    stream: Stream | int,
    *,
    dtype: object = "float32",
    layout: str = "torch",
    shard: Shard | None = None,
    threads: int | None = None,
) -> np.ndarray[Any, Any]:
    """Return a new NumPy array with the values of an initializer.

    Parameters
    ----------
    shape : int or sequence of int
        Shape of the whole tensor.
    initializer : str or Initializer
    stream : Stream or int
        A number is a seed.
    dtype : str or dtype
        float32 (default), float64, float16, or bfloat16 where ml_dtypes is installed.
    layout : str
        What each axis means.
    shard : Shard, optional
        The part of the tensor to return.
    threads : int, optional
        Maximum number of threads of this call.

    Returns
    -------
    numpy.ndarray
        Of `shape`, or of ``shard.shape``.

    Examples
    --------
    >>> import fanin
    >>> fanin.init((2, 2), "eye", 0).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(int(size) for size in shape)
    if shard is not None and shard.whole != sizes:
        raise ValueError(f"the shard must be a part of a tensor of shape {sizes}, got one of {shard.whole}")
    out = empty(sizes if shard is None else shard.shape, dtype)
    _fanin.fill(out, initializer, stream, layout=layout, shard=shard, threads=threads)
    return out


def bit_generator(stream: Stream | int) -> StreamBits:
    """Return a bit generator of NumPy that draws a stream's raw bits.

    ``numpy.random.Generator`` draws any distribution from it. The bits are those of ``fanin bits``: a pure
    function of the seed and the path of names. Generators pickle, and ``spawn`` gives those of child streams.

    Parameters
    ----------
    stream : Stream or int
        A number is a seed.

    Returns
    -------
    numpy.random.BitGenerator

    Examples
    --------
    >>> import fanin, numpy as np
    >>> rng = np.random.Generator(fanin.bit_generator(fanin.Stream(42).child("dropout")))
    >>> 0 <= rng.random() < 1
    True
    """
    from fanin._bit_generator import StreamBits

    return StreamBits(stream if isinstance(stream, _fanin.Stream) else _fanin.Stream(stream))


def _numpy_dtype(dtype: object) -> np.dtype[Any]:
    """Return NumPy's dtype of a name; bfloat16 is ml_dtypes'."""
    import numpy as np

    name = _fanin.dtype_name(dtype)
    if name == "bfloat16":
        try:
            import ml_dtypes
        except ImportError as error:
            raise TypeError(
                "bfloat16 arrays of NumPy need the package ml_dtypes: pip install ml_dtypes"
            ) from error
        name = ml_dtypes.bfloat16
    found: np.dtype[Any] = np.dtype(name)
    return found
