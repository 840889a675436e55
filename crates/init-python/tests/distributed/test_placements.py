"""Placements without processes: a simulated mesh of 1,024 ranks, and the runs of single ranks."""

from __future__ import annotations

import itertools

import fanin
import pytest

torch = pytest.importorskip("torch")

from fanin.torch.distributed import placement_runs  # noqa: E402
from torch.distributed.tensor import Replicate, Shard  # noqa: E402
from torch.distributed.tensor.placement_types import Partial, _StridedShard  # noqa: E402

MESH = (128, 8)
# FSDP2 over tensor parallelism: columns are cut by TP first, and FSDP cuts axis 0 of what is left.
COLUMNS = (_StridedShard(0, split_factor=8), Shard(0))
ROWS = (Shard(0), Shard(1))
NORM = (Shard(0), Replicate())
LLAMA_70B = {
    "embed_tokens": ((128256, 8192), COLUMNS),
    "q_proj": ((8192, 8192), COLUMNS),
    "k_proj": ((1024, 8192), COLUMNS),
    "o_proj": ((8192, 8192), ROWS),
    "gate_proj": ((28672, 8192), COLUMNS),
    "down_proj": ((8192, 28672), ROWS),
    "norm": ((8192,), NORM),
    "odd": ((1000, 37), (_StridedShard(0, split_factor=8), Shard(0))),
}


@pytest.mark.parametrize("name", LLAMA_70B)
def test_1024_ranks_cover_a_70b_llama_exactly_once(name: str) -> None:
    shape, placements = LLAMA_70B[name]
    boxes = []
    for coordinate in itertools.product(*map(range, MESH)):
        if any(
            index and placement.is_replicate()
            for index, placement in zip(coordinate, placements, strict=True)
        ):
            continue
        runs = placement_runs(shape, placements, MESH, coordinate)
        boxes += [tuple(box) for box in itertools.product(*runs)]
    covered = sum(torch.tensor([length for _, length in box]).prod().item() for box in boxes)
    assert covered == torch.tensor(shape).prod().item()
    # As many elements as the tensor, and no two boxes overlap: each element once.
    rows = sorted(boxes)
    seen: dict[tuple[tuple[int, int], ...], int] = {}
    for box in rows:
        key = box[1:]
        assert box[0][0] >= seen.get(key, 0), f"{box} overlaps"
        seen[key] = box[0][0] + box[0][1]


def test_the_last_ranks_are_smaller_or_empty_as_torch_chunk_has_it() -> None:
    sizes = [sum(n for _, n in placement_runs((10,), [Shard(0)], [4], [rank])[0]) for rank in range(4)]
    assert sizes == [3, 3, 3, 1]
    sizes = [sum(n for _, n in placement_runs((3,), [Shard(0)], [4], [rank])[0]) for rank in range(4)]
    assert sizes == [1, 1, 1, 0]


def test_interleaved_runs_are_those_of_torch() -> None:
    # The example in PyTorch's documentation of _StridedShard: 9 elements, split factor 2, 4 ranks.
    placement = _StridedShard(0, split_factor=2)
    found = [placement_runs((9,), [placement], [4], [rank])[0] for rank in range(4)]
    assert found == [[(0, 2), (5, 1)], [(2, 2), (6, 1)], [(4, 1), (7, 1)], [(8, 1)]]
    values = fanin.init((9,), "normal", 1)
    part = fanin.init((9,), "normal", 1, shard=fanin.Shard.of_runs((9,), [found[0]]))
    assert part.tolist() == values[[0, 1, 5]].tolist()


def test_partial_placements_and_missing_axes_are_refused() -> None:
    with pytest.raises(ValueError, match="redistribute"):
        placement_runs((4,), [Partial()], [2], [0])
    with pytest.raises(ValueError, match="not an axis"):
        placement_runs((4,), [Shard(1)], [2], [0])
