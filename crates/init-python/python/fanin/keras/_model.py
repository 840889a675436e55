"""`init_`: the variables of a built model by rules."""

from __future__ import annotations

from typing import Any

import keras

import fanin
from fanin._fanin import Stream
from fanin._rules import assign


def init_(model: keras.Model, seed: int, rules: Any, *, strict: bool = True) -> keras.Model:
    """Assign initial values to the weights of a built model, each from the stream of its path, and return it.

    Parameters
    ----------
    model : keras.Model
        Built, so that its variables have shapes.
    seed : int
    rules : mapping, fanin.Recipe, str or path
        Initializers by glob over the paths of the variables, such as ``{"*/kernel": "glorot_uniform"}``.
    strict : bool
        Whether an unmatched rule and a weight without a rule are errors.

    Examples
    --------
    >>> import keras, fanin.keras
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="fc")])
    >>> _ = fanin.keras.init_(model, 42, {"*kernel": "glorot_uniform", "*bias": "zeros"})
    """
    if not model.built:
        raise ValueError(
            "the model must be built: call model.build(input_shape) or pass it example inputs first"
        )
    variables = {variable.path: variable for variable in model.weights if _is_float(variable)}
    if len(variables) != sum(_is_float(variable) for variable in model.weights):
        raise ValueError("two variables of the model have the same path; give their layers different names")
    shapes = {path: tuple(variable.shape) for path, variable in variables.items()}
    root = Stream(seed)
    values = {}
    for path, (initializer, layout) in assign(shapes, rules, strict=strict, layout="keras").items():
        dtype = variables[path].dtype
        values[path] = fanin.init(shapes[path], initializer, root.child(path), dtype=dtype, layout=layout)
    for path, value in values.items():
        variables[path].assign(keras.ops.convert_to_tensor(value, dtype=variables[path].dtype))
    return model


def _is_float(variable: Any) -> bool:
    return variable.dtype in ("float32", "float64", "float16", "bfloat16")
