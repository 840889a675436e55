"""Placements of a DTensor as runs of indices on each axis.

PyTorch's ``compute_local_shape_and_global_offset`` gives the first offset only, which does not describe the
interleaved parts of ``_StridedShard``. Here every placement, from left to right, cuts the runs that the
placements before it have left, as ``torch.chunk`` cuts a tensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from fanin._fanin import Shard

Runs = list[tuple[int, int]]


def placement_runs(
    shape: Sequence[int], placements: Sequence[Any], sizes: Sequence[int], coordinate: Sequence[int]
) -> list[Runs]:
    """Return for each axis the runs (start, length) of indices that a rank has.

    Needs no process group: meshes can be simulated.

    Parameters
    ----------
    shape : sequence of int
        Shape of the whole tensor.
    placements : sequence of Placement
        One for each dimension of the mesh.
    sizes : sequence of int
        Sizes of the mesh.
    coordinate : sequence of int
        The rank's coordinate in the mesh.

    Raises
    ------
    ValueError
        If a placement is partial or unknown: no rank has values of its own then.

    Examples
    --------
    >>> from torch.distributed.tensor import Shard
    >>> placement_runs((10, 4), [Shard(0)], [4], [3])
    [[(9, 1)], [(0, 4)]]
    """
    runs: list[Runs] = [[(0, size)] if size else [] for size in shape]
    for placement, count, index in zip(placements, sizes, coordinate, strict=True):
        if placement.is_replicate():
            continue
        axis = getattr(placement, "dim", None)
        if axis is None or placement.is_partial():
            raise ValueError(
                f"the placement {placement} has no values of its own (they are summed later); "
                "redistribute the tensor "
                "to Shard or Replicate first"
            )
        axis += len(shape) if axis < 0 else 0
        if not 0 <= axis < len(shape):
            raise ValueError(f"the placement {placement} is not an axis of shape {tuple(shape)}")
        factor = int(getattr(placement, "split_factor", 1) or 1)
        pieces = [chunk(piece, count)[index] for piece in chunk(runs[axis], factor)]
        runs[axis] = _joined([run for piece in pieces for run in piece])
    return runs


def chunk(runs: Runs, count: int) -> list[Runs]:
    """Cut runs into `count` parts of equal size, the last ones smaller or empty, as torch.chunk does."""
    total = sum(length for _, length in runs)
    size = -(-total // count)
    return [_slice(runs, min(size * index, total), min(size * (index + 1), total)) for index in range(count)]


def _slice(runs: Runs, begin: int, end: int) -> Runs:
    """Return elements `begin` to `end` of the runs."""
    found: Runs = []
    position = 0
    for start, length in runs:
        low, high = max(begin, position), min(end, position + length)
        if low < high:
            found.append((start + low - position, high - low))
        position += length
    return found


def _joined(runs: Runs) -> Runs:
    """Join adjacent runs."""
    joined: Runs = []
    for start, length in runs:
        if joined and sum(joined[-1]) == start:
            joined[-1] = (joined[-1][0], joined[-1][1] + length)
        else:
            joined.append((start, length))
    return joined


def shard_of(tensor: torch.Tensor) -> Shard | None:
    """Return the part of the whole tensor that this rank's local tensor is; None outside the mesh.

    Parameters
    ----------
    tensor : DTensor

    Raises
    ------
    ValueError
        If the local tensor does not have the shape that the placements give.
    """
    mesh = tensor.device_mesh  # type: ignore[attr-defined]
    placements = tensor.placements  # type: ignore[attr-defined]
    coordinate = mesh.get_coordinate()
    if coordinate is None:
        return None
    sizes = [mesh.size(dimension) for dimension in range(mesh.ndim)]
    shard = Shard.of_runs(tuple(tensor.shape), placement_runs(tensor.shape, placements, sizes, coordinate))
    local = tuple(tensor._local_tensor.shape)  # type: ignore[attr-defined]
    if shard.shape != local and 0 not in (*shard.shape, *local):
        raise ValueError(
            f"the local tensor has shape {local}, but placements {placements} of shape "
            f"{tuple(tensor.shape)} on a mesh of "
            f"{sizes} give {shard.shape} to coordinate {tuple(coordinate)}; the meshes of the model and "
            "of the tensor "
            "must be the same"
        )
    return shard
