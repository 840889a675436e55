"""Fills of a device tensor in pieces of a ring's buffers."""

from __future__ import annotations

import torch

from fanin import _fanin
from fanin._fanin import Initializer, Resolved, Shard, Stream
from fanin.torch._tensor import DTYPES
from fanin.torch.cuda._boxes import Box, boxes, part_of_runs
from fanin.torch.cuda._ring import Ring

# Structured fills of which a part costs more than its share: they are computed once, in host memory.
_WHOLE = ("orthogonal", "delta_orthogonal", "sparse")


def stage(
    tensor: torch.Tensor,
    resolved: Resolved,
    initializer: str | Initializer,
    stream: Stream,
    layout: str | None,
    shard: Shard | None,
    ring: Ring,
) -> None:
    """Fill a tensor piece by piece, each computed in a buffer of the ring and copied.

    Parameters
    ----------
    tensor : torch.Tensor
        Of any strides, on any device; no two elements share memory.
    resolved : Resolved
        What the initializer resolves to for the shape of the whole tensor.
    initializer, stream, layout, shard
        As for `fanin.torch.fill_`.
    ring : Ring
        Buffers whose link leads to the tensor's device.
    """
    limit = ring.slot_bytes // tensor.element_size()
    if resolved.kind == "structured" and resolved.text.split("(")[0] in _WHOLE and tensor.numel() > limit:
        _whole(tensor, initializer, stream, layout, shard, ring)
    elif shard is None:
        _ranges(tensor, initializer, stream, layout, ring, limit)
    else:
        _parts(tensor, initializer, stream, layout, shard, ring, limit)


def _ranges(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream,
    layout: str | None,
    ring: Ring,
    limit: int,
) -> None:
    """Fill a whole tensor by ranges of its row-major order."""
    dtype, shape, threads = DTYPES[tensor.dtype], tensor.shape, torch.get_num_threads()
    target = tensor.detach().view(-1) if tensor.is_contiguous() else tensor.detach()
    offset = 0
    for box in boxes(target.shape, limit):
        destination = _view(target, box)
        start, length = offset, destination.numel()

        def fill(address: int, start: int = start, length: int = length) -> None:
            _fanin.fill_range(address, dtype, shape, initializer, stream, start, length, layout, threads)

        ring.send(destination, fill)
        offset += length


def _parts(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream,
    layout: str | None,
    shard: Shard,
    ring: Ring,
    limit: int,
) -> None:
    """Fill a shard by smaller shards."""
    dtype, whole, threads = DTYPES[tensor.dtype], shard.whole, torch.get_num_threads()
    runs, target = shard.runs, tensor.detach()
    for box in boxes(target.shape, limit):
        destination = _view(target, box)
        part = Shard.of_runs(whole, [part_of_runs(axis, run) for axis, run in zip(runs, box, strict=True)])

        def fill(address: int, part: Shard = part) -> None:
            _fanin.fill_address(address, dtype, part.shape, None, initializer, stream, layout, part, threads)

        ring.send(destination, fill)


def _whole(
    tensor: torch.Tensor,
    initializer: str | Initializer,
    stream: Stream,
    layout: str | None,
    shard: Shard | None,
    ring: Ring,
) -> None:
    """Fill host memory of the tensor's size, and copy it."""
    host = torch.empty(tensor.shape, dtype=tensor.dtype)
    address, dtype, threads = host.data_ptr(), DTYPES[tensor.dtype], torch.get_num_threads()
    _fanin.fill_address(address, dtype, tensor.shape, None, initializer, stream, layout, shard, threads)
    tensor.detach().copy_(host)


def _view(tensor: torch.Tensor, box: Box) -> torch.Tensor:
    """Return the view of a box."""
    for axis, (start, length) in enumerate(box):
        if length != tensor.shape[axis]:
            tensor = tensor.narrow(axis, start, length)
    return tensor
