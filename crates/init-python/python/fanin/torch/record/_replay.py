"""Running a tape: draws from their streams, then what is computed from them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes
from torch.utils._pytree import tree_map_only

from fanin._fanin import Stream
from fanin.torch._tensor import fill_tensor
from fanin.torch.record._tape import Draw, Replay, Tape, storage_key, tensors, whole_storage


class Player:
    """Runs nodes of a tape in order, each storage with memory of its own or with memory that is given.

    Parameters
    ----------
    tape : Tape
    stream_of : callable
        The stream of the draw with an index.
    device : torch.device
        Where memory is allocated for tensors on the meta device.
    """

    def __init__(self, tape: Tape, stream_of: Callable[[int], Stream], device: torch.device) -> None:
        self.tape = tape
        self.stream_of = stream_of
        self.device = device
        self.memory: dict[int, torch.Tensor] = {}

    def place(self, recorded: torch.Tensor, actual: torch.Tensor) -> None:
        """Let `actual`, of the same shape and strides, stand for the memory of `recorded`."""
        self.memory[storage_key(recorded)] = actual

    def run(self, keys: Iterable[int]) -> None:
        """Run all nodes that the storages need. Memory that no later node reads and nobody placed is "
        "released."""
        keys = set(keys)
        kept = keys | set(self.memory)
        indices = self.tape.closure(keys)
        self._produced = {key for index in indices for key in self.tape.nodes[index].writes}
        last: dict[int, int] = {}
        for index in indices:
            for key in self._touched(index):
                last[key] = index
        with _disable_current_modes(), torch.no_grad():
            for index in indices:
                self._run(index)
                for key in self._touched(index):
                    if last[key] == index and key not in kept:
                        self.memory.pop(key, None)

    def value(self, recorded: torch.Tensor) -> torch.Tensor:
        """Return the tensor that has the values of a recorded one."""
        return self._where(recorded, frozenset())

    def _touched(self, index: int) -> set[int]:
        node = self.tape.nodes[index]
        read = tensors(node.args, node.kwargs) if isinstance(node, Replay) else ()
        return {*node.writes, *(storage_key(tensor) for tensor in read)}

    def _run(self, index: int) -> None:
        node = self.tape.nodes[index]
        if isinstance(node, Draw):
            fill_tensor(self._where(node.target, frozenset()), node.text, self.stream_of(index))
            return
        node.check()
        real = frozenset(id(tensor) for tensor, _ in node.versions)
        args, kwargs = tree_map_only(
            torch.Tensor, lambda tensor: self._where(tensor, real), (node.args, node.kwargs)
        )
        if kwargs.get("device") is not None and torch.device(kwargs["device"]).type == "meta":
            kwargs["device"] = self.device
        with _seeded(self.stream_of(index)) if node.random else contextlib.nullcontext():
            result = node.function(*args, **kwargs)
        for recorded, actual in zip(node.outputs or (), tensors(result), strict=False):
            self._keep(recorded, actual)

    def _keep(self, recorded: torch.Tensor, actual: torch.Tensor) -> None:
        """Take a computed tensor as the memory of the recorded one, or copy it to where that is."""
        key = storage_key(recorded)
        same = actual.stride() == recorded.stride() and actual.storage_offset() == recorded.storage_offset()
        if key not in self.memory and same:
            self.memory[key] = actual
        else:
            self._where(recorded, frozenset()).copy_(actual)

    def _where(self, recorded: torch.Tensor, real: frozenset[int]) -> torch.Tensor:
        """Return the tensor that stands for a recorded one."""
        key = storage_key(recorded)
        if key not in self._produced and key not in self.memory and not recorded.is_meta:
            return recorded
        if id(recorded) in real:
            if key not in self._produced:
                return recorded
            if key not in self.memory:
                self.memory[key] = whole_storage(recorded).clone()
        base = self.memory.get(key)
        if base is None:
            base = self.memory[key] = _allocate(recorded, self.device)
        return base.as_strided(recorded.shape, recorded.stride(), recorded.storage_offset())

    _produced: set[int] = set()


@contextlib.contextmanager
def _seeded(stream: Stream) -> Iterator[None]:
    """Let PyTorch draw on the CPU by a stream, and restore its generator afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(stream.key[0] >> 1)
        yield


def _allocate(recorded: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return memory for the storage of a recorded tensor; for a DTensor that of the whole tensor."""
    if hasattr(recorded, "_local_tensor"):
        count = recorded.numel()
    else:
        count = recorded.untyped_storage().nbytes() // recorded.element_size()
    where = device if recorded.is_meta or hasattr(recorded, "_local_tensor") else recorded.device
    return torch.empty(count, dtype=recorded.dtype, device=where)


def materialise_now(tape: Tape, tensor: torch.Tensor, stream: Stream) -> None:
    """Give a tensor on the CPU its values while the recording goes on."""
    key = storage_key(tensor)
    player = Player(tape, lambda index: stream.child(index), tensor.device)
    player.run([key])
    with _disable_current_modes(), torch.no_grad():
        base = player.memory[key]
        whole_storage(tensor).copy_(base.as_strided(whole_storage(tensor).shape, (1,), 0))
    tape.forget(key)


def values_now(tape: Tape, tree: Any, stream: Stream) -> Any:
    """Return nested arguments with the values of their meta tensors, while the recording goes on."""
    meta = [tensor for tensor in tensors(tree) if tensor.is_meta]
    player = Player(tape, lambda index: stream.child(index), torch.device("cpu"))
    player.run(storage_key(tensor) for tensor in meta)
    with _disable_current_modes():
        return tree_map_only(
            torch.Tensor, lambda tensor: player.value(tensor) if tensor.is_meta else tensor, tree
        )
