"""The mode that notes random operations instead of running them."""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_map_only

from fanin._fanin import Stream
from fanin.torch._tensor import DTYPES
from fanin.torch.record._tape import Draw, Replay, Tape, is_dense, storage_key, tensors, whole_storage

_EMPTY = {
    "aten::empty",
    "aten::empty_like",
    "aten::empty_strided",
    "aten::new_empty",
    "aten::new_empty_strided",
}
_COPIES = {"aten::clone", "aten::_to_copy"}
_OVERWRITING = {
    *("aten::random_", "aten::bernoulli_", "aten::exponential_", "aten::cauchy_"),
    *("aten::geometric_", "aten::log_normal_", "aten::uniform_", "aten::normal_"),
}
_FACTORIES = {
    "aten::randn": "normal(mean=0.0, std=1.0)",
    "aten::randn_like": "normal(mean=0.0, std=1.0)",
    "aten::rand": "uniform(low=0.0, high=1.0)",
    "aten::rand_like": "uniform(low=0.0, high=1.0)",
}


class RecordingWarning(UserWarning):
    """A model's code did something that cannot be deferred; the message says what, and with which values."""


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes what is drawn where while model code runs, and what is computed from it.

    Attributes
    ----------
    forced : list of str
        Operations that asked for a value before parameters had names, such as ``item``. They got values of
        ``Stream(0)``, by the order of asking.
    foreign : list of str
        Random operations that fanin does not have, such as ``exponential_``. PyTorch draws them, seeded by
        the parameter's name; its default generator is not advanced.
    """

    def __init__(self, strict: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.strict = strict
        self.tape = Tape()
        self.forced: list[str] = []
        self.foreign: list[str] = []
        self.written: set[int] = set()
        # Memory of torch.empty that nothing has written; alive, so that no other memory has its key.
        self.unwritten: dict[int, torch.Tensor] = {}

    def draw(self, tensor: torch.Tensor, text: str) -> None:
        """Note that a tensor is filled with the values of an initializer."""
        whole = is_dense(tensor)
        self._write(tensor, whole)
        self.tape.add(Draw(tensor, text), (), (tensor,), whole)

    def read(self, tensor: torch.Tensor, operation: str) -> None:
        """Give a tensor its values before a program reads its memory."""
        if tensor.is_meta or tensor.layout is not torch.strided:
            return
        self.unwritten.pop(storage_key(tensor), None)
        if storage_key(tensor) in self.tape:
            self._force(tensor, operation)

    def _write(self, tensor: torch.Tensor, whole: bool) -> None:
        """Note that a recorded operation writes a tensor; keep the values of one that it writes in part."""
        key = storage_key(tensor)
        self.written.add(key)
        empty = self.unwritten.pop(key, None) is not None
        if whole or empty or tensor.is_meta or key in self.tape or hasattr(tensor, "_local_tensor"):
            return
        with _disable_current_modes():
            everything = whole_storage(tensor)
            values = everything.clone()
        node = Replay(torch.ops.aten.clone.default, (values,), {}, [everything])
        self.tape.add(node, (), (everything,), True)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name = func._schema.name
        if torch.Tag.nondeterministic_seeded in func.tags:
            return self._random(func, name, args, kwargs)
        if name in _EMPTY:
            return self._empty(func(*args, **kwargs))
        inputs = tensors(args, kwargs)
        on_meta = _is_meta(inputs, kwargs)
        pending = [tensor for tensor in inputs if storage_key(tensor) in self.tape]
        if not pending and not on_meta:
            return self._plain(func, name, args, kwargs, inputs)
        if name in _COPIES and storage_key(inputs[0]) in self.unwritten:
            return self._empty(func(*args, **kwargs))
        if _written(func):
            return self._in_place(func, name, args, kwargs, inputs, on_meta)
        if any(result.alias_info is not None for result in func._schema.returns):
            return func(*args, **kwargs)
        if (
            any(result.type.kind() == "NumberType" for result in func._schema.returns)
            or name
            in (
                "aten::equal",
                "aten::is_nonzero",
            )
            or _leaves_meta(name, inputs, kwargs)
        ):
            return self._value(func, name, args, kwargs, pending)
        return self._computed(func, args, kwargs, inputs, on_meta)

    def _plain(
        self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], inputs: list[torch.Tensor]
    ) -> Any:
        """Run an operation on tensors that have values."""
        copied = name in _COPIES or name == "aten::copy_"
        empty = copied and storage_key(inputs[-1]) in self.unwritten
        if _written(func):
            for target in _targets(func, args, kwargs):
                self.written.add(storage_key(target))
                self.unwritten.pop(storage_key(target), None)
        result = func(*args, **kwargs)
        return self._empty(result) if empty else result

    def _empty(self, tensor: torch.Tensor) -> torch.Tensor:
        """Note that the values of a tensor are arbitrary."""
        if tensor.numel() and tensor.layout is torch.strided:
            self.unwritten[storage_key(tensor)] = tensor
        return tensor

    def _random(self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Note a random operation, or run one that is not fanin's with a generator of its own."""
        text = None
        target = args[0] if args and isinstance(args[0], torch.Tensor) else None
        own_generator = kwargs.get("generator") is not None
        if target is not None and target.dtype in DTYPES and not own_generator:
            text = _distribution(func, args, kwargs)
        if text is not None and target is not None:
            self.draw(target, text)
            return target
        if name in _FACTORIES and not own_generator:
            kwargs = {key: value for key, value in kwargs.items() if key != "generator"}
            if name.endswith("_like"):
                out = torch.empty_like(args[0], **kwargs)
            else:
                size: Any = args[0]
                out = torch.empty(size, **kwargs)
            if out.dtype in DTYPES:
                self.draw(out, _FACTORIES[name])
                return out
        self._report(self.foreign, f"{name.removeprefix('aten::')} is not a distribution of fanin")
        inputs = tensors(args, kwargs)
        targets = _targets(func, args, kwargs)
        if own_generator:
            for tensor in inputs:
                if storage_key(tensor) in self.tape and tensor is not target:
                    self._force(tensor, name)
            result = func(*args, **kwargs)
            for tensor in targets:
                self.written.add(storage_key(tensor))
                self.unwritten.pop(storage_key(tensor), None)
                self.tape.forget(storage_key(tensor))
            return result
        kwargs = {key: value for key, value in kwargs.items() if key != "generator"}
        if not targets:
            return self._computed(func, args, kwargs, inputs, _is_meta(inputs, kwargs), random=True)
        whole = name in _OVERWRITING and is_dense(targets[0])
        self._write(targets[0], whole)
        reads = [tensor for tensor in inputs if not (whole and tensor is targets[0])]
        node = Replay(func, args, kwargs, None, versions=self._versions(reads), random=True)
        self.tape.add(node, reads, targets, whole)
        return targets[0]

    def _in_place(
        self,
        func: Any,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[torch.Tensor],
        on_meta: bool,
    ) -> Any:
        """Note an operation that writes a recorded tensor or a meta tensor."""
        targets = _targets(func, args, kwargs)
        target = targets[0]
        if name in ("aten::zero_", "aten::fill_") and is_dense(target):
            value = 0.0 if name == "aten::zero_" else args[1]
            if not isinstance(value, torch.Tensor):
                if on_meta and target.dtype in DTYPES and math.isfinite(value):
                    self.draw(target, f"constant(value={float(value)!r})")
                    return target
                if not on_meta:
                    return self._overwrite(func, args, kwargs, target)
        whole = name in ("aten::copy_", "aten::zero_", "aten::fill_") and is_dense(target)
        reads = [tensor for tensor in inputs if not (whole and tensor is target)]
        if whole and not on_meta and not any(storage_key(tensor) in self.tape for tensor in reads):
            return self._overwrite(func, args, kwargs, target)
        for written in targets:
            self._write(written, whole)
        node = Replay(func, args, kwargs, None, versions=self._versions(reads))
        self.tape.add(node, reads, targets, whole)
        if not func._schema.returns:
            return None
        return target if len(targets) == 1 else tuple(targets)

    def _overwrite(
        self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], target: torch.Tensor
    ) -> Any:
        """Run an operation that gives all of a recorded tensor other values."""
        key = storage_key(target)
        self.written.add(key)
        self.unwritten.pop(key, None)
        self.tape.forget(key)
        return func(*args, **kwargs)

    def _computed(
        self,
        func: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[torch.Tensor],
        on_meta: bool,
        random: bool = False,
    ) -> Any:
        """Note an operation that computes new tensors; on the CPU they get memory and no values yet."""
        if on_meta:
            result = func(*args, **kwargs)
        else:
            result = _without_values(func, args, kwargs, inputs)
        outputs = tensors(result)
        node = Replay(func, args, kwargs, outputs, versions=self._versions(inputs), random=random)
        self.tape.add(node, inputs, outputs, True)
        return result

    def _value(
        self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], pending: list[torch.Tensor]
    ) -> Any:
        """Give a program the number that it asks for."""
        from fanin.torch.record._replay import values_now

        for tensor in pending:
            if not tensor.is_meta:
                self._force(tensor, name)
        on_meta = [tensor for tensor in tensors(args, kwargs) if tensor.is_meta]
        if on_meta:
            indices = self.tape.closure([storage_key(tensor) for tensor in on_meta])
            if any(
                isinstance(node, Draw) and node.random for node in map(self.tape.nodes.__getitem__, indices)
            ):
                self._report(self.forced, f"{name.removeprefix('aten::')} asks for a random value")
            stream = Stream(0).child("forced").child(len(self.forced))
            args, kwargs = values_now(self.tape, (args, kwargs), stream)
        return func(*args, **kwargs)

    def _force(self, tensor: torch.Tensor, name: str) -> None:
        """Give a tensor its values now, from a stream by the order of asking."""
        from fanin.torch.record._replay import materialise_now

        operation = name.removeprefix("aten::")
        self._report(self.forced, f"{operation} asks for a value of a tensor of shape {tuple(tensor.shape)}")
        stream = Stream(0).child("forced").child(len(self.forced))
        materialise_now(self.tape, tensor, stream)

    def _report(self, reports: list[str], what: str) -> None:
        reports.append(what)
        if self.strict:
            raise RuntimeError(f"cannot be deferred: {what}; leave out strict=True to accept values by order")
        with _disable_current_modes():
            warnings.warn(f"not deferred: {what}", RecordingWarning, stacklevel=4)

    def _versions(self, inputs: list[torch.Tensor]) -> list[tuple[torch.Tensor, int]]:
        """Return the versions of the inputs that have values already."""
        return [
            (tensor, tensor._version)
            for tensor in inputs
            if not tensor.is_meta and storage_key(tensor) not in self.tape and not tensor.is_inference()
        ]


def _arguments(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return (argument of the schema, value) for the arguments that were passed."""
    schema = func._schema.arguments
    pairs = list(zip(schema, args, strict=False))
    return pairs + [(argument, kwargs[argument.name]) for argument in schema if argument.name in kwargs]


def _written(func: Any) -> bool:
    """Return whether an operation writes one of its arguments."""
    return any(
        argument.alias_info is not None and argument.alias_info.is_write
        for argument in func._schema.arguments
    )


def _targets(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[torch.Tensor]:
    """Return the tensors that an operation writes."""
    return [
        tensor
        for argument, value in _arguments(func, args, kwargs)
        if argument.alias_info is not None and argument.alias_info.is_write
        for tensor in tensors(value)
    ]


def _is_meta(inputs: list[torch.Tensor], kwargs: dict[str, Any]) -> bool:
    device = kwargs.get("device")
    return any(tensor.is_meta for tensor in inputs) or (
        device is not None and torch.device(device).type == "meta"
    )


def _leaves_meta(name: str, inputs: list[torch.Tensor], kwargs: dict[str, Any]) -> bool:
    """Return whether an operation copies from the meta device to one with memory."""
    device = kwargs.get("device")
    return (
        name == "aten::_to_copy"
        and device is not None
        and torch.device(device).type != "meta"
        and any(tensor.is_meta for tensor in inputs)
    )


def _distribution(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """Return the initializer of an in-place random operation; None if it is not one of fanin's."""
    aten = torch.ops.aten

    def value(position: int, name: str, default: float) -> float:
        return float(args[position] if len(args) > position else kwargs.get(name, default))

    if func is aten.uniform_.default:
        low, high = value(1, "from", 0.0), value(2, "to", 1.0)
        if low == high:
            return f"constant(value={low!r})"
        return f"uniform(low={low!r}, high={high!r})" if low < high else None
    if func is aten.normal_.default:
        mean, std = value(1, "mean", 0.0), value(2, "std", 1.0)
        if std == 0:
            return f"constant(value={mean!r})"
        return f"normal(mean={mean!r}, std={std!r})" if std > 0 else None
    return None


def _without_values(
    func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], inputs: list[torch.Tensor]
) -> Any:
    """Run an operation for its shapes alone, and return tensors of uninitialised memory."""
    device = kwargs.get("device") or next((tensor.device for tensor in inputs), torch.device("cpu"))

    def shape_only(tensor: torch.Tensor) -> torch.Tensor:
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")

    with _disable_current_modes():
        meta_args, meta_kwargs = tree_map_only(torch.Tensor, shape_only, (args, dict(kwargs)))
        if meta_kwargs.get("device") is not None:
            meta_kwargs["device"] = torch.device("meta")
        result = func(*meta_args, **meta_kwargs)
        return tree_map_only(
            torch.Tensor,
            lambda out: torch.empty_strided(out.shape, out.stride(), dtype=out.dtype, device=device),
            result,
        )
