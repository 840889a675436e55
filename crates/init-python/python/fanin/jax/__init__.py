"""JAX: initializers with the signatures of jax.nn.initializers, arrays over a mesh, and trees by path."""

from fanin.jax import initializers
from fanin.jax._array import init
from fanin.jax._key import stream_of_key
from fanin.jax._tree import init_tree

__all__ = ["init", "init_tree", "initializers", "stream_of_key"]
