"""Filling the local part of a DTensor."""

from __future__ import annotations

import torch

from fanin._fanin import Initializer, Stream, resolve
from fanin.torch._tensor import DTYPES, fill_tensor
from fanin.torch.distributed._placements import shard_of


def fill_dtensor(
    tensor: torch.Tensor, initializer: str | Initializer, stream: Stream, *, layout: str | None = None
) -> None:
    """Fill the local part of a DTensor with the values that the whole tensor has there.

    No rank communicates and none has the whole tensor. A part of `orthogonal` is computed from the
    reflections of its columns; `materialize_(exchange=True)` shares that work.

    Raises
    ------
    ValueError
        If the placement is partial, or the initializer does not fit the whole tensor's shape.
    """
    shard = shard_of(tensor)
    if tensor.dtype not in DTYPES:
        raise TypeError(f"the tensor must be of float32, float64, bfloat16 or float16, got {tensor.dtype}")
    resolve(initializer, tuple(tensor.shape), layout)
    local = tensor._local_tensor  # type: ignore[attr-defined]
    if shard is None or local.numel() == 0:
        return
    with torch.no_grad():
        fill_tensor(local, initializer, stream, layout=layout, shard=shard)


def copy_part(tensor: torch.Tensor, whole: torch.Tensor) -> None:
    """Copy to the local part of a DTensor what it has of a whole tensor."""
    shard = shard_of(tensor)
    local = tensor._local_tensor  # type: ignore[attr-defined]
    if shard is None or local.numel() == 0:
        return
    part = whole
    for axis, runs in enumerate(shard.runs):
        if runs != [(0, whole.shape[axis])]:
            part = torch.cat([part.narrow(axis, start, length) for start, length in runs], dim=axis)
    with torch.no_grad():
        local.copy_(part)
