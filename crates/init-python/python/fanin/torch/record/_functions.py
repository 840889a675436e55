"""torch.nn.init's own functions inside a recording: orthogonal_, sparse_, trunc_normal_, eye_, dirac_.

They compute their values step by step, so they are caught as a whole. Programs keep references to these
functions
(transformers in a dict, torchtitan in partials), so the function objects stay and their code is exchanged.
"""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch

from fanin.torch._tensor import DTYPES
from fanin.torch.record._recorder import Recorder


class _Recorders(threading.local):
    """The recorders of the running thread, the innermost last; other threads draw as always."""

    def __init__(self) -> None:
        self.stack: list[Recorder] = []


_lock = threading.RLock()
_recorders = _Recorders()
_undo: list[tuple[types.FunctionType, types.CodeType, Any]] = []
_blocks = 0


def _trunc_normal(mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0) -> str | None:
    if not std > 0 or not a < b:
        return None
    return f"truncated_normal(mean={float(mean)!r}, std={float(std)!r}, low={float(a)!r}, high={float(b)!r})"


def _orthogonal(gain: float = 1) -> str | None:
    return f"orthogonal(gain={float(gain)!r})" if gain > 0 and math.isfinite(gain) else None


def _sparse(sparsity: float, std: float = 0.01) -> str | None:
    return f"sparse(sparsity={float(sparsity)!r}, std={float(std)!r})" if std > 0 else None


def _eye() -> str | None:
    return "eye"


def _dirac(groups: int = 1) -> str | None:
    return f"dirac(groups={groups})"


_FUNCTIONS: dict[str, Callable[..., str | None]] = {
    "trunc_normal_": _trunc_normal,
    "orthogonal_": _orthogonal,
    "sparse_": _sparse,
    "eye_": _eye,
    "dirac_": _dirac,
}
_READERS = ("numpy", "tolist")
_NDIM = {"orthogonal_": range(2, 65), "sparse_": (2,), "eye_": (2,), "dirac_": (3, 4, 5)}


def _noting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that notes a call of `original` on the innermost recorder."""

    def noted(*args: Any, **kwargs: Any) -> Any:
        recorder = _recorders.stack[-1] if _recorders.stack else None
        arguments = dict(kwargs)
        rest = list(args)
        tensor = arguments.pop("tensor") if "tensor" in arguments else rest.pop(0)
        generator = arguments.pop("generator", None)
        if recorder is None or generator is not None or tensor.dtype not in DTYPES:
            return original(*args, **kwargs)
        if tensor.ndim not in _NDIM.get(name, (tensor.ndim,)) or tensor.numel() == 0:
            return original(*args, **kwargs)
        text = _FUNCTIONS[name](*rest, **arguments)
        if text is None:
            return original(*args, **kwargs)
        if name == "dirac_" and tensor.shape[0] % int(arguments.get("groups", rest[0] if rest else 1)):
            return original(*args, **kwargs)
        recorder.draw(tensor, text)
        return tensor

    return noted


def _reading(name: str) -> Callable[..., Any]:
    """Return a method of Tensor that gives a recorded tensor its values before they are read.

    These methods read memory without an operation that a recorder sees.
    """
    original = getattr(torch.Tensor, name)

    def read(self: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        if _recorders.stack:
            _recorders.stack[-1].read(self, name)
        return original(self, *args, **kwargs)

    return functools.wraps(original)(read)


@contextlib.contextmanager
def patched(recorder: Recorder) -> Iterator[None]:
    """Exchange the code of torch.nn.init's functions while the block runs, in this or in other threads."""
    global _blocks
    with _lock:
        if _blocks == 0:
            _undo.extend(_exchange())
            for name in _READERS:
                setattr(torch.Tensor, name, _reading(name))
        _blocks += 1
    _recorders.stack.append(recorder)
    try:
        yield
    finally:
        _recorders.stack.remove(recorder)
        with _lock:
            _blocks -= 1
            if _blocks == 0:
                for function, code, defaults in _undo:
                    function.__code__, function.__defaults__ = code, defaults
                _undo.clear()
                for name in _READERS:
                    delattr(torch.Tensor, name)


def _exchange() -> list[tuple[types.FunctionType, types.CodeType, Any]]:
    """Exchange the code of all functions, and return what undoes it."""
    module = torch.nn.init.__dict__
    undo = []
    for name in _FUNCTIONS:
        function = module[name]
        code, defaults = function.__code__, function.__defaults__
        original = types.FunctionType(code, module, name, defaults, function.__closure__)
        module["_fanin_" + name] = _noting(name, original)
        scope: dict[str, Any] = {}
        exec(f"def {name}(*args, **kwargs): return _fanin_{name}(*args, **kwargs)", scope)
        undo.append((function, code, defaults))
        function.__defaults__ = None
        function.__code__ = scope[name].__code__
    return undo
