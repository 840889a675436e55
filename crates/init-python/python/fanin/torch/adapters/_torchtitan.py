"""torchtitan: callables for the ``param_init`` of its modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from fanin._fanin import Initializer, Stream
from fanin._rules import assign
from fanin.torch._tensor import fill_tensor
from fanin.torch.record._names import canonical


def param_init(
    initializer: str | Initializer, seed: int, name: str, *, layout: str = "torch"
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return a callable that fills one parameter, for an entry of torchtitan's ``param_init``.

    Parameters
    ----------
    initializer : str or fanin.Initializer
    seed : int
    name : str
        The full name of the parameter in the model: it selects the stream, so that the values do not depend
        on the layout of shards, on the number of layers, or on their order.
    layout : str

    Examples
    --------
    >>> import torch, fanin.torch
    >>> fill = fanin.torch.adapters.param_init("normal(std=0.02)", seed=42, name="tok_embeddings.weight")
    >>> fill(torch.empty(3, 4)).shape
    torch.Size([3, 4])
    """
    parsed = initializer if isinstance(initializer, Initializer) else Initializer(initializer)
    stream = Stream(seed).child(name)

    def fill(parameter: torch.Tensor) -> torch.Tensor:
        fill_tensor(parameter, parsed, stream, layout=layout)
        return parameter

    return fill


def set_param_init(model: torch.nn.Module, seed: int, rules: Any, *, strict: bool = True) -> torch.nn.Module:
    """Give every module of a torchtitan model the ``param_init`` that rules name; ``init_states`` then "
    "uses it.

    Parameters
    ----------
    model : torchtitan.protocols.module.Module
        On the meta device or not, before or after it is parallelised.
    seed : int
    rules : mapping, fanin.Recipe, str or path
        Initializers by glob over full parameter names.
    strict : bool
        Whether an unmatched rule and a parameter without a rule are errors.

    Returns
    -------
    torch.nn.Module
        `model`.
    """
    shapes = {canonical(name): tuple(parameter.shape) for name, parameter in model.named_parameters()}
    assigned = assign(shapes, rules, strict=strict)
    for prefix, module in model.named_modules():
        own: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {}
        for name, _ in module.named_parameters(recurse=False):
            full = canonical(f"{prefix}.{name}" if prefix else name)
            if full in assigned:
                initializer, layout = assigned[full]
                own[name] = param_init(initializer, seed, full, layout=layout)
        if own:
            merged: Any = {**(getattr(module, "_param_init", None) or {}), **own}
            module._param_init = merged
    return model
