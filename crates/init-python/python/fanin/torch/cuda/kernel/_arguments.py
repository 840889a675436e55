"""The arguments of a kernel, as C structures, and the geometry that they carry."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

BLOCK = 4096
LANES = 8
MAX_AXES = 8


class Key(ctypes.Structure):
    """The two words of a stream."""

    _fields_ = [("k0", ctypes.c_uint64), ("k1", ctypes.c_uint64)]


class Numbers(ctypes.Structure):
    """The numbers of a sampler."""

    _fields_ = [("x", ctypes.c_double * 8)]


class Part(ctypes.Structure):
    """The elements to write, and where they go."""

    _fields_ = [
        ("first", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("rank", ctypes.c_int),
        ("size", ctypes.c_uint64 * MAX_AXES),
        ("start", ctypes.c_uint64 * MAX_AXES),
        ("extent", ctypes.c_uint64 * MAX_AXES),
        ("stride", ctypes.c_int64 * MAX_AXES),
    ]


@dataclass(frozen=True)
class Axis:
    """One axis of a box in a whole tensor.

    Attributes
    ----------
    size : int
        Of the whole tensor.
    start, extent : int
        Of the box.
    stride : int
        Of the destination, in elements.
    """

    size: int
    start: int
    extent: int
    stride: int


def part_of(axes: Sequence[Axis]) -> Part:
    """Return the structure for a box that is not empty, with as few axes as possible.

    Examples
    --------
    >>> rows = part_of([Axis(8, 2, 4, 16), Axis(16, 0, 16, 1)])
    >>> rows.first, rows.count, rows.rank
    (32, 64, 0)

    Raises
    ------
    ValueError
        If more than eight axes are left.
    """
    axes = _merged(axes)
    part = Part()
    if not axes:
        part.count = 1
        return part
    if len(axes) > MAX_AXES:
        raise ValueError(f"the kernel takes at most {MAX_AXES} axes that cannot be merged, got {len(axes)}")
    below = [prod(axis.size for axis in axes[index + 1 :]) for index in range(len(axes))]
    first = sum(axis.start * step for axis, step in zip(axes, below, strict=True))
    last = sum((axis.start + axis.extent - 1) * step for axis, step in zip(axes, below, strict=True))
    part.first, part.count = first, last - first + 1
    if len(axes) > 1 or axes[0].stride != 1:
        part.rank = len(axes)
    for index, axis in enumerate(axes):
        part.size[index], part.start[index] = axis.size, axis.start
        part.extent[index], part.stride[index] = axis.extent, axis.stride
    return part


def _merged(axes: Sequence[Axis]) -> list[Axis]:
    """Join an axis with the one before where the two are one run of indices and of memory."""
    merged: list[Axis] = []
    for axis in axes:
        if axis.size == 1:
            continue
        outer = merged[-1] if merged else None
        if (
            outer is not None
            and axis.extent == axis.size
            and (outer.extent == 1 or outer.stride == axis.stride * axis.size)
        ):
            merged[-1] = Axis(
                outer.size * axis.size, outer.start * axis.size, outer.extent * axis.size, axis.stride
            )
        else:
            merged.append(axis)
    return merged


def blocks_of(part: Part) -> tuple[int, int]:
    """Return the first block that a part meets and the number of threads that compute its blocks."""
    block = part.first // BLOCK
    return block, ((part.first + part.count - 1) // BLOCK - block + 1) * LANES


def key_of(key: tuple[int, int]) -> Key:
    """Return the structure of a stream's key."""
    return Key(*key)


def numbers_of(numbers: Sequence[float]) -> Numbers:
    """Return the structure of a sampler's numbers."""
    structure = Numbers()
    for index, number in enumerate(numbers):
        structure.x[index] = number
    return structure
