"""Over eight host devices: every sharding equals one device, and each distinct shard is made once."""

import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"

import fanin  # noqa: E402
import fanin.jax  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from fanin.jax import _array, initializers  # noqa: E402
from flax import nnx  # noqa: E402
from jax.sharding import NamedSharding  # noqa: E402
from jax.sharding import PartitionSpec as P  # noqa: E402

SPECS = [P(), P("x"), P(None, "y"), P("x", "y"), P("y", "x"), P(("x", "y")), P(None, ("x", "y"))]


def bits(array: jax.Array) -> bytes:
    """Return the bytes of an array."""
    return np.ascontiguousarray(np.asarray(array)).tobytes()


def main() -> None:
    """Compare every sharding, count the shards that are made, and compare nnx.jit with eager."""
    assert len(jax.devices()) == 8
    mesh = jax.make_mesh((2, 4), ("x", "y"))
    functions = [
        initializers.normal(0.02),
        initializers.he_uniform(),
        initializers.truncated_normal(0.02),
        initializers.glorot_normal(),
        initializers.orthogonal(),
    ]
    key = jax.random.key(5)
    count = 0
    for dtype in (jnp.float32, jnp.bfloat16, jnp.float16):
        for shape in [(64, 48), (8, 16), (16, 8, 24)]:
            for spec in SPECS:
                sharding = NamedSharding(mesh, spec)
                for function in functions[: 5 if len(shape) == 2 else 4]:
                    one = function(key, shape, dtype)
                    many = function(key, shape, dtype, sharding)
                    assert many.sharding.is_equivalent_to(sharding, len(shape))
                    assert bits(one) == bits(many), (dtype, shape, spec)
                    count += 1
    print(f"{count} sharded arrays equal one device's")

    made = []
    original = _array.host_array
    _array.host_array = lambda *arguments: (made.append(arguments[-1]), original(*arguments))[1]
    fanin.jax.init((64, 48), "normal", 1, sharding=NamedSharding(mesh, P("x")))
    assert len(made) == 2, f"two distinct shards on eight devices, made {len(made)}"
    _array.host_array = original

    class Mlp(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.a = nnx.Linear(64, 128, kernel_init=initializers.he_normal(), rngs=rngs)
            self.b = nnx.Linear(128, 8, kernel_init=initializers.he_normal(), rngs=rngs)

    eager = Mlp(nnx.Rngs(0))
    compiled = nnx.jit(lambda: Mlp(nnx.Rngs(0)))()
    assert bits(eager.a.kernel[...]) == bits(compiled.a.kernel[...]), "nnx.jit equals eager"
    assert bits(eager.a.kernel[...][:, :8]) != bits(eager.b.kernel[...][:64]), "layers differ"
    abstract = nnx.state(nnx.eval_shape(lambda: Mlp(nnx.Rngs(0))), nnx.Param)
    sharding = NamedSharding(mesh, P())
    rules = {"*.kernel": "lecun_normal", "*.bias": "zeros"}
    state = fanin.jax.init_tree(abstract, seed=3, rules=rules, shardings=sharding)
    expected = fanin.jax.init((64, 128), "lecun_normal", 3, name="a.kernel")
    assert bits(state["a"]["kernel"][...]) == bits(expected), "a leaf has the stream of its path"
    print("passed")


if __name__ == "__main__":
    main()
