"""Initial weights of neural networks at the speed of memory, with the same bits on every machine.

Each value depends only on the seed, the parameter's name, the initializer and the index in the whole tensor.
The guide is ``docs/python.md``; `fanin.torch`, `fanin.jax` and `fanin.keras` are imported by name.

Examples
--------
>>> import fanin
>>> weight = fanin.init((256, 784), "xavier_uniform", fanin.Stream(42).child("fc.weight"))
>>> weight.shape
(256, 784)
"""

from __future__ import annotations

from fanin._fanin import (
    VALUE_FORMAT,
    Entry,
    Initializer,
    Plan,
    Recipe,
    Resolved,
    Shard,
    Stream,
    __version__,
    fans,
    fill,
    gain,
    get_num_threads,
    info,
    presets,
    resolve,
    set_num_threads,
)
from fanin._model import diff, init_file, inspect, plan, verify
from fanin._numpy import bit_generator, empty, init

TYPE_CHECKING = False  # As type checkers read it; importing typing takes longer than this package.
if TYPE_CHECKING:
    from fanin._checks import Diff, Difference, Inspection, Verification
    from fanin._initializers import InitializerInfo, ParameterInfo, initializers

__all__ = [
    "VALUE_FORMAT",
    "Diff",
    "Difference",
    "Entry",
    "Initializer",
    "InitializerInfo",
    "Inspection",
    "ParameterInfo",
    "Plan",
    "Recipe",
    "Resolved",
    "Shard",
    "Stream",
    "Verification",
    "__version__",
    "bit_generator",
    "diff",
    "empty",
    "fans",
    "fill",
    "gain",
    "get_num_threads",
    "info",
    "init",
    "init_file",
    "initializers",
    "inspect",
    "plan",
    "presets",
    "resolve",
    "set_num_threads",
    "verify",
]


# Modules with dataclasses, which take longer to import than all the rest.
_LATER = {
    "Diff": "fanin._checks",
    "Difference": "fanin._checks",
    "Inspection": "fanin._checks",
    "InitializerInfo": "fanin._initializers",
    "ParameterInfo": "fanin._initializers",
    "Verification": "fanin._checks",
    "initializers": "fanin._initializers",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module 'fanin' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
