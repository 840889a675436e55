"""Canonical names of parameters, and the tensors of a model under them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
        refuse_lazy(name, parameter)
        yield canonical(name), parameter


def named_tensors(model: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the parameters and buffers by canonical name; of tied ones the first name only."""
    yield from named_parameters(model)
    for name, buffer in model.named_buffers():
        refuse_lazy(name, buffer)
        yield canonical(name), buffer


def unsaved_buffers(model: torch.nn.Module) -> set[str]:
    """Return the canonical names of the buffers that a state dict leaves out."""
    return {
        canonical(f"{prefix}.{name}" if prefix else name)
        for prefix, module in model.named_modules()
        for name in module._non_persistent_buffers_set
    }


MODULE_ATTRIBUTES = frozenset(vars(torch.nn.Module()))


def named_attributes(model: torch.nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the tensors that modules keep as plain attributes, also in lists, tuples and dicts."""
    for prefix, module in model.named_modules():
        for attribute, value in vars(module).items():
            if attribute not in MODULE_ATTRIBUTES and isinstance(value, (torch.Tensor, list, tuple, dict)):
                name = canonical(f"{prefix}.{attribute}" if prefix else attribute)
                yield from _leaves(name, value, depth=3)


def _leaves(name: str, value: Any, depth: int) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        if not isinstance(value, (UninitializedParameter, UninitializedBuffer)):
            yield name, value
    elif depth and isinstance(value, (list, tuple, dict)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(f"{name}.{key}", item, depth - 1)


def refuse_lazy(name: str, tensor: torch.Tensor) -> None:
    """Raise ValueError for a parameter that has no shape yet."""
    if isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
        raise ValueError(
            f"{name} is a lazy parameter without a shape; run one forward pass with example inputs first"
        )
