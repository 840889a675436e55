"""Fills through the ring: the bits, the order of fills and copies, the life of the buffers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from fanin import Shard, Stream, _fanin
from fanin.torch import fill_ as fill_on_cpu
from fanin.torch.cuda import _ring, staging
from fanin.torch.cuda._link import BlockingLink
from fanin.torch.cuda._ring import Ring, ring_to
from fanin.torch.cuda._stage import stage


class LateLink:
    """A device whose copies read their source as late as they may: when somebody waits for them.

    A buffer that is filled again too early, or a copy nobody waits for, gives wrong values here.
    """

    def __init__(self) -> None:
        self.buffers: list[torch.Tensor] = []
        self.events: list[str] = []
        self.pending = 0

    def buffer(self, nbytes: int) -> torch.Tensor:
        self.events.append("buffer")
        self.buffers.append(torch.full((nbytes,), 255, dtype=torch.uint8))
        return self.buffers[-1]

    def copy(self, destination: torch.Tensor, source: torch.Tensor) -> Callable[[], None]:
        number = sum(event.startswith("copy") for event in self.events)
        self.events.append(f"copy {number}")
        self.pending += 1
        ended = False

        def wait() -> None:
            nonlocal ended
            assert not ended, "a copy is waited for once"
            ended = True
            self.pending -= 1
            self.events.append(f"wait {number}")
            destination.copy_(source)

        return wait


def staged(
    tensor: torch.Tensor, initializer: str, ring: Ring, shard: Shard | None = None, layout: str = "torch"
) -> torch.Tensor:
    """Fill a tensor through a ring and release the ring."""
    whole = tensor.shape if shard is None else shard.whole
    resolved = _fanin.resolve(initializer, whole, layout)
    try:
        stage(tensor, resolved, initializer, Stream(5), layout, shard, ring)
    finally:
        ring.release()
    return tensor


def expected(tensor: torch.Tensor, initializer: str, shard: Shard | None = None) -> torch.Tensor:
    """Return a contiguous tensor with the values of the CPU's door."""
    return fill_on_cpu(torch.empty(tensor.shape, dtype=tensor.dtype), initializer, 5, shard=shard)


DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("slot_bytes", [8, 1000, 4096, 1 << 20])
@pytest.mark.parametrize("slots", [1, 2, 3])
def test_bits_do_not_depend_on_the_size_and_number_of_buffers(
    dtype: torch.dtype, slot_bytes: int, slots: int
) -> None:
    shape = (7, 5, 3) if slot_bytes == 8 else (41, 59, 3)
    for initializer in ["normal(std=0.5)", "uniform(low=-1, high=1)", "eye", "embedding(padding_idx=3)"]:
        if initializer in ("eye", "embedding(padding_idx=3)"):
            shape = shape[:2]
        tensor = staged(torch.zeros(shape, dtype=dtype), initializer, Ring(LateLink(), slot_bytes, slots))
        assert torch.equal(tensor, expected(tensor, initializer)), initializer


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.zeros(19, 8, 5, 7).to(memory_format=torch.channels_last),
        lambda: torch.zeros(50, 70).t(),
        lambda: torch.zeros(60, 90)[3:47:2, 5:80:3],
        lambda: torch.zeros(6, 1, 40).transpose(0, 2),
        lambda: torch.zeros(()),
        lambda: torch.zeros(3, 0, 2),
        lambda: torch.zeros(100)[::3],
    ],
    ids=["channels_last", "transposed", "sliced", "axis of one", "scalar", "empty", "step"],
)
@pytest.mark.parametrize("slot_bytes", [8, 100, 1024])
def test_strided_tensors_get_the_values_of_their_logical_index(
    make: Callable[[], torch.Tensor], slot_bytes: int
) -> None:
    tensor = staged(make(), "normal(std=0.5)", Ring(LateLink(), slot_bytes))
    assert torch.equal(tensor, expected(tensor, "normal(std=0.5)"))


SHARDS = [
    Shard((130, 70), (64, 0), (66, 70)),
    Shard((130, 70), (0, 35), (130, 35)),
    Shard.of_runs((128, 70), [[(0, 16), (64, 16)], [(0, 70)]]),
    Shard.of_runs((128, 70), [[(64, 16), (0, 16)], [(60, 10), (10, 5)]]),
    Shard((6, 5, 4, 3, 2), (1, 2, 0, 1, 0), (4, 3, 4, 2, 2)),
    Shard((6, 4), (6, 0), (0, 4)),
]


@pytest.mark.parametrize("shard", SHARDS, ids=str)
@pytest.mark.parametrize("slot_bytes", [8, 600, 1 << 16])
def test_shards_in_pieces_get_the_values_of_the_whole_tensor(shard: Shard, slot_bytes: int) -> None:
    for dtype in (torch.float32, torch.bfloat16):
        tensor = staged(torch.zeros(shard.shape, dtype=dtype), "normal", Ring(LateLink(), slot_bytes), shard)
        assert torch.equal(tensor, expected(tensor, "normal", shard))


def test_a_structured_fill_whose_parts_cost_as_much_as_the_whole_is_computed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    fill_address, fill_range = _fanin.fill_address, _fanin.fill_range
    monkeypatch.setattr(_fanin, "fill_address", lambda *a: (calls.append("address"), fill_address(*a))[1])
    monkeypatch.setattr(_fanin, "fill_range", lambda *a: (calls.append("range"), fill_range(*a))[1])
    for initializer in ["orthogonal", "sparse(sparsity=0.5)"]:
        calls.clear()
        tensor = staged(torch.zeros(40, 60), initializer, Ring(LateLink(), 512))
        assert calls == ["address"]
        assert torch.equal(tensor, expected(tensor, initializer))


def test_a_buffer_is_filled_while_the_other_is_copied_and_never_before_its_own_copy_has_ended() -> None:
    link = LateLink()
    ring = Ring(link, 64, 2)
    fills: list[tuple[int, int]] = []
    destinations = [torch.zeros(16) for _ in range(5)]
    for number, destination in enumerate(destinations):

        def fill(address: int, number: int = number) -> None:
            link.events.append(f"fill {number}")
            fills.append((address, link.pending))
            _fanin.fill_range(address, "f32", (16,), f"constant({number})", 0, 0, 16)

        ring.send(destination, fill)
    ring.release()
    steady = [f"{event} {number}" for number in range(2, 5) for event in ("wait", "fill", "copy")]
    for index, event in enumerate(steady):
        if event.startswith("wait"):
            steady[index] = f"wait {int(event[5:]) - 2}"
    start = ["buffer", "fill 0", "copy 0", "buffer", "fill 1", "copy 1"]
    assert link.events == [*start, *steady, "wait 4", "wait 3"]
    assert [pending for _, pending in fills] == [0, 1, 1, 1, 1]
    assert len({address for address, _ in fills}) == 2
    assert [tensor.unique().tolist() for tensor in destinations] == [[0], [1], [2], [3], [4]]


def test_the_test_device_notices_a_buffer_that_is_reused_too_early() -> None:
    link = LateLink()
    buffer = link.buffer(64).view(torch.float32)
    first, second = torch.zeros(16), torch.zeros(16)
    buffer.fill_(1)
    wait = link.copy(first, buffer)
    buffer.fill_(2)
    wait()
    link.copy(second, buffer)
    assert first.unique().tolist() == [2] and second.unique().tolist() == [0]


def test_a_fill_that_fails_waits_for_the_copies_before_and_leaves_the_ring_usable() -> None:
    link = LateLink()
    ring = Ring(link, 64, 2)
    done, failed, after = torch.zeros(16), torch.zeros(16), torch.zeros(16)
    ring.send(done, lambda address: _fanin.fill_range(address, "f32", (16,), "ones", 0, 0, 16))

    def fail(address: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ring.send(failed, fail)
    ring.send(after, lambda address: _fanin.fill_range(address, "f32", (16,), "ones", 0, 0, 16))
    ring.release()
    assert link.pending == 0
    assert torch.equal(done, torch.ones(16)) and torch.equal(after, torch.ones(16))
    assert torch.equal(failed, torch.zeros(16))


def test_a_released_ring_holds_no_memory_and_allocates_again_when_used() -> None:
    link = LateLink()
    ring = Ring(link, 64)
    for _ in range(2):
        ring.send(torch.zeros(4), lambda address: None)
        ring.release()
    assert link.events.count("buffer") == 2
    assert ring._slots == []


def test_a_piece_larger_than_a_buffer_is_refused() -> None:
    with pytest.raises(ValueError, match="128 bytes exceeds the buffer of 64 bytes"):
        Ring(LateLink(), 64).send(torch.zeros(32), lambda address: None)
    with pytest.raises(ValueError, match="at least 8 bytes"):
        Ring(LateLink(), 4)


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> list[LateLink]:
    """Replace the link to any device by LateLink; return the links that are made."""
    made: list[LateLink] = []

    def link_to(device: torch.device) -> LateLink:
        made.append(LateLink())
        return made[-1]

    monkeypatch.setattr(_ring, "link_to", link_to)
    return made


def test_a_fill_outside_a_staging_block_has_ended_when_it_returns(links: list[LateLink]) -> None:
    tensor, cpu = torch.zeros(16), torch.device("cpu")
    with ring_to(cpu, 64) as ring:
        ring.send(tensor, lambda address: _fanin.fill_range(address, "f32", (16,), "ones", 0, 0, 16))
        assert ring.slot_bytes == 64
    assert torch.equal(tensor, torch.ones(16))
    assert [link.pending for link in links] == [0]


def test_a_staging_block_lends_one_ring_for_each_device_and_ends_with_all_copies(
    links: list[LateLink],
) -> None:
    cpu, other = torch.device("cpu"), torch.device("meta")
    tensors = [torch.zeros(16) for _ in range(4)]
    with staging(slot_bytes=64):
        for device in (cpu, other):
            for tensor in tensors:
                with ring_to(device, 64) as ring, staging():
                    ring.send(
                        tensor, lambda address: _fanin.fill_range(address, "f32", (16,), "ones", 0, 0, 16)
                    )
        assert [link.pending for link in links] == [2, 2]
    assert [link.pending for link in links] == [0, 0]
    assert [link.events.count("buffer") for link in links] == [2, 2]
    assert all(torch.equal(tensor, torch.ones(16)) for tensor in tensors)


def test_a_staging_block_that_raises_waits_for_the_copies(links: list[LateLink]) -> None:
    tensor = torch.zeros(16)
    with pytest.raises(RuntimeError, match="stop"), staging(), ring_to(torch.device("cpu"), 64) as ring:
        ring.send(tensor, lambda address: _fanin.fill_range(address, "f32", (16,), "ones", 0, 0, 16))
        raise RuntimeError("stop")
    assert links[0].pending == 0 and torch.equal(tensor, torch.ones(16))
    with ring_to(torch.device("cpu"), 64):
        assert len(links) == 2


def test_devices_without_pinned_memory_are_filled_by_blocking_copies() -> None:
    tensor = staged(torch.zeros(41, 59), "normal", Ring(BlockingLink(), 1000))
    assert torch.equal(tensor, expected(tensor, "normal"))
