"""`init_tree`: a tree of arrays by the paths of its leaves."""

from __future__ import annotations

from typing import Any

import jax

from fanin._fanin import Stream
from fanin._rules import assign
from fanin.jax._array import init


def init_tree(abstract: Any, seed: int, rules: Any, *, shardings: Any = None, strict: bool = True) -> Any:
    """Return a tree of the same structure with initial values, each leaf from the stream of its path.

    Parameters
    ----------
    abstract : pytree
        Arrays or ``jax.ShapeDtypeStruct``s: of ``nnx.eval_shape`` and ``nnx.state``,
        ``eqx.filter_eval_shape``,
        ``jax.eval_shape`` of a Flax module's ``init``. Leaves without a floating-point dtype stay as they
        are.
    seed : int
    rules : mapping, fanin.Recipe, str or path
        Initializers by glob over the paths, such as ``{"**.kernel": "lecun_normal", "**.bias": "zeros"}``.
        Paths are joined by dots: ``layers.0.kernel``.
    shardings : pytree, optional
        A sharding for each leaf, or one for all. Without it a leaf's own sharding is used, if it has one.
    strict : bool
        Whether an unmatched rule and a leaf without a rule are errors.

    Returns
    -------
    pytree

    Examples
    --------
    >>> import jax, jax.numpy as jnp, fanin.jax
    >>> tree = {"w": jax.ShapeDtypeStruct((2, 3), jnp.float32), "b": jax.ShapeDtypeStruct((3,), jnp.float32)}
    >>> filled = fanin.jax.init_tree(tree, seed=42, rules={"w": "glorot_uniform", "b": "zeros"})
    >>> filled["b"].tolist()
    [0.0, 0.0, 0.0]
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(abstract)
    where = _shardings(shardings, structure, len(leaves))
    variables = _variables(abstract)
    named = [(leaf_name(path, variables), leaf) for path, leaf in leaves]
    shapes: dict[str, tuple[int, ...]] = {}
    for name, leaf in named:
        if jax.numpy.issubdtype(getattr(leaf, "dtype", None) or bool, jax.numpy.complexfloating):
            raise TypeError(
                f"{name} has dtype {leaf.dtype}; leaves must be float32, float64, bfloat16 or float16: "
                "make its parts"
            )
        if _fillable(leaf):
            if name in shapes:
                raise ValueError(f"two leaves of the tree have the path {name}")
            shapes[name] = tuple(leaf.shape)
    assigned = assign(shapes, rules, strict=strict, layout="jax")
    root = Stream(seed)
    filled = []
    for (name, leaf), sharding in zip(named, where, strict=True):
        if name in assigned and _fillable(leaf):
            initializer, layout = assigned[name]
            place = sharding if sharding is not None else getattr(leaf, "sharding", None)
            leaf = init(
                leaf.shape, initializer, root.child(name), dtype=leaf.dtype, sharding=place, layout=layout
            )
        filled.append(leaf)
    return jax.tree_util.tree_unflatten(structure, filled)


def leaf_name(path: tuple[Any, ...], variables: frozenset[str] = frozenset()) -> str:
    """Return the path of a leaf as dotted text; the leaf inside a Flax variable has the variable's path."""
    if _dotted(path[:-1]) in variables:
        path = path[:-1]
    return _dotted(path)


def _dotted(path: tuple[Any, ...]) -> str:
    return str(jax.tree_util.keystr(path, simple=True, separator="."))


def _variables(tree: Any) -> frozenset[str]:
    """Return the paths of the Flax NNX variables in a tree, whose values are leaves one step below."""
    found = jax.tree_util.tree_flatten_with_path(tree, is_leaf=_is_variable)[0]
    return frozenset(_dotted(path) for path, leaf in found if _is_variable(leaf))


def _is_variable(node: Any) -> bool:
    """Return whether a node is a variable of Flax NNX, without importing Flax."""
    bases = type(node).__mro__
    return any(base.__name__ == "Variable" and base.__module__.startswith("flax.nnx") for base in bases)


def _fillable(leaf: Any) -> bool:
    """Return whether a leaf is an array of a floating-point dtype, or describes one."""
    dtype = getattr(leaf, "dtype", None)
    return dtype is not None and hasattr(leaf, "shape") and jax.numpy.issubdtype(dtype, jax.numpy.floating)


def _shardings(shardings: Any, structure: Any, count: int) -> list[Any]:
    """Return a sharding or None for each leaf."""
    if shardings is None or isinstance(shardings, jax.sharding.Sharding):
        return [shardings] * count
    leaves = jax.tree_util.tree_leaves(shardings, is_leaf=lambda leaf: leaf is None)
    if len(leaves) != count:
        raise ValueError(f"shardings must have the {count} leaves of the tree, got {len(leaves)}")
    return list(leaves)
