"""Building models under the recorder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

import torch
from torch.overrides import TorchFunctionMode

from fanin.torch.record._checkpoint import Names
from fanin.torch.record._functions import patched
from fanin.torch.record._plan import ModelPlan
from fanin.torch.record._recorder import Recorder

_P = ParamSpec("_P")
_M = TypeVar("_M", bound=torch.nn.Module)


class Recording:
    """What a block recorded; `plan` gives it names once the model is there."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._planned: dict[str, int] = {}

    def plan(self, model: torch.nn.Module, prefix: str = "", names: Names = "module") -> ModelPlan:
        """Return what each parameter of a model that was built in the block gets.

        Parameters
        ----------
        model : torch.nn.Module
            The outermost module, whose parameter names select the streams.
        prefix : str
            What comes before each name, such as ``"generator."``: two models of one block need different ones
            where their parameters have equal names.
        names : {"module", "checkpoint"}, mapping or callable
            Which names select the streams, and stand in the recipe: those in the model; those in the files
            that transformers saves; or what a mapping or callable makes of those in the model. A parameter
            that holds several tensors of a file, such as fused experts, takes the stream of each.

        Raises
        ------
        ValueError
            If another model of the block has a parameter of the same name, which would get the same values.
        """
        plan = ModelPlan(self.recorder, model, prefix=prefix, names=names)
        for name, key in plan.keys_of_storages().items():
            if self._planned.setdefault(name, key) != key:
                raise ValueError(
                    f"two models of this recording have a parameter {name}, which would get equal values; "
                    'give each a prefix, such as plan(model, prefix="generator.")'
                )
        return plan

    @property
    def forced(self) -> list[str]:
        """Operations that asked for a value before it had a name."""
        return self.recorder.forced

    @property
    def foreign(self) -> list[str]:
        """Random operations that fanin does not have."""
        return self.recorder.foreign


@contextlib.contextmanager
def recording(*, strict: bool = False) -> Iterator[Recording]:
    """Record what model code draws, instead of drawing it.

    Parameters
    ----------
    strict : bool
        Whether an operation that cannot be deferred is an error rather than a warning.

    Yields
    ------
    Recording

    Notes
    -----
    PyTorch's own generators are not advanced by what is recorded, so that random numbers after the block do
    not depend on the size of the model. Until the plan fills them, parameters have arbitrary values.

    Examples
    --------
    >>> import torch, fanin.torch
    >>> with fanin.torch.recording() as rec:
    ...     model = torch.nn.Linear(4, 2)
    >>> plan = rec.plan(model)
    >>> plan["bias"]
    'uniform(low=-0.5, high=0.5)'
    >>> _ = plan.fill_(model, seed=42)
    """
    recorder = Recorder(strict)
    with patched(recorder), recorder:
        yield Recording(recorder)


def record(function: Callable[_P, _M], *args: _P.args, **kwargs: _P.kwargs) -> tuple[_M, ModelPlan]:
    """Build a model on the meta device, without memory, and return it with what its parameters get.

    Parameters
    ----------
    function : callable
        A class or function that returns a module, such as ``transformers.GPT2LMHeadModel``.
    *args, **kwargs
        Its arguments.

    Returns
    -------
    (torch.nn.Module, ModelPlan)

    Examples
    --------
    >>> import torch, fanin.torch
    >>> model, plan = fanin.torch.record(torch.nn.Linear, 4, 2)
    >>> model.weight.is_meta, plan.materialize_(model, seed=42).weight.device.type
    (True, 'cpu')
    """
    with recording() as rec:
        model = _on_meta(function, *args, **kwargs)
    return model, rec.plan(model)


def _on_meta(function: Callable[_P, _M], *args: _P.args, **kwargs: _P.kwargs) -> _M:
    with torch.device("meta"), _Constants():
        model = function(*args, **kwargs)
        _check(model, function)
        _initialise_late(model)
    return model


def build(
    function: Callable[..., _M],
    *args: Any,
    seed: int = 0,
    device: torch.device | str = "cpu",
    rules: Any = None,
    strict: bool = True,
    names: Names = "module",
    **kwargs: Any,
) -> _M:
    """Build a model with its own code and fill each parameter from the stream of its name.

    Parameters
    ----------
    function : callable
        A class or function that returns a module.
    *args, **kwargs
        Its arguments.
    seed : int
    device : torch.device or str
        Where the model is built. On another device than the CPU the model is recorded without memory first.
    rules : optional
        Initializers by name in place of the model's own, as for `init_`.
    strict : bool
        Whether a parameter that the code never sets, or one without a rule, is an error.
    names : {"module", "checkpoint"}, mapping or callable
        Which names select the streams, see `Recording.plan`. Rules go by the names in the model.

    Returns
    -------
    torch.nn.Module

    Examples
    --------
    >>> import torch, fanin.torch
    >>> a = fanin.torch.build(torch.nn.Linear, 4, 2, seed=42)
    >>> b = fanin.torch.build(torch.nn.Linear, 4, 2, seed=42)
    >>> torch.equal(a.weight, b.weight)
    True
    """
    where = torch.device(device)
    if where.type == "meta":
        raise ValueError("device must have memory; use fanin.torch.record to build on the meta device")
    if where.type == "cpu":
        with recording() as rec:
            model = function(*args, **kwargs)
            _check(model, function)
        plan = rec.plan(model, names=names)
        if any(tensor.is_meta for tensor in model.parameters()):
            plan.materialize_(model, seed, where, strict=strict)
        else:
            plan.fill_(model, seed, strict=strict)
    else:
        with recording() as rec:
            model = _on_meta(function, *args, **kwargs)
        rec.plan(model, names=names).materialize_(model, seed, where, strict=strict)
    if rules is not None:
        from fanin.torch.record._reset import init_

        init_(model, seed, rules, strict=strict)
    return model


class _Constants(TorchFunctionMode):
    """Makes `torch.tensor` of numbers on the CPU and copies it; on the meta device it would lose them."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        device = kwargs.get("device")
        if func not in (torch.tensor, torch.as_tensor) or (
            device is not None and torch.device(device).type != "meta"
        ):
            return func(*args, **kwargs)
        return func(*args, **{**kwargs, "device": "cpu"}).to("meta")


def _check(model: object, function: Callable[..., Any]) -> None:
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"{function!r} must return a torch.nn.Module, got {type(model).__name__}")


def _initialise_late(model: torch.nn.Module) -> None:
    """Run transformers' initialisation, which its constructors leave out on the meta device."""
    initialise = getattr(model, "initialize_weights", None) or getattr(model, "init_weights", None)
    if callable(initialise) and hasattr(model, "_init_weights") and hasattr(model, "config"):
        initialise()
