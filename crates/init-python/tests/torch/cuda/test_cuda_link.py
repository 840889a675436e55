"""The way to a device: pinned memory and events where there are any, blocking copies elsewhere."""

from __future__ import annotations

import pytest
import torch
from fanin.torch.cuda import _link
from fanin.torch.cuda._link import BlockingLink, PinnedLink, link_to

CUDA = torch.device("cuda:1")


class Accelerator:
    """Stands for torch.cuda, and notes what is done in which order."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def current_stream(self, device: torch.device) -> str:
        return f"stream of {device}"

    def Event(self) -> Accelerator:  # noqa: N802
        return self

    def record(self, stream: str) -> None:
        self.calls.append(("record", stream))

    def synchronize(self) -> None:
        self.calls.append("synchronize")


class Destination:
    """Stands for a tensor on the GPU."""

    def __init__(self, calls: list[object]) -> None:
        self.calls = calls

    def copy_(self, source: torch.Tensor, non_blocking: bool = False) -> None:
        self.calls.append(("copy", non_blocking))


@pytest.fixture
def accelerator(monkeypatch: pytest.MonkeyPatch) -> Accelerator:
    """Put a stand-in for torch.cuda in its place."""
    module = Accelerator()
    monkeypatch.setattr(torch, "get_device_module", lambda device: module)
    return module


def test_an_event_after_each_copy_tells_its_end(accelerator: Accelerator) -> None:
    destination = Destination(accelerator.calls)
    wait = PinnedLink(CUDA).copy(destination, torch.zeros(1))  # type: ignore[arg-type]
    assert accelerator.calls == [("copy", True), ("record", "stream of cuda:1")]
    wait()
    assert accelerator.calls[2:] == ["synchronize"]


def test_blocking_copies_need_no_waiting() -> None:
    calls: list[object] = []
    assert BlockingLink().copy(Destination(calls), torch.zeros(1)) is None  # type: ignore[arg-type, func-returns-value]
    assert calls == [("copy", False)]


def test_pinned_memory_is_used_where_the_system_gives_it(
    accelerator: Accelerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def empty(nbytes: int, dtype: torch.dtype, pin_memory: bool = False) -> torch.Tensor:
        asked.append(pin_memory)
        return torch.zeros(nbytes, dtype=dtype)

    monkeypatch.setattr(_link.torch, "empty", empty)
    assert isinstance(link_to(CUDA), PinnedLink) and asked == [True]
    assert isinstance(link_to(torch.device("xpu")), PinnedLink)
    for device in ("mps", "privateuseone"):
        assert isinstance(link_to(torch.device(device)), BlockingLink)


def test_without_pinned_memory_the_copies_block(
    accelerator: Accelerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def empty(nbytes: int, dtype: torch.dtype, pin_memory: bool = False) -> torch.Tensor:
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(_link.torch, "empty", empty)
    assert isinstance(link_to(CUDA), BlockingLink)
