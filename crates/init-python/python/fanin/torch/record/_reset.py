"""`init_`: a model that exists, initialised again by its own code or by rules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from fanin._fanin import Stream
from fanin._rules import assign
from fanin.torch._tensor import DTYPES, fill_tensor, is_dtensor
from fanin.torch.record._build import recording
from fanin.torch.record._names import canonical, named_parameters
from fanin.torch.record._plan import ModelPlan
from fanin.torch.record._tape import storage_key

_RESET = ("reset_parameters", "_reset_parameters")


def init_(
    model: torch.nn.Module, seed: int = 0, rules: Any = None, *, strict: bool = True
) -> torch.nn.Module:
    """Initialise a model that exists, in place, each parameter from the stream of its name, and return it.

    Parameters
    ----------
    model : torch.nn.Module
        On any device, wrapped or sharded.
    seed : int
    rules : optional
        A mapping from globs to initializers, a `fanin.Recipe`, its text, or a path of one; the first rule
        that
        matches wins. Without rules the modules' own ``reset_parameters`` are recorded, or ``_init_weights``
        of a transformers model.
    strict : bool
        Whether a rule that matches nothing and a parameter that nothing initialises are errors.

    Returns
    -------
    torch.nn.Module
        `model`.

    Raises
    ------
    ValueError
        If a rule is unmatched or a parameter is left; nothing is written then.

    Examples
    --------
    >>> import torch, fanin.torch
    >>> model = torch.nn.Linear(4, 2)
    >>> _ = fanin.torch.init_(model, seed=42, rules={"weight": "xavier_uniform", "bias": "zeros"})
    >>> model.bias.tolist()
    [0.0, 0.0]
    """
    if rules is not None:
        _by_rules(model, seed, rules, strict)
    else:
        own_plan(model, strict).fill_(model, seed, strict=strict)
    return model


def own_plan(model: torch.nn.Module, strict: bool) -> ModelPlan:
    """Record the reset code of a model's modules, and return the plan of it. The model keeps its values."""
    with whole_parameters(model):
        with recording() as rec:
            _reset(model)
        if strict:
            left = [
                canonical(name)
                for name, parameter in model.named_parameters()
                if storage_key(parameter) not in rec.recorder.written
            ]
            if left:
                raise ValueError(
                    f"no module resets {left[0]} ({len(left)} such parameters); give rules, build the "
                    "model with "
                    "fanin.torch.build, or pass strict=False to leave them as they are"
                )
        return rec.plan(model)


@contextlib.contextmanager
def whole_parameters(model: torch.nn.Module) -> Iterator[None]:
    """Let meta tensors of the whole shape stand for DTensors while reset code runs.

    Code that indexes a parameter, such as an embedding's padding row, would communicate on a DTensor and
    write a copy of it.
    """
    stands: dict[int, torch.nn.Parameter] = {}
    undo: list[tuple[torch.nn.Module, str, torch.nn.Parameter]] = []
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None and is_dtensor(parameter):
                undo.append((module, name, parameter))
                if id(parameter) not in stands:
                    whole = torch.empty(parameter.shape, dtype=parameter.dtype, device="meta")
                    stands[id(parameter)] = torch.nn.Parameter(whole, parameter.requires_grad)
                module._parameters[name] = stands[id(parameter)]
    try:
        yield
    finally:
        for module, name, parameter in undo:
            module._parameters[name] = parameter


def _reset(model: torch.nn.Module) -> None:
    """Run the code that models have for initialising again."""
    if hasattr(model, "_init_weights") and hasattr(model, "config"):
        for module in model.modules():
            module.__dict__.pop("_is_hf_initialized", None)
            for tensor in module._parameters.values():
                if tensor is not None and hasattr(tensor, "_is_hf_initialized"):
                    delattr(tensor, "_is_hf_initialized")
        initialise: Any = getattr(model, "initialize_weights", None) or model.init_weights
        initialise()
        return
    for module in reversed(list(model.modules())):
        for name in _RESET:
            function = getattr(module, name, None)
            if callable(function):
                function()
                break


def _by_rules(model: torch.nn.Module, seed: int, rules: Any, strict: bool) -> None:
    """Fill the parameters by rules, after all of them were checked."""
    parameters = dict(named_parameters(model))
    for name, tensor in parameters.items():
        if tensor.dtype not in DTYPES:
            raise TypeError(
                f"{name} has dtype {tensor.dtype}; parameters must be float32, float64, bfloat16 or float16"
            )
        if tensor.is_meta:
            raise ValueError(f"{name} is on the meta device; use fanin.torch.materialize_ with rules")
    fill_by_rules(parameters, seed, rules, strict)


def fill_by_rules(parameters: Mapping[str, torch.Tensor], seed: int, rules: Any, strict: bool) -> None:
    """Fill named tensors by rules."""
    from fanin.torch.cuda._ring import staging

    assigned = assign(
        {name: tuple(tensor.shape) for name, tensor in parameters.items()}, rules, strict=strict
    )
    root = Stream(seed)
    with staging(), torch.no_grad():
        for name, (initializer, layout) in assigned.items():
            fill_tensor(parameters[name], initializer, root.child(name), layout=layout)
