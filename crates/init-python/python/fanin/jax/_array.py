"""Arrays of JAX: on one device, or over a mesh with each distinct shard made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

import fanin
from fanin._fanin import Initializer, Shard, Stream

_DTYPES = ("float32", "float64", "bfloat16", "float16")


def init(
    shape: Sequence[int],
    initializer: str | Initializer,
    stream: Stream | int,
    *,
    name: str | None = None,
    dtype: Any = None,
    sharding: Any = None,
    layout: str = "jax",
) -> jax.Array:
    """Return a new array with the values of an initializer.

    Parameters
    ----------
    shape : sequence of int
        Shape of the whole array.
    initializer : str or fanin.Initializer
    stream : fanin.Stream or int
        A number is a seed.
    name : str, optional
        The child of the stream to take, for instance the parameter's path.
    dtype : optional
        float32 (default; float64 with x64), float64, bfloat16 or float16.
    sharding : jax.sharding.Sharding, optional
        Only addressable shards are made, each distinct one once; their values are those of the whole array.
    layout : str
        What each axis means.

    Returns
    -------
    jax.Array

    Raises
    ------
    TypeError
        If the dtype is not one of the four.
    ValueError
        If the initializer does not fit the shape.

    Examples
    --------
    >>> import fanin.jax
    >>> fanin.jax.init((2, 2), "eye", 0).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    source = stream if isinstance(stream, Stream) else Stream(stream)
    if name is not None:
        source = source.child(name)
    sizes = tuple(int(size) for size in shape)
    chosen = checked_dtype(dtype)
    sharding = placed(sharding)
    if sharding is None:
        whole: jax.Array = jax.device_put(host_array(sizes, initializer, source, chosen, layout))
        return whole
    made: dict[tuple[tuple[int, int], ...], np.ndarray[Any, Any]] = {}

    def part(index: tuple[slice, ...] | None) -> np.ndarray[Any, Any]:
        ranges = tuple(one.indices(size)[:2] for one, size in zip(index or (), sizes, strict=True))
        if ranges not in made:
            local = tuple(stop - start for start, stop in ranges)
            shard = Shard(sizes, tuple(start for start, _ in ranges), local)
            made[ranges] = host_array(sizes, initializer, source, chosen, layout, shard)
        return made[ranges]

    return jax.make_array_from_callback(sizes, sharding, part, dtype=chosen)


def placed(sharding: Any) -> Any:
    """Return a sharding; a PartitionSpec takes the mesh of the context, as in JAX's own functions."""
    if not isinstance(sharding, jax.sharding.PartitionSpec):
        return sharding
    mesh = jax.sharding.get_mesh()
    if mesh.empty:
        raise ValueError(
            f"the sharding {sharding} needs a mesh: call in `with jax.set_mesh(mesh):`, or pass a "
            "NamedSharding"
        )
    return jax.sharding.NamedSharding(mesh, sharding)


def constrain(array: jax.Array, sharding: Any) -> jax.Array:
    """Give a traced array a sharding, on meshes with explicit axes as well."""
    mesh = getattr(sharding, "mesh", None) or jax.sharding.get_abstract_mesh()
    explicit = jax.sharding.AxisType.Explicit in getattr(mesh, "axis_types", ())
    change: Any = jax.sharding.reshard if explicit else jax.lax.with_sharding_constraint
    result: jax.Array = change(array, sharding)
    return result


def is_tracing(key: Any) -> bool:
    """Return whether the program is traced: jit traces every operation, vmap only those on its arguments."""
    tracer = jax.core.Tracer  # pyright: ignore[reportAttributeAccessIssue]
    return isinstance(key, tracer) or isinstance(jax.lax.full((), 0), tracer)


def host_array(
    shape: tuple[int, ...],
    initializer: str | Initializer,
    stream: Stream,
    dtype: np.dtype[Any],
    layout: str,
    shard: Shard | None = None,
) -> np.ndarray[Any, Any]:
    """Return the values as a NumPy array, in memory that JAX takes without a copy."""
    return fanin.init(shape, initializer, stream, dtype=dtype.name, layout=layout, shard=shard)


def checked_dtype(dtype: Any) -> np.dtype[Any]:
    """Return the NumPy dtype that JAX uses for one; None is float32, or float64 with x64."""
    chosen = np.dtype(jax.dtypes.canonicalize_dtype(float if dtype is None else dtype))
    if chosen.name not in _DTYPES:
        raise TypeError(f"dtype must be float32, float64, bfloat16 or float16, got {chosen.name}")
    return chosen
