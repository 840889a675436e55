"""The way from host memory to a device: buffers, copies and waiting for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch

Wait = Callable[[], object]
"""Blocks until a copy has read its source."""


class Link(Protocol):
    """What the ring needs of a device."""

    def buffer(self, nbytes: int) -> torch.Tensor:
        """Return host memory of `nbytes` bytes, as a tensor of uint8."""
        ...

    def copy(self, destination: torch.Tensor, source: torch.Tensor) -> Wait | None:
        """Start a copy. The source must not change until the result was called; None: the copy has ended."""
        ...


class PinnedLink:
    """Copies that run while the CPU goes on, from pinned memory, in the device's current stream."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._module: Any = torch.get_device_module(device)

    def buffer(self, nbytes: int) -> torch.Tensor:
        """Return pinned memory; RuntimeError where there is none."""
        return torch.empty(nbytes, dtype=torch.uint8, pin_memory=True)

    def copy(self, destination: torch.Tensor, source: torch.Tensor) -> Wait:
        """Start a copy and mark its end in the stream."""
        destination.copy_(source, non_blocking=True)
        event = self._module.Event()
        event.record(self._module.current_stream(self._device))
        return event.synchronize  # type: ignore[no-any-return]


class BlockingLink:
    """Copies that have ended when they return, from ordinary memory: for every device."""

    def buffer(self, nbytes: int) -> torch.Tensor:
        """Return ordinary memory."""
        return torch.empty(nbytes, dtype=torch.uint8)

    def copy(self, destination: torch.Tensor, source: torch.Tensor) -> None:
        """Copy, and wait for the end."""
        destination.copy_(source)


def link_to(device: torch.device) -> Link:
    """Return the link to a device: pinned for cuda and xpu where the system gives pinned memory."""
    if device.type in ("cuda", "xpu"):
        link = PinnedLink(device)
        try:
            link.buffer(1)
        except RuntimeError:
            return BlockingLink()
        return link
    return BlockingLink()
