"""JAX's initializers: values, keys, transformations, trees."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

import fanin  # noqa: E402
import fanin.jax  # noqa: E402
from fanin.jax import initializers  # noqa: E402

NAMES = [name for name in initializers.__all__ if name not in ("initializer", "ones", "zeros", "constant")]


def make(name: str) -> object:
    """Return an initializer with default parameters."""
    if name == "variance_scaling":
        return initializers.variance_scaling(1.0, "fan_avg", "normal")
    return getattr(initializers, name)()


def shape_of(name: str) -> tuple[int, ...]:
    return (3, 8, 8) if name == "delta_orthogonal" else (64, 32)


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_those_of_jax_and_stream(name: str) -> None:
    ours = list(inspect.signature(getattr(initializers, name)).parameters.values())
    theirs = list(inspect.signature(getattr(jax.nn.initializers, name)).parameters.values())
    assert [p.name for p in ours] == [p.name for p in theirs] + ["stream"]
    assert [p.default for p in ours[:-1]] == [p.default for p in theirs]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_jit_and_vmap_give_the_eager_values(name: str, dtype: str) -> None:
    function, shape = make(name), shape_of(name)
    keys = jax.random.split(jax.random.key(3), 2)
    eager = [function(key, shape, dtype) for key in keys]
    compiled = jax.jit(lambda key: function(key, shape, dtype))(keys[0])
    mapped = jax.vmap(lambda key: function(key, shape, dtype))(keys)
    assert np.asarray(eager[0]).tobytes() == np.asarray(compiled).tobytes()
    assert np.asarray(jnp.stack(eager)).tobytes() == np.asarray(mapped).tobytes()
    assert np.asarray(eager[0]).tobytes() != np.asarray(eager[1]).tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_moments_are_those_of_jax(name: str) -> None:
    shape = (3, 64, 64) if name == "delta_orthogonal" else (300, 200)
    theirs = jax.nn.initializers
    reference = (
        theirs.variance_scaling(1.0, "fan_avg", "normal")
        if name == "variance_scaling"
        else getattr(theirs, name)()
    )
    ours, expected = make(name)(jax.random.key(0), shape), reference(jax.random.key(0), shape)
    assert ours.dtype == expected.dtype and ours.shape == expected.shape
    # Six standard errors of the standard deviation of 60,000 values with kurtosis up to 3.
    assert abs(float(ours.std()) / float(expected.std()) - 1) < 6 * (0.5 / 60000) ** 0.5 * 2**0.5
    assert abs(float(ours.mean() - expected.mean())) < 6 * 2**0.5 * float(expected.std()) / 60000**0.5
    assert float(abs(ours).max()) < 1.6 * float(abs(expected).max())


@pytest.mark.parametrize("implementation", ["threefry2x32", "rbg", "unsafe_rbg"])
def test_typed_and_raw_keys_of_every_implementation_select_a_stream(implementation: str) -> None:
    key = jax.random.key(7, impl=implementation)
    raw = jax.random.key_data(key)
    assert fanin.jax.stream_of_key(key) == fanin.jax.stream_of_key(raw)
    assert fanin.jax.stream_of_key(key) != fanin.jax.stream_of_key(jax.random.key(8, impl=implementation))


def test_a_key_has_the_stream_of_its_seed() -> None:
    assert fanin.jax.stream_of_key(jax.random.key(7)) == fanin.Stream(7)


def test_an_explicit_stream_replaces_the_key() -> None:
    stream = fanin.Stream(4).child("w")
    function = initializers.normal(0.02, stream=stream)
    a, b = function(jax.random.key(0), (5,)), function(jax.random.key(1), (5,))
    assert np.array_equal(a, b)
    assert np.array_equal(a, fanin.init((5,), "normal(std=0.02)", stream))


def test_fans_are_those_of_jax_axes() -> None:
    function = initializers.lecun_normal(in_axis=0, out_axis=(1, 2), batch_axis=())
    w = function(jax.random.key(0), (100, 30, 20))
    assert abs(float(w.std()) - 0.1) < 0.002


@pytest.mark.parametrize("bad", [3, "key", None, np.zeros(2, np.float32)])
def test_what_is_not_a_key_is_refused(bad: object) -> None:
    with pytest.raises(TypeError, match="key must be"):
        initializers.normal()(bad, (2, 2))


def test_batches_of_keys_and_other_dtypes_are_refused() -> None:
    with pytest.raises(TypeError, match="vmap"):
        initializers.normal()(jax.random.split(jax.random.key(0)), (2, 2))
    for dtype in ("complex64", "int32"):
        with pytest.raises(TypeError, match="float32"):
            initializers.normal()(jax.random.key(0), (2, 2), dtype)
    with pytest.raises(ValueError):
        initializers.lecun_normal()(jax.random.key(0), (3,))


def test_a_tree_is_filled_by_paths_and_rules_cover_it() -> None:
    tree = {"a": {"kernel": jax.ShapeDtypeStruct((4, 6), jnp.bfloat16)}, "step": jnp.int32(3)}
    filled = fanin.jax.init_tree(tree, 1, {"*.kernel": "lecun_normal"})
    assert filled["a"]["kernel"].dtype == jnp.bfloat16 and int(filled["step"]) == 3
    for rules in ({"*.bias": "zeros", "*": "ones"}, {"b.*": "zeros"}):
        with pytest.raises(ValueError, match="match|rule"):
            fanin.jax.init_tree(tree, 1, rules)


def test_equinox_modules_are_filled_by_attribute_paths() -> None:
    equinox = pytest.importorskip("equinox")
    abstract = equinox.filter_eval_shape(equinox.nn.MLP, 4, 8, 16, 2, key=jax.random.key(0))
    model = fanin.jax.init_tree(abstract, 1, {"**.weight": ("lecun_normal", "torch"), "**.bias": "zeros"})
    assert model(jnp.ones(4)).shape == (8,)


def test_import_does_not_import_torch_or_keras() -> None:
    code = "import sys, fanin.jax; assert not {'torch', 'keras', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_streams_of_keys_pickle() -> None:
    stream = fanin.jax.stream_of_key(jax.random.key(1))
    assert pickle.loads(pickle.dumps(stream)) == stream


def test_every_sharding_over_eight_devices_equals_one_device() -> None:
    pytest.importorskip("flax")
    script = Path(__file__).with_name("devices.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "294 sharded arrays" in done.stdout and "passed" in done.stdout


def test_a_key_that_jit_closes_over_gives_the_eager_values() -> None:
    function = initializers.normal(0.02)
    for key in (jax.random.key(3), jax.random.PRNGKey(3)):
        compiled = jax.jit(lambda key=key: function(key, (4, 5)))()
        assert np.array_equal(compiled, function(key, (4, 5)))
        assert jax.eval_shape(lambda key=key: function(key, (4, 5))).shape == (4, 5)


def test_eval_shape_fills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = fanin.Stream(4)
    functions = [initializers.normal(), initializers.normal(stream=stream)]
    expected = functions[1](None, (3,))
    assert np.array_equal(jax.jit(lambda: functions[1](None, (3,)))(), expected)

    def fail(*_arguments: object, **_keywords: object) -> None:
        raise AssertionError("filled")

    monkeypatch.setattr("fanin.jax._array.host_array", fail)
    monkeypatch.setattr("fanin.jax.initializers.host_array", fail)
    for function in functions:
        assert jax.eval_shape(lambda function=function: function(jax.random.PRNGKey(0), (3,))).shape == (3,)


def test_a_partition_spec_needs_the_mesh_of_the_context() -> None:
    spec = jax.sharding.PartitionSpec("x")
    function, key = initializers.normal(), jax.random.key(0)
    with jax.set_mesh(jax.make_mesh((1,), ("x",))):
        sharded = function(key, (8, 4), None, spec)
        traced = jax.jit(lambda key: function(key, (8, 4), None, spec))(key)
    assert np.array_equal(sharded, function(key, (8, 4))) and np.array_equal(traced, sharded)
    with pytest.raises(ValueError, match="set_mesh"):
        function(key, (8, 4), None, spec)


def test_a_leaf_called_value_keeps_its_name_and_a_variable_has_its_own() -> None:
    leaf = jax.ShapeDtypeStruct((3,), jnp.float32)
    filled = fanin.jax.init_tree({"attention": {"value": leaf}}, 1, {"attention.value": "normal"})
    expected = fanin.jax.init((3,), "normal", 1, name="attention.value")
    assert np.array_equal(filled["attention"]["value"], expected)
    nnx = pytest.importorskip("flax.nnx")
    model = nnx.eval_shape(lambda: nnx.Linear(2, 3, rngs=nnx.Rngs(0)))
    state = fanin.jax.init_tree(nnx.state(model), 1, {"kernel": "normal", "bias": "zeros"})
    assert np.array_equal(state["kernel"][...], fanin.jax.init((2, 3), "normal", 1, name="kernel"))


def test_a_complex_leaf_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="phase.*complex64"):
        fanin.jax.init_tree({"phase": jax.ShapeDtypeStruct((3,), jnp.complex64)}, 1, {"*": "normal"})
