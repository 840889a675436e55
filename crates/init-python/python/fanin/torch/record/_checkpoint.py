"""Names in checkpoints: what a library calls the parameters, or parts of them, in the files that it saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from fanin.torch.record._names import canonical, named_tensors, unsaved_buffers

Names = str | Mapping[str, str] | Callable[[str], str]


@dataclass(frozen=True)
class Part:
    """A tensor of a checkpoint, and where it lies in the parameter that holds it.

    Attributes
    ----------
    name : str
        Its name in the checkpoint, which names its stream.
    shape : tuple of int
    stride : tuple of int or None
        In elements of the contiguous parameter; None if the part is the whole parameter.
    offset : int
    """

    name: str
    shape: tuple[int, ...]
    stride: tuple[int, ...] | None = None
    offset: int = 0

    def of(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return the part of a contiguous parameter."""
        if self.stride is None:
            return tensor
        offset = tensor.storage_offset() + self.offset
        return tensor.detach().as_strided(self.shape, self.stride, offset)


def parts(model: torch.nn.Module, names: Names, prefix: str) -> dict[str, list[Part]]:
    """Return the tensors of a checkpoint that each parameter and buffer of a model holds.

    Parameters
    ----------
    model : torch.nn.Module
    names : {"module", "checkpoint"}, mapping or callable
        ``"module"``: the names in the model. ``"checkpoint"``: those that a transformers model has in the
        files that ``save_pretrained`` writes, by the library's own conversions; a parameter that holds
        several tensors of the file, such as fused experts, has several parts. A mapping or callable gives the
        name in the checkpoint; a mapping leaves names that it does not have as they are.
    prefix : str
        What comes before each name.

    Raises
    ------
    ValueError
        If the names are unknown, two tensors get one name, or a conversion does more than rename and cut.
    """
    tensors = dict(named_tensors(model))
    if names == "checkpoint":
        found = _converted(model, tensors)
    elif names == "module":
        found = {name: [Part(name, tuple(tensor.shape))] for name, tensor in tensors.items()}
    elif isinstance(names, str):
        raise ValueError(f'names must be "module", "checkpoint", a mapping or a callable, got {names!r}')
    else:
        rename = (lambda name: names.get(name, name)) if isinstance(names, Mapping) else names
        found = {name: [Part(rename(name), tuple(tensor.shape))] for name, tensor in tensors.items()}
    taken: dict[str, str] = {}
    for name, pieces in found.items():
        for index, piece in enumerate(pieces):
            other = taken.setdefault(piece.name, name)
            if other != name or any(earlier.name == piece.name for earlier in pieces[:index]):
                raise ValueError(
                    f"{other} and {name} both have the name {piece.name} in the checkpoint; each tensor "
                    "needs a name of its own"
                )
    if prefix:
        found = {
            name: [Part(prefix + piece.name, piece.shape, piece.stride, piece.offset) for piece in pieces]
            for name, pieces in found.items()
        }
    return found


class _Views(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Lets copies be views, so that a tensor cut from a parameter still tells where it lies in it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.clone.default:
            return args[0]
        return func(*args, **(kwargs or {}))


def _converted(model: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> dict[str, list[Part]]:
    """Return the parts by the conversions of transformers, run on meta tensors."""
    inner: Any = model
    while not hasattr(inner, "config") and len(list(inner.children())) == 1:
        inner = next(iter(inner.children()))
    try:
        from transformers import PreTrainedModel
        from transformers.core_model_loading import revert_weight_conversion
    except ImportError as error:
        raise ValueError(f'names="checkpoint" needs transformers 5: {error}') from None
    if not isinstance(inner, PreTrainedModel):
        raise ValueError(
            f'names="checkpoint" needs a model of transformers, got {type(model).__name__}; pass a mapping '
            "or a callable from its names to those of the checkpoint"
        )
    unsaved = unsaved_buffers(model)
    empty = {
        name: torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
        for name, tensor in tensors.items()
        if name not in unsaved
    }
    owners = {tensor.untyped_storage()._cdata: name for name, tensor in empty.items()}
    found: dict[str, list[Part]] = {name: [] for name in empty}
    with _Views():  # type: ignore[no-untyped-call]
        saved = revert_weight_conversion(inner, dict(empty))
    for stored, tensor in saved.items():
        owner = owners.get(tensor.untyped_storage()._cdata)
        if owner is None:
            raise ValueError(
                f"transformers computes {stored} from the parameters when it saves, not only by names and "
                "cuts; pass names as a mapping or a callable"
            )
        whole = tensor.shape == empty[owner].shape and tensor.stride() == empty[owner].stride()
        stride = None if whole else tuple(tensor.stride())
        found[owner].append(
            Part(canonical(stored), tuple(tensor.shape), stride, int(tensor.storage_offset()))
        )
    for name, pieces in found.items():
        if sum(torch.Size(piece.shape).numel() for piece in pieces) != empty[name].numel():
            raise ValueError(f"transformers saves {name} in part only; pass names as a mapping or a callable")
    found.update({name: [Part(name, tuple(tensors[name].shape))] for name in unsaved if name in tensors})
    return found
