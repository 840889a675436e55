"""Megatron-LM: the ``init_method`` of its tensor-parallel layers."""

from __future__ import annotations

from collections.abc import Callable

import torch

from fanin._fanin import Initializer, Shard, Stream
from fanin.torch._tensor import fill_tensor


def init_method(
    initializer: str | Initializer,
    seed: int,
    name: str,
    *,
    partition_dim: int | None = None,
    rank: int = 0,
    world: int = 1,
    stride: int = 1,
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return an ``init_method`` that fills a rank's part of a weight with the values of the whole.

    Fans, bounds and orthogonality are those of the whole weight, whatever the tensor-parallel size.

    Parameters
    ----------
    initializer : str or fanin.Initializer
    seed : int
    name : str
        The full name of the parameter: it selects the stream.
    partition_dim : int, optional
        The axis that is split over ranks: 0 for ColumnParallelLinear and VocabParallelEmbedding, 1 for
        RowParallelLinear. None fills the weight as a whole, as ``use_cpu_initialization`` passes it.
    rank, world : int
        This rank's number and the number of ranks of the tensor-parallel group.
    stride : int
        The number of interleaved blocks that Megatron splits separately, such as 2 for gate and up.

    Examples
    --------
    >>> import torch, fanin.torch
    >>> method = fanin.torch.adapters.init_method
    >>> whole = method("normal(std=0.02)", 42, "w")(torch.empty(8, 4))
    >>> part = method("normal(std=0.02)", 42, "w", partition_dim=0, rank=1, world=2)(torch.empty(4, 4))
    >>> torch.equal(part, whole[4:])
    True
    """
    if not 0 <= rank < world:
        raise ValueError(f"rank must be from 0 to {world - 1}, got {rank}")
    if stride < 1:
        raise ValueError(f"stride must be at least 1, got {stride}")
    parsed = initializer if isinstance(initializer, Initializer) else Initializer(initializer)
    stream = Stream(seed).child(name)

    def fill(weight: torch.Tensor) -> torch.Tensor:
        fill_tensor(weight, parsed, stream, shard=_part(weight))
        return weight

    def _part(weight: torch.Tensor) -> Shard | None:
        if partition_dim is None or world == 1:
            return None
        if not -weight.ndim <= partition_dim < weight.ndim:
            raise ValueError(
                f"partition_dim must be an axis of shape {tuple(weight.shape)}, got {partition_dim}"
            )
        axis = partition_dim % weight.ndim
        size, rest = divmod(weight.shape[axis], stride)
        if rest:
            raise ValueError(
                f"axis {axis} of size {weight.shape[axis]} must be divisible by the stride {stride}"
            )
        whole = [count * world if at == axis else count for at, count in enumerate(weight.shape)]
        runs = [[(0, count)] for count in weight.shape]
        runs[axis] = [((block * world + rank) * size, size) for block in range(stride)]
        return Shard.of_runs(whole, runs)

    return fill
