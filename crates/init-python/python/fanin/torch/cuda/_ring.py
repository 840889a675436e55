"""A ring of host buffers: one is filled while the others are copied to a device."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from fanin.torch.cuda._link import Link, Wait, link_to

SLOT_BYTES = 16 << 20
SLOTS = 2

_local = threading.local()


@dataclass
class _Slot:
    """One buffer, and the copy that may still read it."""

    buffer: torch.Tensor
    wait: Wait | None = None

    def free(self) -> torch.Tensor:
        """Wait for the copy that reads the buffer, and return the buffer."""
        if self.wait is not None:
            wait, self.wait = self.wait, None
            wait()
        return self.buffer


class Ring:
    """Host buffers of one thread for one device.

    Parameters
    ----------
    link : Link
    slot_bytes : int
        Bytes of a buffer.
    slots : int
        Number of buffers.
    """

    def __init__(self, link: Link, slot_bytes: int = SLOT_BYTES, slots: int = SLOTS) -> None:
        if slot_bytes < 8 or slots < 1:
            raise ValueError(
                f"a ring needs a slot of at least 8 bytes, got {slots} slots of {slot_bytes} bytes"
            )
        self.slot_bytes = slot_bytes
        self._link = link
        self._count = slots
        self._slots: list[_Slot] = []
        self._next = 0

    def send(self, destination: torch.Tensor, fill: Callable[[int], None]) -> None:
        """Fill a buffer and start its copy to `destination`.

        Parameters
        ----------
        destination : torch.Tensor
            Of any strides, at most `slot_bytes` bytes.
        fill : callable
            Gets an address and writes the elements of `destination` there, contiguous in row-major order.
        """
        nbytes = destination.numel() * destination.element_size()
        if nbytes > self.slot_bytes:
            raise ValueError(f"a piece of {nbytes} bytes exceeds the buffer of {self.slot_bytes} bytes")
        if self._next == len(self._slots):
            self._slots.append(_Slot(self._link.buffer(self.slot_bytes)))
        slot = self._slots[self._next]
        source = slot.free()[:nbytes].view(destination.dtype).view(destination.shape)
        fill(source.data_ptr())
        slot.wait = self._link.copy(destination, source)
        self._next = (self._next + 1) % self._count

    def release(self) -> None:
        """Wait for the copies and give the buffers back."""
        slots, self._slots, self._next = self._slots, [], 0
        for slot in slots:
            slot.free()


@contextmanager
def staging(slot_bytes: int = SLOT_BYTES) -> Iterator[None]:
    """Keep the pinned buffers between the fills of a block: a tensor is filled while another is copied.

    A fill outside such a block allocates its buffers, waits for its copies and gives the buffers back. In the
    block the buffers are allocated once for each device, and the end of the block waits for all copies. The
    block belongs to the thread that entered it.

    Parameters
    ----------
    slot_bytes : int
        Bytes of each of the two buffers for a device.

    Examples
    --------
    >>> import torch, fanin.torch.cuda
    >>> with fanin.torch.cuda.staging():
    ...     for name, weight in torch.nn.Linear(4, 4).named_parameters():
    ...         _ = fanin.torch.fill_(weight, "normal(std=0.02)", 0, name=name)
    """
    outer = getattr(_local, "rings", None)
    if outer is not None:
        # The rings of the outer block serve the inner one too.
        yield
        return
    if slot_bytes < 8:
        raise ValueError(f"slot_bytes must be at least 8, got {slot_bytes}")
    rings: dict[torch.device, Ring] = {}
    _local.rings, _local.slot_bytes = rings, slot_bytes
    try:
        yield
    finally:
        _local.rings = None
        _release(list(rings.values()))


@contextmanager
def ring_to(device: torch.device, nbytes: int) -> Iterator[Ring]:
    """Lend the ring of the `staging` block, or one for `nbytes` bytes that is released at the end."""
    rings: dict[torch.device, Ring] | None = getattr(_local, "rings", None)
    if rings is not None:
        if device not in rings:
            rings[device] = Ring(link_to(device), _local.slot_bytes)
        yield rings[device]
        return
    ring = Ring(link_to(device), min(SLOT_BYTES, max(nbytes, 8)))
    try:
        yield ring
    finally:
        ring.release()


def _release(rings: list[Ring]) -> None:
    """Release all rings, also where one of them fails; raise the first error."""
    error: BaseException | None = None
    for ring in rings:
        try:
            ring.release()
        except BaseException as caught:
            error = error or caught
    if error is not None:
        raise error
