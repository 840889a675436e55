"""Canonical names of parameters, and the tensors of a model under them."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

_WRAPPERS = ("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")


def canonical(name: str) -> str:
    """Return a name without the parts that wrappers add (DDP, torch.compile, FSDP, checkpointing).

    Examples
    --------
    >>> canonical("module._orig_mod.layers.0.weight")
    'layers.0.weight'
    """
    parts = name.split(".")
    while parts and parts[0] == "module" and len(parts) > 1:
        parts = parts[1:]
    return ".".join(part for part in parts if part not in _WRAPPERS[1:])


def named_parameters(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Parameter]]:
    """Yield the parameters by canonical name; of tied ones the first name only."""
    for name, parameter in model.named_parameters():
        _refuse_lazy(name, parameter)
        yield canonical(name), parameter


def named_tensors(model: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the parameters and buffers by canonical name; of tied ones the first name only."""
    yield from named_parameters(model)
    for name, buffer in model.named_buffers():
        _refuse_lazy(name, buffer)
        yield canonical(name), buffer


def _refuse_lazy(name: str, tensor: torch.Tensor) -> None:
    if isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
        raise ValueError(
            f"{name} is a lazy parameter without a shape; run one forward pass with example inputs first"
        )
