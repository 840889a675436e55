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
    Initializer,
    Resolved,
    Shard,
    Stream,
    __version__,
    fans,
    fill,
    gain,
    get_num_threads,
    info,
    resolve,
    set_num_threads,
)
from fanin._initializers import InitializerInfo, ParameterInfo, initializers
from fanin._numpy import bit_generator, empty, init

__all__ = [
    "VALUE_FORMAT",
    "Initializer",
    "InitializerInfo",
    "ParameterInfo",
    "Resolved",
    "Shard",
    "Stream",
    "__version__",
    "bit_generator",
    "empty",
    "fans",
    "fill",
    "gain",
    "get_num_threads",
    "info",
    "init",
    "initializers",
    "resolve",
    "set_num_threads",
]
