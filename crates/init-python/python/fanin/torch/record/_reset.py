"""`init_`: a model that exists, initialised again by its own code or by rules."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from fanin._fanin import Stream
from fanin._rules import assign
from fanin.torch._tensor import DTYPES, fill_tensor, is_dtensor
from fanin.torch.record._build import recording
from fanin.torch.record._names import canonical, named_parameters, refuse_lazy
from fanin.torch.record._plan import ModelPlan
from fanin.torch.record._recorder import Recorder
from fanin.torch.record._tape import Replay, storage_key

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
    with recording() as rec, stand_ins(model) as (originals, restore):
        _note_values(rec.recorder, originals)
        given = dict(rec.recorder.tape.sources)
        _reset(model)
        for key, source in given.items():
            if rec.recorder.tape.sources.get(key) == source:
                rec.recorder.tape.forget(key)
        if strict:
            left = [
                canonical(name)
                for name, parameter in model.named_parameters()
                if storage_key(parameter) not in rec.recorder.written
            ]
            if left:
                raise ValueError(
                    f"no module resets {left[0]} ({len(left)} such parameters); give rules, build the model "
                    "with fanin.torch.build, or pass strict=False to leave them as they are"
                )
        untouched = {storage_key(stand) for stand, _ in originals} - rec.recorder.written
        plan = ModelPlan(rec.recorder, model, untouched)
        restore()
    return plan


def _note_values(recorder: Recorder, originals: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Note the values that the stand-ins have, for code that reads them or writes them in part."""
    for stand, original in originals:
        if not original.is_meta and not is_dtensor(original):
            node = Replay(torch.ops.aten.clone.default, (original.detach(),), {}, [stand])
            recorder.tape.add(node, (), (stand,), True)


@contextlib.contextmanager
def stand_ins(
    model: torch.nn.Module,
) -> Iterator[tuple[list[tuple[torch.Tensor, torch.Tensor]], Callable[[], None]]]:
    """Let meta tensors stand for the parameters and buffers of a model while reset code runs.

    The model keeps its values whatever that code does. A DTensor's stand-in has the whole shape: code that
    indexes it, such as an embedding's padding row, would communicate and write a copy.

    Yields
    ------
    list of (torch.Tensor, torch.Tensor)
        Each stand-in, and what it stands for.
    callable
        Puts the model's own tensors back; the end of the block does so too.
    """
    stands: dict[int, torch.Tensor] = {}
    undo: list[tuple[dict[str, Any], str, torch.Tensor]] = []
    originals: list[tuple[torch.Tensor, torch.Tensor]] = []

    def restore() -> None:
        for tensors, name, tensor in undo:
            tensors[name] = tensor

    try:
        with _disable_current_modes():
            for module in model.modules():
                for tensors in (module._parameters, module._buffers):
                    for name, tensor in list(tensors.items()):
                        if tensor is None:
                            continue
                        refuse_lazy(name, tensor)
                        if id(tensor) not in stands:
                            stands[id(tensor)] = _stand_in(tensor)
                            originals.append((stands[id(tensor)], tensor))
                        undo.append((tensors, name, tensor))
                        tensors[name] = stands[id(tensor)]  # type: ignore[assignment]
        yield originals, restore
    finally:
        restore()


def _stand_in(tensor: torch.Tensor) -> torch.Tensor:
    """Return a meta tensor of the shape, of a DTensor of the whole shape."""
    stand = torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
    if not is_dtensor(tensor) and not tensor.is_contiguous():
        stand = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(stand, tensor.requires_grad)
    return stand


def _reset(model: torch.nn.Module) -> None:
    """Run the code that models have for initialising again."""
    if hasattr(model, "_init_weights") and hasattr(model, "config"):
        for module in model.modules():
            module.__dict__.pop("_is_hf_initialized", None)
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
