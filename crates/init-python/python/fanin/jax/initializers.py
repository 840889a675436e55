"""The functions of jax.nn.initializers, with the values of fanin.

Each function has JAX's name and parameters and returns an initializer, a function of ``(key, shape, dtype,
out_sharding)``. The key's data select the stream, under ``jit`` as well, so that two layers with different
keys have
different values. With `stream` the key is ignored: ``normal(0.02, stream=fanin.Stream(42).child("wte"))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.nn.initializers import constant, ones, zeros

from fanin._fanin import Initializer, Stream
from fanin.jax._array import checked_dtype, constrain, host_array, init, is_tracing
from fanin.jax._key import key_words, stream_of_key, stream_of_words

__all__ = [
    "constant",
    "delta_orthogonal",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "initializer",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

_Axis = int | Sequence[int]
_Function = Callable[..., jax.Array]


def initializer(
    text: str | Initializer, layout: str = "jax", dtype: Any = None, *, stream: Stream | None = None
) -> _Function:
    """Return any initializer of fanin as a function of (key, shape, dtype, out_sharding).

    Parameters
    ----------
    text : str or fanin.Initializer
    layout : str
    dtype : optional
        The element type where the call names none.
    stream : fanin.Stream, optional
        The stream to take in place of the key's.

    Examples
    --------
    >>> import jax, fanin.jax
    >>> f = fanin.jax.initializers.initializer("kaiming_normal(mode=fan_out)")
    >>> f(jax.random.key(0), (3, 4)).shape
    (3, 4)
    """
    parsed = text if isinstance(text, Initializer) else Initializer(text)
    default = dtype

    def fill(key: Any, shape: Sequence[int], dtype: Any = None, out_sharding: Any = None) -> jax.Array:
        sizes = tuple(int(size) for size in shape)
        chosen = checked_dtype(default if dtype is None else dtype)
        parsed.resolve(sizes, layout)
        if is_tracing(key):
            return _traced(key, stream, parsed, sizes, chosen, layout, out_sharding)
        source = stream_of_key(key) if stream is None else stream
        return init(sizes, parsed, source, dtype=chosen, sharding=out_sharding, layout=layout)

    return fill


def _traced(
    key: Any,
    stream: Stream | None,
    parsed: Initializer,
    shape: tuple[int, ...],
    dtype: Any,
    layout: str,
    out_sharding: Any,
) -> jax.Array:
    """Fill under a transformation: the host is called when the program runs, and not while it is traced."""
    given = stream if stream is not None else key if isinstance(key, Stream) else None
    operands = () if given is not None else (key_words(key),)

    def host(*words: Any) -> Any:
        source = given if given is not None else stream_of_words(words[0])
        return host_array(shape, parsed, source, dtype, layout)

    describe: Callable[..., Any] = jax.ShapeDtypeStruct
    result: jax.Array = jax.pure_callback(host, describe(shape, dtype), *operands, vmap_method="sequential")
    return result if out_sharding is None else constrain(result, out_sharding)


def uniform(scale: float = 1e-2, dtype: Any = None, *, stream: Stream | None = None) -> _Function:
    """Return an initializer from the uniform distribution on [0, scale).

    Examples
    --------
    >>> import jax, fanin.jax
    >>> w = fanin.jax.initializers.uniform(1.0)(jax.random.key(0), (100,))
    >>> bool((0 <= w).all() and (w < 1).all())
    True
    """
    if scale < 0:
        return initializer(f"uniform(low={float(scale)!r}, high=0.0)", dtype=dtype, stream=stream)
    text = f"uniform(low=0.0, high={float(scale)!r})" if scale else "zeros"
    return initializer(text, dtype=dtype, stream=stream)


def normal(stddev: float = 1e-2, dtype: Any = None, *, stream: Stream | None = None) -> _Function:
    """Return an initializer from the normal distribution with mean 0.

    Examples
    --------
    >>> import jax, fanin.jax
    >>> w = fanin.jax.initializers.normal(0.02)(jax.random.key(0), (100, 100))
    >>> 0.019 < float(w.std()) < 0.021
    True
    """
    text = f"normal(std={float(abs(stddev))!r})" if stddev else "zeros"
    return initializer(text, dtype=dtype, stream=stream)


def truncated_normal(
    stddev: float = 1e-2,
    dtype: Any = None,
    lower: float = -2.0,
    upper: float = 2.0,
    *,
    stream: Stream | None = None,
) -> _Function:
    """Return an initializer from the normal distribution truncated to [lower, upper] standard deviations.

    Examples
    --------
    >>> import jax, fanin.jax
    >>> w = fanin.jax.initializers.truncated_normal(1.0)(jax.random.key(0), (100,))
    >>> bool((abs(w) <= 2).all())
    True
    """
    text = f"truncated_normal(std={float(stddev)!r}, lower={float(lower)!r}, upper={float(upper)!r})"
    return initializer(text, dtype=dtype, stream=stream)


def variance_scaling(
    scale: float,
    mode: str,
    distribution: str,
    in_axis: _Axis = -2,
    out_axis: _Axis = -1,
    batch_axis: _Axis = (),
    dtype: Any = None,
    *,
    stream: Stream | None = None,
) -> _Function:
    """Return an initializer whose variance is scale / fan.

    Examples
    --------
    >>> import jax, fanin.jax
    >>> f = fanin.jax.initializers.variance_scaling(1.0, "fan_in", "normal")
    >>> f(jax.random.key(0), (100, 50)).shape
    (100, 50)
    """
    text = f"variance_scaling(scale={float(scale)!r}, mode={mode}, distribution={distribution})"
    layout = f"axes(in={_list(in_axis)}, out={_list(out_axis)}, batch={_list(batch_axis)})"
    return initializer(text, layout, dtype, stream=stream)


def _scaled(name: str, scale: float, mode: str, distribution: str) -> Callable[..., _Function]:
    """Return a named case of variance scaling."""

    def function(
        in_axis: _Axis = -2,
        out_axis: _Axis = -1,
        batch_axis: _Axis = (),
        dtype: Any = None,
        *,
        stream: Stream | None = None,
    ) -> _Function:
        return variance_scaling(
            scale, mode, distribution, in_axis, out_axis, batch_axis, dtype, stream=stream
        )

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Return ``variance_scaling({scale}, {mode!r}, {distribution!r})``."
    return function


glorot_uniform = _scaled("glorot_uniform", 1.0, "fan_avg", "uniform")
glorot_normal = _scaled("glorot_normal", 1.0, "fan_avg", "truncated_normal")
lecun_uniform = _scaled("lecun_uniform", 1.0, "fan_in", "uniform")
lecun_normal = _scaled("lecun_normal", 1.0, "fan_in", "truncated_normal")
he_uniform = _scaled("he_uniform", 2.0, "fan_in", "uniform")
he_normal = _scaled("he_normal", 2.0, "fan_in", "truncated_normal")
xavier_uniform, xavier_normal = glorot_uniform, glorot_normal
kaiming_uniform, kaiming_normal = he_uniform, he_normal


def orthogonal(
    scale: float = 1.0, column_axis: int = -1, dtype: Any = None, *, stream: Stream | None = None
) -> _Function:
    """Return an initializer of (semi-)orthogonal matrices times scale.

    Examples
    --------
    >>> import jax, fanin.jax
    >>> q = fanin.jax.initializers.orthogonal()(jax.random.key(0), (4, 4))
    >>> bool(abs(q @ q.T - jax.numpy.eye(4)).max() < 1e-5)
    True
    """
    text = f"orthogonal(gain={float(scale)!r}, column_axis={column_axis})"
    return initializer(text, dtype=dtype, stream=stream)


def delta_orthogonal(
    scale: float = 1.0, column_axis: int = -1, dtype: Any = None, *, stream: Stream | None = None
) -> _Function:
    """Return an initializer of convolutions with an orthogonal matrix at the centre and zeros elsewhere.

    Xiao et al. (2018).
    """
    if column_axis != -1:
        raise ValueError(f"column_axis must be -1, got {column_axis}; transpose the kernel instead")
    return initializer(f"delta_orthogonal(gain={float(scale)!r}, centre=lower)", dtype=dtype, stream=stream)


def _list(axis: _Axis) -> list[int]:
    return [axis] if isinstance(axis, int) else list(axis)
