"""The tape of a recording: draws and replayed operations, and what each of them reads and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch


def storage_key(tensor: torch.Tensor) -> int:
    """Return what identifies the memory of a tensor; of a DTensor, that of its local tensor."""
    local = getattr(tensor, "_local_tensor", tensor)
    return int(local.untyped_storage()._cdata)


def is_whole(tensor: torch.Tensor) -> bool:
    """Return whether a tensor is all of its memory, in row-major order."""
    local = getattr(tensor, "_local_tensor", tensor)
    return bool(
        local.is_contiguous()
        and local.storage_offset() == 0
        and local.numel() * local.element_size() == local.untyped_storage().nbytes()
    )


def is_dense(tensor: torch.Tensor) -> bool:
    """Return whether a tensor is all of its memory, in any order of axes (channels_last, transposed)."""
    local = getattr(tensor, "_local_tensor", tensor)
    return bool(
        (local.is_contiguous() or torch.ops.aten.is_non_overlapping_and_dense(local))
        and local.numel() * local.element_size() == local.untyped_storage().nbytes()
    )


def same_order(target: torch.Tensor, root: torch.Tensor) -> bool:
    """Return whether filling `target` fills `root` in the same order of elements."""
    return target.shape == root.shape and target.stride() == root.stride() and is_dense(target)


def same_memory(recorded: torch.Tensor, target: torch.Tensor) -> bool:
    """Return whether the target can stand for the memory of a recorded tensor."""
    return (
        is_dense(recorded)
        and is_dense(target)
        and recorded.dtype == target.dtype
        and recorded.shape == target.shape
        and recorded.stride() == target.stride()
    )


def whole_storage(tensor: torch.Tensor) -> torch.Tensor:
    """Return all elements of a tensor's storage."""
    count = tensor.untyped_storage().nbytes() // tensor.element_size()
    return tensor.detach().as_strided((count,), (1,), 0)


def tensors(*trees: Any) -> list[torch.Tensor]:
    """Return the tensors in nested arguments."""
    found: list[torch.Tensor] = []
    for tree in trees:
        if isinstance(tree, torch.Tensor):
            found.append(tree)
        elif isinstance(tree, (tuple, list)):
            found += tensors(*tree)
        elif isinstance(tree, dict):
            found += tensors(*tree.values())
    return found


@dataclass(eq=False)
class Draw:
    """A fill with the values of an initializer, noted instead of made."""

    target: torch.Tensor
    text: str
    needs: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()

    @property
    def random(self) -> bool:
        """Whether the values depend on a stream."""
        return not self.text.startswith(("constant", "eye", "dirac", "zeros", "ones"))

    def __str__(self) -> str:
        return self.text


@dataclass(eq=False)
class Replay:
    """An operation on recorded tensors, noted to be run with their values."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: list[torch.Tensor] | None
    needs: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()
    versions: list[tuple[torch.Tensor, int]] = field(default_factory=list)
    random: bool = False

    def __str__(self) -> str:
        schema: Any = getattr(self.function, "_schema", None)
        return str(schema.name if schema else self.function).removeprefix("aten::")

    def check(self) -> None:
        """Refuse to replay an operation whose other inputs have changed since it was recorded."""
        for tensor, version in self.versions:
            if tensor._version != version:
                raise RuntimeError(
                    f"the operation {self} reads a tensor of shape {tuple(tensor.shape)} that was changed "
                    "after the "
                    "recording; fill the model before anything else changes it"
                )


Node = Draw | Replay


class Tape:
    """The nodes in the order of recording, and for each storage the nodes that its values come from."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.sources: dict[int, tuple[int, ...]] = {}
        self._alive: list[Any] = []

    def __contains__(self, key: int) -> bool:
        return key in self.sources

    def add(
        self, node: Node, reads: Iterable[torch.Tensor], writes: Iterable[torch.Tensor], whole: bool
    ) -> None:
        """Append a node that reads some tensors and writes others, the last `whole` or in part."""
        writes = list(writes)
        needs: set[int] = set()
        for tensor in reads:
            needs.update(self.sources.get(storage_key(tensor), ()))
        if not whole:
            for tensor in writes:
                needs.update(self.sources.get(storage_key(tensor), ()))
        node.needs = tuple(sorted(needs))
        node.writes = tuple(storage_key(tensor) for tensor in writes)
        index = len(self.nodes)
        self.nodes.append(node)
        self._alive.append((node, writes))
        for tensor in writes:
            self.sources[storage_key(tensor)] = (index,)

    def forget(self, key: int) -> None:
        """Forget what was recorded for memory that was overwritten."""
        self.sources.pop(key, None)

    def closure(self, keys: Iterable[int]) -> list[int]:
        """Return the indices of all nodes that the storages need, in order."""
        found: set[int] = set()
        stack = [index for key in keys for index in self.sources.get(key, ())]
        while stack:
            index = stack.pop()
            if index not in found:
                found.add(index)
                stack.extend(self.nodes[index].needs)
        return sorted(found)

    def nodes_of(self, keys: Iterable[int]) -> Iterator[Node]:
        """Yield all nodes that the storages need, in order."""
        return (self.nodes[index] for index in self.closure(keys))
