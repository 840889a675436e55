"""JAX: arrays over a mesh of eight host devices, and a Flax model by tree paths."""

import os

os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.sharding import NamedSharding, PartitionSpec

import fanin
import fanin.jax

mesh = jax.make_mesh((2, 4), ("data", "model"))
stream = fanin.Stream(42).child("w")

# Each device gets its shard; each distinct shard is made once, with the values of the whole.
sharding = NamedSharding(mesh, PartitionSpec(None, "model"))
weight = fanin.jax.init((1024, 4096), "lecun_normal", stream, sharding=sharding)
assert np.array_equal(weight, fanin.jax.init((1024, 4096), "lecun_normal", stream))
print(f"{len(weight.addressable_shards)} shards of shape {weight.addressable_shards[0].data.shape}")

# In the place of jax.nn.initializers: the key selects the stream, under jit as well.
init = fanin.jax.initializers.he_normal()
key = jax.random.key(0)
assert np.array_equal(init(key, (64, 32)), jax.jit(lambda key: init(key, (64, 32)))(key))


# A Flax model by the paths of its parameters, without initialising it twice.
class Mlp(nnx.Module):
    """Two linear layers."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.up = nnx.Linear(64, 256, rngs=rngs)
        self.down = nnx.Linear(256, 64, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Apply both layers."""
        return self.down(nnx.relu(self.up(x)))


graph, parameters = nnx.split(nnx.eval_shape(lambda: Mlp(nnx.Rngs(0))))
rules = {"*.kernel": "lecun_normal", "*.bias": "zeros"}
model = nnx.merge(graph, fanin.jax.init_tree(parameters, seed=42, rules=rules))
print(f"output of shape {model(jnp.ones((2, 64))).shape}")
