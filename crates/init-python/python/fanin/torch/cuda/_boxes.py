"""Boxes of indices: how a tensor is cut into pieces that fit a buffer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

Run = tuple[int, int]
"""First index and number of indices on one axis."""

Box = tuple[Run, ...]
"""A run for each axis."""


def boxes(shape: Sequence[int], limit: int) -> Iterator[Box]:
    """Cut a shape into boxes of at most `limit` elements, each a run of the row-major order, in that order.

    Parameters
    ----------
    shape : sequence of int
    limit : int
        At least 1.

    Examples
    --------
    >>> list(boxes((3, 4), 8))
    [((0, 2), (0, 4)), ((2, 1), (0, 4))]
    >>> list(boxes((2, 3), 2))
    [((0, 1), (0, 2)), ((0, 1), (2, 1)), ((1, 1), (0, 2)), ((1, 1), (2, 1))]
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    if 0 not in shape:
        yield from _cut(tuple(shape), limit, ())


def _cut(shape: tuple[int, ...], limit: int, prefix: Box) -> Iterator[Box]:
    """Cut the axes after the prefix, which fixes one index on each of the first axes."""
    axis = len(prefix)
    if axis == len(shape):
        yield prefix
        return
    rest = prod(shape[axis + 1 :])
    if rest > limit:
        for index in range(shape[axis]):
            yield from _cut(shape, limit, (*prefix, (index, 1)))
        return
    whole = tuple((0, size) for size in shape[axis + 1 :])
    step = limit // rest
    for start in range(0, shape[axis], step):
        yield (*prefix, (start, min(step, shape[axis] - start)), *whole)


def part_of_runs(runs: Sequence[Run], part: Run) -> list[Run]:
    """Return the runs of a part of the indices that runs enumerate.

    Parameters
    ----------
    runs : sequence of (start, length)
    part : (start, length)
        Positions in the enumeration.

    Examples
    --------
    >>> part_of_runs([(0, 2), (8, 4)], (1, 3))
    [(1, 1), (8, 2)]
    """
    found = []
    first, count = part
    for start, length in runs:
        skipped = min(first, length)
        taken = min(length - skipped, count)
        if taken > 0:
            found.append((start + skipped, taken))
        first, count = first - skipped, count - taken
    return found
