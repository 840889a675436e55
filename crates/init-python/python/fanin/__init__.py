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
from fanin._checks import Diff, Difference, Inspection, Verification
from fanin._initializers import InitializerInfo, ParameterInfo, initializers
from fanin._model import diff, init_file, inspect, plan, verify
from fanin._numpy import bit_generator, empty, init

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
